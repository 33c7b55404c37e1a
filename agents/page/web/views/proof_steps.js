// What the check of a proof found, step by step, with the values that it compared.
import {facts, h, sign} from "../h.js";
import {number, t, time} from "../words.js";
import {verify} from "../verify.js";

const hash = text => text && h("code", {class: "hash"}, text);
const state = holds => holds === null ? "open" : holds ? "good" : "bad";

const levels = list => list.length > 0 && h("details", {}, h("summary", {}, t("proof.levels", {n: list.length})),
  h("ol", {class: "levels"}, list.map(level =>
    h("li", {}, facts([[t(`proof.sibling.${level.side}`), hash(level.sibling)], [t("proof.together"), hash(level.hash)]])))));

/** What each step shows. */
const SHOWN = {
  says: f => [[t("leaf.at"), f.at && time(f.at)], [t("leaf.sender"), f.sender], [t("leaf.recipient"), f.recipient]],
  leaf_hash: f => [[t("proof.hash"), hash(f.hash)]],
  path: f => [[t("proof.place"), f.size !== undefined && t("proof.place.of", {leaf: f.leaf, size: f.size})],
              [t("proof.path"), f.levels && levels(f.levels)]],
  checkpoint: f => [[t("proof.origin"), f.origin], [t("proof.size"), f.size !== undefined && number(f.size)], [t("proof.root"), hash(f.root)]],
  root: f => [[t("proof.computed"), hash(f.computed) || t("proof.none")], [t("proof.signed"), hash(f.signed) || t("proof.none")]],
  signature: signature,
  cosignature: signature,
};

function signature(f) {
  return [[t("proof.key.name"), f.name], [t("proof.key"), hash(f.key)], [t("proof.key.id"), hash(f.key_id)],
          [t("proof.line.id"), f.key_id === f.line_id ? null : hash(f.line_id)], [t("proof.time"), f.time && time(f.time)],
          [t("proof.signature"), hash(f.signature)]];
}

function told(step) {
  const name = t(`proof.is.${state(step.holds)}`);
  const shown = SHOWN[step.code](step.facts);
  if (step.facts.error)
    shown.push([t("fault.found"), step.facts.error]);
  return h("li", {class: `step ${state(step.holds)}`, "data-step": step.code, "data-holds": String(step.holds)},
    h("p", {}, sign(state(step.holds), name), " ", h("strong", {}, t(`proof.step.${step.code}`)), " ",
      step.holds !== true && h("span", {class: "said"}, step.holds === null ? t("proof.noEd25519") : name)), facts(shown));
}

/** Checks the leaf and promises the nodes that tell of it. */
export async function proofSteps(leaf) {
  if (!globalThis.crypto?.subtle)
    return h("p", {class: "fault", role: "alert"}, t("proof.noCrypto"));
  const steps = await verify(leaf);
  const holds = steps.some(step => step.holds === false) ? false : steps.some(step => step.holds === null) ? null : true;
  return [
    h("p", {class: `verdict ${state(holds)}`, role: "status", id: "proof-verdict"}, sign(state(holds), t(`proof.is.${state(holds)}`)), " ",
      t(`proof.all.${state(holds)}`, {n: steps.filter(step => step.code === "cosignature" && step.holds).length})),
    h("ol", {class: "steps"}, steps.map(told)),
    h("p", {class: "quiet"}, t("proof.trust")),
  ];
}
