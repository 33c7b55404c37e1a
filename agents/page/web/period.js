// A period of days or months, as the address has it, and the form to choose one.
import {h} from "./h.js";
import {go, to} from "./router.js";
import {t} from "./words.js";

const PRESETS = [30, 90, 365];
const dayText = date => date.toISOString().slice(0, 10);
const daysAgo = days => dayText(new Date(Date.now() - days * 86400000));

/** {from, until} as days, both included; without any the last 90 days. */
export const daysOf = params => ({from: params.get("from") ?? daysAgo(89), until: params.get("until") ?? daysAgo(0)});

/** The same in months; without any the last twelve. */
export function monthsOf(params) {
  const now = new Date();
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11, 1));
  return {from: (params.get("from") ?? dayText(first)).slice(0, 7), until: (params.get("until") ?? dayText(now)).slice(0, 7)};
}

/** The first and the last day of a month. */
export const daysOfMonth = month => ({from: `${month}-01`, until: dayText(new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)))});

/** A form that leads to `path` with another period; `unit` is "day" or "month", `name` sets ids apart, `more` are fields beside it. */
export function periodForm(path, params, unit, name, more = []) {
  const {from, until} = unit === "day" ? daysOf(params) : monthsOf(params);
  const type = unit === "day" ? "date" : "month";
  const field = (key, value) => h("div", {class: "field"}, h("label", {for: `${name}-${key}`}, t(`filter.${key}`)),
    h("input", {id: `${name}-${key}`, name: key, type, value, required: true, pattern: unit === "month" && "[0-9]{4}-[0-9]{2}"}));
  const submit = event => {
    event.preventDefault();
    go(to(path, new URLSearchParams(new FormData(event.target))));
  };
  return h("form", {class: "period", onsubmit: submit}, more, field("from", from), field("until", until), h("button", {}, t("filter.show")),
    unit === "day" && h("span", {class: "presets"}, PRESETS.map(days =>
      h("a", {href: to(path, {...Object.fromEntries(params), from: daysAgo(days - 1), until: daysAgo(0)})}, t("period.days", {n: days})))));
}
