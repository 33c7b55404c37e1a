// One case, to read and to print: who received which fields, when, on what ground, and what was withheld.
import {ask} from "../api.js";
import {facts, h, table} from "../h.js";
import {party} from "../leaf_table.js";
import {toLeaf} from "../router.js";
import {label, number, t, time} from "../words.js";
import {listed, withheldFields} from "./record.js";

function message(one) {
  return h("li", {class: "message"},
    h("h3", {}, label("message_type", one.type), " · ", time(one.at)),
    facts([
      [t("leaf.number"), h("a", {href: toLeaf(one.leaf)}, number(one.leaf))],
      [t("leaf.sender"), party(one.sender, one.sender_name)], [t("leaf.recipient"), party(one.recipient, one.recipient_name)],
      [t("leaf.service"), label("service", one.service)], [t("leaf.outcome"), label("outcome", one.outcome)],
      [t("record.reason"), label("reason", one.reason)], [t("record.basis"), label("basis", one.basis)],
      [t("record.emergency"), label("emergency", one.emergency)], [t("record.forwarded"), listed("field", one.forwarded)],
      [t("record.withheld"), withheldFields(one.withheld)],
      [t("record.consents"), one.consents?.length > 0 && h("ul", {}, one.consents.map(consent => h("li", {}, h("code", {}, consent.id))))],
      [t("record.acknowledged"), one.acknowledged && time(one.acknowledged)], [t("record.ack"), label("ack", one.ack)]]));
}

export async function oneCase({rest: [id = ""], signal}) {
  const found = await ask(`case/${encodeURIComponent(id)}`, {}, signal);
  return {title: t("case.title"), content: [
    facts([[t("case.id"), h("code", {class: "hash"}, found.case)], [t("case.messages"), number(found.messages.length)]]),
    h("p", {class: "quiet"}, t("case.explain")),
    h("p", {class: "actions"}, h("button", {type: "button", onclick: () => print()}, t("case.print"))),
    found.recipients?.length > 0 && h("section", {id: "recipients"}, h("h2", {}, t("case.recipients")), table(t("case.recipients"), [t("participant.name"), t("case.received"), t("case.passedOn")],
      found.recipients.map(one => [party(one.id, one.id_name), listed("field", one.received) || "", listed("field", one.passed_on) || ""]))),
    h("h2", {}, t("case.messages")),
    h("ol", {class: "messages"}, found.messages.map(message)),
  ]};
}
