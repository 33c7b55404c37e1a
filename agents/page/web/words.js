// The page's own words (words/*.json) and the vocabulary's labels for codes, in one language at a time.

export const LANGUAGES = ["en", "es", "fr", "km"];
const KEPT = "nrm.language";
let code = "en", own = {}, labels = {}, names = {};

/** The language to start with: the address's, the one used last, the browser's. */
export function firstLanguage(params) {
  const wanted = [params.get("lang"), recall(KEPT), ...navigator.languages.map(tag => tag.split("-")[0])];
  return wanted.find(tag => LANGUAGES.includes(tag)) ?? "en";
}

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch { // storage can be switched off; then nothing is remembered
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // as above
  }
}

/** Loads a language and makes it the page's; without the vocabulary's labels codes are shown as they are. */
export async function speak(language) {
  const [words, vocabulary] = await Promise.all([
    fetch(`/words/${language}.json`).then(answer => answer.json()),
    fetch(`/api/words?lang=${language}`).then(answer => answer.ok ? answer.json() : {}).catch(() => ({})),
  ]);
  own = words;
  code = language;
  labels = vocabulary.labels ?? {};
  names = Object.fromEntries((vocabulary.languages ?? []).map(one => [one.code, one.name]));
  document.documentElement.lang = language;
  remember(KEPT, language);
}

export const language = () => code;
export const languageName = tag => names[tag] ?? tag;

/** The words of a key, {name} replaced by values. */
export function t(key, values = {}) {
  const text = own[key];
  if (text === undefined)
    throw new Error(`no words for "${key}" in ${code}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => typeof values[name] === "number" ? number(values[name]) : values[name] ?? "");
}

/** The words of a key, or of the other one where there are none: for codes that may grow at the server. */
export const tOr = (key, other) => own[key] ?? other;

/** Kinds of leaf that are no message's, which the vocabulary has no words for. */
const EVENTS = ["acknowledgement", "redecision", "return", "directory", "policy", "suspension", "forgetting", "genesis"];

/** The words of a code of the vocabulary, or undefined: known("service", "emergency_shelter"). A leaf's kind is a message's type or an event. */
export function known(kind, value) {
  const words = own[`${kind}.${value}`] ?? labels[kind === "kind" ? "message_type" : kind]?.[value];
  return words === value ? undefined : words;
}

/** The same, the code itself where it has no words. */
export const label = (kind, value) => value ? known(kind, value) ?? value.replaceAll("_", " ") : "";

/** All codes of a kind with their labels, in the order of the vocabulary. */
export const codes = kind =>
  kind === "kind" ? [...codes("message_type"), ...EVENTS.map(code => [code, label("kind", code)])] : Object.entries(labels[kind] ?? {});

export const number = value => new Intl.NumberFormat(code).format(value);

const dated = (text, options) => {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? String(text) : new Intl.DateTimeFormat(code, {timeZone: "UTC", ...options}).format(date);
};
/** Times are UTC, as in the trail, and say so. */
export const time = text => text ? `${dated(text, {dateStyle: "medium", timeStyle: "short", hourCycle: "h23"})} UTC` : "";
export const day = text => text ? dated(`${text}T00:00Z`, {dateStyle: "medium"}) : "";
export const month = text => text ? dated(`${text}-01T00:00Z`, {month: "short", year: "numeric"}) : "";
