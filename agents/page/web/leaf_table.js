// Leaves as rows, for every list of them.
import {h, table} from "./h.js";
import {toLeaf, toParticipant} from "./router.js";
import {label, number, t, time} from "./words.js";

/** A participant's name, leading to what is known of it. */
export const party = (id, name) => id && h("a", {href: toParticipant(id), title: id}, name || id);

const outcome = code => code && h("span", {class: `outcome ${code}`}, label("outcome", code));

export function leafTable(caption, leaves) {
  return table(caption, [[t("leaf.number"), "number"], t("leaf.at"), t("leaf.kind"), t("leaf.sender"), t("leaf.recipient"), t("leaf.service"),
                         t("leaf.outcome"), t("leaf.reason")],
    leaves.map(one => [h("a", {href: toLeaf(one.leaf)}, number(one.leaf)), h("time", {datetime: one.at}, time(one.at)), one.unreadable ? t("leaf.unreadable") : label("kind", one.kind), party(one.sender, one.sender_name),
      party(one.recipient, one.recipient_name), label("service", one.service), outcome(one.outcome), label("reason", one.reason)]));
}
