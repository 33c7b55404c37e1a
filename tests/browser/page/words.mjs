// The page's words: the same keys and the same {names} in every language, every key that the page asks for is there, none is left over.
import fs from "node:fs";
import path from "node:path";
import {counts, holds, same} from "./harness.mjs";

const web = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../../../agents/page/web");
const words = Object.fromEntries(fs.readdirSync(path.join(web, "words")).filter(file => file.endsWith(".json")).map(file => [file.replace(".json", ""), JSON.parse(fs.readFileSync(path.join(web, "words", file), "utf8"))]));
const names = text => (text.match(/\{\w+\}/g) ?? []).sort();
const sources = ["", "views"].flatMap(folder => fs.readdirSync(path.join(web, folder)).filter(file => file.endsWith(".js")).map(file => fs.readFileSync(path.join(web, folder, file), "utf8"))).join("\n");
/** Keys that are made of a code: what stands before it in the source. */
const open = [...sources.matchAll(/\bt(?:Or)?\(`([\w.]+\.)\$\{/g)].map(match => match[1]).concat("kind.", "ack.");

await holds("four languages", () => same(Object.keys(words).sort(), ["en", "es", "fr", "km"]));
for (const [language, own] of Object.entries(words)) {
  await holds(`the keys in ${language}`, () => same(Object.keys(own), Object.keys(words.en)));
  await holds(`no word is empty, and each has its {names}, in ${language}`, () =>
    same(Object.keys(words.en).filter(key => !own[key]?.trim() || String(names(own[key])) !== String(names(words.en[key]))), []));
}
await holds("the page asks for no other", () => {
  const asked = [...sources.matchAll(/\bt\("([\w.]+)"/g)].map(match => match[1]);
  same([...new Set(asked)].filter(key => !(key in words.en)), []);
});
await holds("no key is left over", () => same(Object.keys(words.en).filter(key => !sources.includes(`"${key}"`) && !open.some(start => key.startsWith(start))), []));
console.log(`${counts.passed} passed, ${counts.failed} failed`);
