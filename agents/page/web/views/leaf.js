// One leaf: what it says, its record where there are case keys, and its proof.
import {ask} from "../api.js";
import {facts, fill, h} from "../h.js";
import {toLeaf} from "../router.js";
import {label, number, t, time} from "../words.js";
import {party} from "../leaf_table.js";
import {proofSteps} from "./proof_steps.js";
import {recordFacts} from "./record.js";

function proof(leaf) {
  if (!leaf.proof)
    return h("p", {}, t("proof.notYet"));
  const place = h("div", {id: "proof"});
  const button = h("button", {type: "button", id: "verify", onclick: async () => {
    fill(place, h("p", {role: "status"}, t("proof.checking")));
    fill(place, await proofSteps(leaf));
  }}, t("proof.verify"));
  return [h("p", {}, t("proof.explain", {size: leaf.proof.size})),
    h("p", {class: "actions"}, button, " ", h("a", {href: `/api/leaf/${leaf.leaf}/proof`, download: true}, t("proof.download"))), place];
}

export async function leaf({rest: [index], signal}) {
  const [found, status] = await Promise.all([ask(`leaf/${encodeURIComponent(index ?? "")}`, {}, signal), ask("status", {}, signal)]);
  const at = found.leaf;
  return {title: t("leaf.title", {leaf: at}), content: [
    h("nav", {class: "actions", "aria-label": t("leaf.around")},
      at > 0 && h("a", {href: toLeaf(at - 1), rel: "prev"}, t("leaf.before", {leaf: at - 1})), " ",
      at + 1 < status.size && h("a", {href: toLeaf(at + 1), rel: "next"}, t("leaf.after", {leaf: at + 1}))),
    h("section", {}, h("h2", {}, t("leaf.says")), facts([
      [t("leaf.number"), number(at)], [t("leaf.at"), time(found.at)], [t("leaf.kind"), found.unreadable ? t("leaf.unreadable") : label("kind", found.kind)],
      [t("leaf.sender"), party(found.sender, found.sender_name)], [t("leaf.recipient"), party(found.recipient, found.recipient_name)],
      [t("leaf.service"), label("service", found.service)], [t("leaf.outcome"), label("outcome", found.outcome)],
      [t("leaf.reason"), label("reason", found.reason)]])),
    found.record && h("section", {}, h("h2", {}, t("record.title")), h("p", {class: "quiet"}, t("record.explain")), facts(recordFacts(found.record))),
    h("section", {}, h("h2", {}, t("proof.title")), proof(found)),
  ]};
}
