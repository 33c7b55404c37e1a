// The indicators as one table: details down; months, agencies or services across.
import {ask, csv, address} from "../api.js";
import {h, table} from "../h.js";
import {monthsOf, periodForm} from "../period.js";
import {known, label, month, number, t, tOr} from "../words.js";

const BY = ["month", "agency", "service"];
const KINDS = ["reason", "basis", "emergency", "assessment", "ack", "obligation", "decline", "service"];

const figure = value => typeof value === "number" ? number(value) : value ?? "";
const columnName = (by, code) => code === "total" ? t("indicators.total") : by === "month" ? month(code) : by === "service" ? label("service", code) : code;

/** A detail is a code of some kind of the vocabulary, or a word of its own such as within_24h. */
function detailName(code) {
  if (code === "total")
    return t("indicators.total");
  for (const kind of KINDS) {
    const words = known(kind, code);
    if (words)
      return words;
  }
  return tOr(`detail.${code}`, code.replaceAll("_", " "));
}

function indicatorTable(one, columns, by) {
  const name = tOr(`indicator.${one.code}`, one.text ?? one.code.replaceAll("_", " "));
  return h("section", {"data-indicator": one.code}, h("h2", {}, name),
    table(name, [t("indicators.detail"), ...columns.map(code => [columnName(by, code), "number"])],
      one.details.map(detail => [detailName(detail.code), ...detail.figures.map(figure)])));
}

export async function indicators({params, signal}) {
  const by = BY.includes(params.get("by")) ? params.get("by") : "month";
  const question = {...monthsOf(params), by};
  const found = await ask("indicators", question, signal);
  const choice = h("div", {class: "field"}, h("label", {for: "by"}, t("indicators.by")),
    h("select", {id: "by", name: "by"}, BY.map(one => h("option", {value: one, selected: one === by}, t(`indicators.by.${one}`)))));
  return {title: t("indicators.title"), content: [
    h("p", {}, t("indicators.explain")),
    periodForm("indicators", params, "month", "indicators", choice),
    h("p", {class: "actions"}, h("a", {href: csv("indicators", question), download: true}, t("picture.csv")), " ",
      h("a", {href: address("indicators", question), download: "indicators.json"}, t("indicators.json"))),
    found.indicators.length > 0 ? found.indicators.map(one => indicatorTable(one, found.columns, by)) : h("p", {id: "none"}, t("picture.none")),
  ]};
}
