// The indicators as one table: details down; months, agencies or services across.
import {address, ask, csv} from "../api.js";
import {h, sign, table} from "../h.js";
import {toParticipant} from "../router.js";
import {monthsOf, periodForm} from "../period.js";
import {known, label, month, number, t, tOr} from "../words.js";

const BY = ["month", "agency", "service"];
const KINDS = ["reason", "basis", "emergency", "assessment", "answer", "decline", "step", "obligation", "notice_kind"];

/** A count; "<5" and "-" are suppressed ones, which the words above the tables explain. */
const figure = value => typeof value === "number" ? number(value) : value;
const nameOf = one => tOr(`indicator.${one.code}`, one.counts);
const COLUMN = {month, agency: code => h("a", {href: toParticipant(code)}, code), service: code => code === "-" ? t("indicators.noService") : label("service", code)};

/** A detail is a code of some kind of the vocabulary, a rule's number, or a word of its own such as within_24h. */
function detailName(code) {
  const rule = /^rule_(\d+)$/.exec(code);
  if (rule)
    return t("record.rule", {rule: rule[1]});
  const words = KINDS.map(kind => known(kind, code)).find(Boolean);
  return words ?? tOr(`detail.${code}`, code.replaceAll("_", " "));
}

function indicatorTable(one, {columns, by}) {
  const used = columns.filter(column => one.by[column] !== undefined || one.details.some(detail => detail.by[column] !== undefined));
  const row = (name, line) => [name, ...used.map(column => figure(line.by[column] ?? 0)), figure(line.total)];
  const details = one.details.filter(detail => detail.detail !== "-");
  return h("section", {"data-indicator": one.code}, h("h2", {}, nameOf(one)),
    table(nameOf(one), [t("indicators.detail"), ...used.map(column => [COLUMN[by](column), "number"]), [t("indicators.total"), "number"]],
      [...details.map(detail => row(detailName(detail.detail), detail)), row(t("indicators.total"), one)]));
}

/** What must never happen, at a glance. */
const neverList = list => list.length > 0 && h("section", {id: "never"}, h("h2", {}, t("indicators.never")), h("ul", {class: "signs"}, list.map(one =>
  h("li", {}, sign(one.total === 0 ? "good" : "bad", t(one.total === 0 ? "verification.sign.good" : "verification.sign.bad")), " ", nameOf(one), ": ", figure(one.total)))));

export async function indicators({params, signal}) {
  const by = BY.includes(params.get("by")) ? params.get("by") : "month";
  const question = {...monthsOf(params), by};
  const found = await ask("indicators", question, signal);
  const counted = one => one.total !== 0;
  const empty = found.indicators.filter(one => !counted(one) && !one.must_be_zero);
  const choice = h("div", {class: "field"}, h("label", {for: "by"}, t("indicators.by")),
    h("select", {id: "by", name: "by"}, BY.map(one => h("option", {value: one, selected: one === by}, t(`indicators.by.${one}`)))));
  return {title: t("indicators.title"), content: [
    h("p", {}, t("indicators.explain")),
    periodForm("indicators", params, "month", "indicators", choice),
    h("p", {class: "actions"}, h("a", {href: csv("indicators", question), download: true}, t("picture.csv")), " ",
      h("a", {href: address("indicators", question), download: "indicators.json"}, t("indicators.json"))),
    neverList(found.indicators.filter(one => one.must_be_zero)),
    found.indicators.filter(counted).map(one => indicatorTable(one, found)),
    empty.length > 0 && h("section", {id: "nothing"}, h("h2", {}, t("indicators.nothing")), h("ul", {}, empty.map(one => h("li", {}, nameOf(one))))),
  ]};
}
