// The list of leaves, with filters that stand in the address.
import {ask} from "../api.js";
import {h} from "../h.js";
import {leafTable} from "../leaf_table.js";
import {go, to} from "../router.js";
import {codes, label, number, t, tOr} from "../words.js";

/** What can be asked for: name, and how: "day", "text", or the kind of code. Those of RECORDS take the case keys. */
const FILTERS = [["from", "day"], ["until", "day"], ["participant", "text"], ["sender", "text"], ["recipient", "text"], ["service", "service"],
                 ["outcome", "outcome"], ["reason", "reason"], ["kind", "kind"]];
const RECORDS = [["true_reason", "reason"], ["rule", "number"], ["case", "text"]];
/** Set by links alone; shown as what the list is restricted to. */
const FIXED = ["attention", "withheld", "role"];

function control([name, how], params) {
  const id = `filter-${name}`, value = params.get(name) ?? "";
  let field;
  if (how === "day")
    field = h("input", {id, name, type: "date", value: value.slice(0, 10)});
  else if (how === "number")
    field = h("input", {id, name, type: "number", min: 1, max: 20, value});
  else if (how === "text")
    field = h("input", {id, name, type: "text", value, autocomplete: "off", spellcheck: "false"});
  else
    field = h("select", {id, name}, h("option", {value: ""}, t("filter.any")),
      codes(how).map(([code, words]) => h("option", {value: code, selected: code === value}, words)));
  return h("div", {class: "field"}, h("label", {for: id}, t(`filter.${name}`)), field);
}

function form(params, open) {
  const submit = event => {
    event.preventDefault();
    const chosen = new URLSearchParams(new FormData(event.target));
    for (const name of FIXED) {
      if (params.get(name))
        chosen.set(name, params.get(name));
    }
    go(to("leaves", chosen));
  };
  const controls = [...FILTERS, ...(open ? RECORDS : [])].map(filter => control(filter, params));
  const used = [...params.keys()].some(name => name !== "before" && !FIXED.includes(name));
  return h("details", {open: used || matchMedia("(min-width: 60rem)").matches, class: "filters"}, h("summary", {}, t("filter.title")),
    h("form", {onsubmit: submit}, controls, h("div", {class: "actions"}, h("button", {}, t("filter.show")), " ", h("a", {href: to("leaves")}, t("filter.clear")))));
}

function restrictedTo(params) {
  const named = {attention: value => tOr(`attention.${value}`, value), withheld: value => `${t("filter.withheld")}: ${label("reason", value)}`,
                 role: value => `${t("filter.role")}: ${label("role", value)}`};
  return FIXED.filter(name => params.get(name)).map(name => {
    const without = new URLSearchParams(params);
    without.delete(name);
    without.delete("before");
    return h("p", {class: "restricted"}, t("filter.only", {what: named[name](params.get(name))}), " ", h("a", {href: to("leaves", without)}, t("filter.remove")));
  });
}

/** Where the rest of the list is. */
function further(found, params) {
  if (found.before === null || found.before === undefined)
    return h("p", {class: "quiet"}, t("leaves.end"));
  const next = new URLSearchParams(params);
  next.set("before", found.before);
  return h("p", {class: "actions"}, found.scanned && h("span", {}, t("leaves.scanned", {done: found.scanned.done, of: found.scanned.of}), " "),
    h("a", {href: to("leaves", next), id: "older"}, t(found.scanned && found.leaves.length === 0 ? "leaves.lookOn" : "leaves.older")));
}

export async function leaves({params, signal}) {
  const [found, status] = await Promise.all([ask("leaves", params, signal), ask("status", {}, signal)]);
  const first = new URLSearchParams(params);
  first.delete("before");
  const count = found.total === null || found.total === undefined ? null : h("p", {id: "total"}, t("leaves.total", {n: found.total}));
  return {title: t("leaves.title"), content: [
    form(params, status.records === "open"), restrictedTo(params), count,
    params.get("before") && h("p", {}, h("a", {href: to("leaves", first)}, t("leaves.newest"))),
    found.leaves.length > 0 ? leafTable(t("leaves.caption", {n: number(found.leaves.length)}), found.leaves) : h("p", {id: "none"}, t("leaves.none")),
    further(found, params),
  ]};
}
