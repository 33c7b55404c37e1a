// What oversight's record adds to a leaf: names of fields, reasons, rules; never a value.
import {h} from "../h.js";
import {toLeaf} from "../router.js";
import {label, number, t, time} from "../words.js";

export const listed = (kind, codes) => codes?.length > 0 && h("ul", {class: "codes"}, codes.map(code => h("li", {}, label(kind, code))));

/** [{reason, fields}] as a list of lists. */
export const withheldFields = groups => groups?.length > 0 && h("ul", {}, groups.map(group =>
  h("li", {}, `${label("reason", group.reason)}: `, group.fields.map(field => label("field", field)).join(", "))));

/** The pairs of a definition list. */
export function recordFacts(record) {
  return [
    [t("record.type"), label("message_type", record.type)],
    [t("record.outcome"), label("outcome", record.outcome)],
    [t("record.reason"), label("reason", record.true_reason)],
    [t("record.basis"), label("basis", record.basis)],
    [t("record.emergency"), label("emergency", record.emergency)],
    [t("record.forwarded"), listed("field", record.forwarded)],
    [t("record.withheld"), withheldFields(record.withheld)],
    [t("record.missing"), listed("assessment", record.missing)],
    [t("record.obligations"), listed("obligation", record.obligations)],
    [t("record.rules"), record.rules?.length > 0 && record.rules.map(rule => t("record.rule", {rule})).join(", ")],
    [t("record.consents"), record.consents?.length > 0 && h("ul", {}, record.consents.map(consent => h("li", {}, h("code", {}, consent.id))))],
    [t("record.earlier"), record.earlier !== undefined && h("a", {href: toLeaf(record.earlier)}, number(record.earlier))],
    [t("record.subject"), record.subject],
    [t("record.acknowledged"), record.acknowledged && time(record.acknowledged)],
    [t("record.ack"), label("ack", record.ack)],
  ];
}
