// The frame: navigation, search, language, light and dark; and which view is shown.
import {fill, h} from "./h.js";
import {go, here, to} from "./router.js";
import {firstLanguage, language, languageName, LANGUAGES, speak, t} from "./words.js";
import {searched} from "./search.js";
import {startTheme, themeButton} from "./theme.js";
import {trouble} from "./trouble.js";
import {overview} from "./views/overview.js";
import {leaves} from "./views/leaves.js";
import {leaf} from "./views/leaf.js";
import {oneCase} from "./views/case.js";
import {participant, participants} from "./views/participant.js";
import {pictures} from "./views/pictures.js";
import {indicators} from "./views/indicators.js";

/** A view takes {rest, params, signal} and promises {title, content}; `signal` ends what it started when the reader leaves. */
const VIEWS = {"": overview, leaves, leaf, case: oneCase, participants, participant, pictures, indicators};
const NAVIGATION = [["", "nav.overview"], ["leaves", "nav.leaves"], ["pictures", "nav.pictures"],
                    ["indicators", "nav.indicators"], ["participants", "nav.participants"]];
const PARTS = {leaf: "leaves", case: "leaves", participant: "participants"};

const main = document.getElementById("main");
let leaving = new AbortController();

function frame() {
  const {view} = here();
  const current = PARTS[view] ?? view;
  fill(document.getElementById("skip"), t("skip"));
  fill(document.getElementById("name"), t("name"));
  const nav = document.getElementById("nav");
  nav.setAttribute("aria-label", t("nav.label"));
  fill(nav, h("ul", {}, NAVIGATION.map(([path, key]) =>
    h("li", {}, h("a", {href: to(path), "aria-current": path === current && "page"}, t(key))))));
  fill(document.getElementById("foot"), t("foot.readonly"), " ",
    language() !== "en" && h("span", {id: "unreviewed"}, t("unreviewed")));
}

function searchForm() {
  const field = h("input", {id: "search", type: "search", name: "q", autocomplete: "off", placeholder: t("search.hint")});
  const submit = event => {
    event.preventDefault();
    if (field.value.trim())
      go(searched(field.value.trim()));
  };
  fill(document.getElementById("searching"), h("form", {role: "search", onsubmit: submit},
    h("label", {for: "search", class: "unseen"}, t("search.label")), field, h("button", {}, t("search.go"))));
}

function tools() {
  const choice = h("select", {id: "language", onchange: () => changeLanguage(choice.value)},
    LANGUAGES.map(tag => h("option", {value: tag, lang: tag, selected: tag === language()}, languageName(tag))));
  fill(document.getElementById("tools"), h("label", {for: "language", class: "unseen"}, t("language")), choice, themeButton());
}

async function changeLanguage(tag) {
  await speak(tag);
  const {view, rest, params} = here();
  params.set("lang", tag);
  history.replaceState(null, "", to([view, ...rest.map(encodeURIComponent)].join("/"), params));
  searchForm();
  tools();
  await show(false);
  document.getElementById("language").focus();
}

/** Shows where the reader is; on a change of place its heading takes the focus, which is read out. */
async function show(moved) {
  leaving.abort();
  leaving = new AbortController();
  const {signal} = leaving;
  const {view, rest, params} = here();
  const address = location.hash;
  frame();
  main.setAttribute("aria-busy", "true");
  let shown;
  try {
    params.delete("lang");
    shown = VIEWS[view] ? await VIEWS[view]({rest, params, signal}) : trouble({status: 404, what: location.hash});
  } catch (error) {
    if (signal.aborted)
      return;
    if (error.status === undefined)
      console.error(error);
    shown = trouble(error);
  }
  if (signal.aborted)
    return;
  document.title = `${shown.title} · ${t("name")}`;
  fill(main, h("h1", {tabindex: "-1"}, shown.title), shown.content);
  main.removeAttribute("aria-busy");
  main.dataset.shown = address; // the place may have changed already, and nobody been told
  if (moved) {
    window.scrollTo(0, 0);
    main.querySelector("h1").focus({preventScroll: true});
  }
}

async function changed() {
  const wanted = here().params.get("lang");
  if (LANGUAGES.includes(wanted) && wanted !== language()) {
    await speak(wanted);
    searchForm();
    tools();
  }
  await show(true);
}

document.getElementById("skip").addEventListener("click", event => { // its address would be taken for a view's
  event.preventDefault();
  main.focus();
});
startTheme();
await speak(firstLanguage(here().params)).catch(error => { // there are no words yet to say it with
  main.textContent = "The server cannot be reached. Load the page again to try once more.";
  throw error;
});
searchForm();
tools();
window.addEventListener("hashchange", changed);
await show(false);
