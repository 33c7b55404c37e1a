// Four pictures of the trail. What one of them shows stands in a table too, and everything in it leads to the leaves behind it.
import {ask, csv} from "../api.js";
import {picture} from "../draw.js";
import {h, table} from "../h.js";
import {daysOf, monthsOf, periodForm} from "../period.js";
import {to} from "../router.js";
import {t} from "../words.js";
import {flows, responseTimes, volumes, withheld} from "./picture_parts.js";

/** What each asks, over which unit of time, and how its answer becomes a table and a drawing. */
const PICTURES = {flows, response_times: responseTimes, withheld, volumes};

async function section(name, params, path, drawn, signal) {
  const {unit, tell} = PICTURES[name];
  const period = unit === "day" ? daysOf(params) : monthsOf(params);
  const head = [h("h2", {id: name}, t(`picture.${name}`)), h("p", {}, t(`picture.${name}.explain`)), periodForm(path, params, unit, name)];
  let told;
  try {
    told = tell(await ask(name, period, signal), period);
  } catch (error) {
    if (error.name === "AbortError" || error.status === undefined)
      throw error;
    return h("section", {class: "picture"}, head, h("p", {class: "fault"}, t("picture.failed"), " ", error.what, " ", error.expected ?? ""));
  }
  const listed = table(t("picture.table", {title: t(`picture.${name}`)}), told.heads, told.rows);
  return h("section", {class: "picture", "data-picture": name}, head,
    told.rows.length === 0 ? h("p", {class: "none"}, t("picture.none")) : picture(t(`picture.${name}`), told.drawing, drawn, listed, signal),
    [told.note].flat().filter(Boolean).map(words => h("p", {class: "quiet"}, words)),
    h("p", {class: "actions"}, h("a", {href: csv(name, period), download: true}, t("picture.csv"))));
}

export async function pictures({rest: [name], params, signal}) {
  if (name !== undefined && !PICTURES[name])
    throw Object.assign(new Error(name), {status: 404, what: name});
  const names = name ? [name] : Object.keys(PICTURES);
  const path = name ? `pictures/${name}` : "pictures";
  const {charts} = await ask("status", {}, signal);
  const sections = await Promise.all(names.map(one => section(one, params, path, charts, signal)));
  const tab = (one, words) => h("li", {}, h("a", {href: to(one ? `pictures/${one}` : "pictures"), "aria-current": one === (name ?? "") && "page"}, words));
  return {title: t("pictures.title"), content: [
    h("nav", {class: "tabs", "aria-label": t("pictures.label")}, h("ul", {}, tab("", t("pictures.all")), Object.keys(PICTURES).map(one => tab(one, t(`picture.${one}`))))),
    sections,
    charts && h("p", {class: "quiet"}, h("a", {href: "/licences.txt"}, t("pictures.licences"))),
  ]};
}
