// At a glance: does the trail verify and since when, who vouches for it, and what needs attention.
import {ask} from "../api.js";
import {facts, fill, h, sign} from "../h.js";
import {to, toLeaf, toParticipant} from "../router.js";
import {day, number, t, time, tOr} from "../words.js";

const RUNNING_MS = 1000, QUIET_MS = 30000;
const SIGNS = {never: "wait", running: "wait", verifies: "good", does_not_verify: "bad", could_not_check: "open"};

function fault(found) {
  return found && h("div", {class: "fault", role: "alert"}, facts([
    [t("fault.leaf"), found.leaf !== undefined && h("a", {href: toLeaf(found.leaf)}, number(found.leaf))], [t("fault.file"), found.file],
    [t("fault.what"), found.what], [t("fault.expected"), found.expected], [t("fault.found"), found.found]]));
}

function verdict(status) {
  const {verification: v} = status;
  const state = SIGNS[v.state] ?? "open";
  const done = v.progress && h("p", {}, h("progress", {max: v.progress.of || 1, value: v.progress.done, "aria-label": t("verification.progress")}), " ",
    t("verification.of", {done: v.progress.done, of: v.progress.of}));
  return h("section", {class: `verdict-card ${state}`, "data-state": v.state},
    h("p", {class: `verdict ${state}`}, sign(state, t(`verification.sign.${state}`)), " ", h("span", {id: "verdict", role: "status"}, t(`verification.${v.state}`))),
    done, fault(v.fault),
    facts([[t("verification.leaves"), v.leaves !== undefined && number(v.leaves)], [t("verification.checked"), time(v.checked_at)],
           [t("verification.since"), v.state !== "does_not_verify" && time(v.holds_since)],
           [t("verification.recorded"), number(status.size)],
           [t("verification.indexed"), status.indexed < status.size && number(status.indexed)]]));
}

function witnesses({witnesses: w}) {
  const enough = w.vouching >= w.quorum;
  const state = w.vouching === 0 && enough ? "open" : enough ? "good" : "bad";
  const key = state === "open" ? "witnesses.none" : w.quorum === 0 ? "witnesses.some" : enough ? "witnesses.enough" : "witnesses.few";
  return h("section", {}, h("h2", {}, t("witnesses.title")),
    h("p", {}, sign(state, t(`verification.sign.${state}`)), " ", t(key, {n: w.vouching, quorum: w.quorum, size: w.of_size ?? 0})),
    w.names.length > 0 && h("ul", {}, w.names.map(one => h("li", {}, h("a", {href: toParticipant(one.id)}, one.id), " ", one.since && t("witnesses.since", {at: time(one.since)})))));
}

function heads({checkpoint: c, timestamps}) {
  const newest = timestamps.newest;
  const state = newest?.checked ? "good" : "open";
  return h("section", {}, h("h2", {}, t("heads.title")),
    c ? facts([[t("heads.signer"), c.signer], [t("heads.size"), number(c.size)], [t("heads.root"), h("code", {class: "hash"}, c.root)]]) : h("p", {}, t("heads.none")),
    newest ? h("p", {}, sign(state, t(`verification.sign.${state}`)), " ",
      t(newest.checked ? "timestamps.checked" : "timestamps.unchecked", {n: timestamps.count, size: newest.size, at: time(newest.at)}))
      : h("p", {}, sign("open", t("verification.sign.open")), " ", t("timestamps.none")));
}

function card(item) {
  const words = tOr(`attention.${item.kind}`, item.kind.replaceAll("_", " "));
  const count = item.count === null ? t("attention.unknown") : number(item.count);
  return h("li", {class: item.count > 0 ? "card open" : "card", "data-kind": item.kind},
    h("a", {href: to("leaves", new URLSearchParams(item.list))}, h("span", {class: "count"}, count), " ", h("span", {}, words)),
    item.since && h("p", {class: "quiet"}, t("attention.since", {day: day(item.since)})),
    item.count === null && h("p", {class: "quiet"}, t("attention.closed")));
}

function attention(found) {
  return h("section", {}, h("h2", {}, t("attention.title")),
    found.items.length > 0 ? h("ul", {class: "cards"}, found.items.map(card)) : h("p", {}, t("attention.none")),
    h("p", {class: "quiet"}, t("attention.asOf", {n: found.as_of})));
}

/** Shows the state anew while the reader stays: often while a check runs, else now and then. */
async function watch(place, status, signal) {
  let shown = status;
  while (!signal.aborted) {
    await new Promise(wake => setTimeout(wake, shown.verification.state === "running" ? RUNNING_MS : QUIET_MS));
    try {
      shown = await ask("status", {}, signal);
      const text = JSON.stringify([shown.verification, shown.witnesses, shown.size]);
      if (!signal.aborted && text !== place.dataset.shown) {
        place.dataset.shown = text;
        fill(place, verdict(shown));
      }
    } catch (error) {
      if (error.name === "AbortError")
        return;
    }
  }
}

export async function overview({signal}) {
  const [status, waiting] = await Promise.all([ask("status", {}, signal), ask("attention", {}, signal).catch(error => {
    if (error.name === "AbortError")
      throw error;
    return null; // the verdict is shown all the same
  })]);
  const place = h("div", {}, verdict(status));
  watch(place, status, signal);
  return {title: t("overview.title", {country: status.country}), content: [
    place,
    waiting ? attention(waiting) : h("section", {}, h("h2", {}, t("attention.title")), h("p", {}, t("attention.failed"))),
    h("div", {class: "beside"}, witnesses(status), heads(status)),
  ]};
}
