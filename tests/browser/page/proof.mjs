// The check of a proof (agents/page/web/verify.js) as a browser runs it: every leaf of small trees holds, and each way to be false is found at
// its step. Over made-up trails that are really signed.
import {counts, holds, launch, open, same} from "./harness.mjs";
import {leafAnswer, serve, trail} from "./mock.mjs";

const server = await serve();
const browser = await launch();
const page = await open(browser, server.url);
await page.at("");

/** What fails, by the steps' codes, of each answer. */
const failing = answers => page.evaluate(async list => {
  const {verify} = await import("/verify.js");
  return Promise.all(list.map(async one => (await verify(one)).filter(step => step.holds !== true).map(step => step.code)));
}, answers);

await holds("every leaf of trees of 1 to 17 leaves", async () => {
  for (let size = 1; size <= 17; size++) {
    const of = trail(size);
    same(await failing(of.leaves.map((_, i) => leafAnswer(of, i))), of.leaves.map(() => []));
  }
});
await holds("eight steps, two of them cosignatures", async () => {
  const steps = await page.evaluate(async one => (await (await import("/verify.js")).verify(one)).map(step => step.code), leafAnswer(trail(9), 4));
  same(steps, ["says", "leaf_hash", "path", "checkpoint", "root", "signature", "cosignature", "cosignature"]);
});

const flip = (text, at) => {
  const bytes = Buffer.from(text, "base64");
  bytes[at < 0 ? bytes.length + at : at] ^= 1;
  return bytes.toString("base64");
};
const inNote = (note, line, change) => {
  const lines = note.split("\n");
  lines[line] = change(lines[line]);
  return lines.join("\n");
};
const blob = at => line => line.replace(/[A-Za-z0-9+/=]+$/, text => flip(text, at));

/** What is changed, how, and which steps may no longer hold. */
const FALSE = [
  ["a bit of the leaf", one => one.bytes = flip(one.bytes, -1), ["root"]],
  ["the sender that is shown", one => one.sender = "XA.nobody", ["says"]],
  ["the time that is shown", one => one.at = "2026-01-01T00:00Z", ["says"]],
  ["a bit of the path", one => one.proof.path[1] = flip(one.proof.path[1], 0), ["root"]],
  ["a hash too many", one => one.proof.path.push(one.proof.path[0]), ["path", "root"]],
  ["a hash too few", one => one.proof.path.pop(), ["path", "root"]],
  ["two hashes in the other order", one => one.proof.path.reverse(), ["root"]],
  ["another leaf's number", one => one.leaf = 5, ["root"]],
  ["a leaf beyond the tree", one => one.leaf = 13, ["path", "root"]],
  ["the size of the tree", one => one.proof.size = 14, ["checkpoint"]],
  ["the size in the checkpoint", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 1, () => "14"), ["checkpoint", "signature", "cosignature", "cosignature"]],
  ["the root in the checkpoint", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 2, text => flip(text, 0)), ["root", "signature", "cosignature", "cosignature"]],
  ["the trail's name in the checkpoint", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 0, () => "nrm/XB"), ["signature", "cosignature", "cosignature"]],
  ["a fourth line in the checkpoint", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 2, text => `${text}\nmore`), ["checkpoint", "root", "signature"]],
  ["no checkpoint at all", one => one.proof.checkpoint = "", ["checkpoint", "root", "signature"]],
  ["the trail's signature", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 4, blob(20)), ["signature"]],
  ["the id in the trail's signature", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 4, blob(0)), ["signature"]],
  ["no signature of the trail's", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 4, () => "\u2014 nrm/XC AAAAAAAA"), ["signature"]],
  ["the trail's key", one => one.proof.keys[0].public = flip(one.proof.keys[0].public, 3), ["signature"]],
  ["a witness's signature", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 5, blob(-1)), ["cosignature"]],
  ["when a witness signed", one => one.proof.checkpoint = inNote(one.proof.checkpoint, 6, blob(11)), ["cosignature"]],
  ["a witness's key", one => one.proof.keys[2].public = flip(one.proof.keys[2].public, 3), ["cosignature"]],
  ["what is no base64", one => one.proof.path[0] = "?", ["path", "root"]],
];
const honest = leafAnswer(trail(13), 6);
for (const [what, change, steps] of FALSE) {
  await holds(`found: ${what}`, async () => {
    const told = structuredClone(honest);
    change(told);
    same((await failing([told]))[0], steps);
  });
}
await holds("a browser without Ed25519 says so, and checks the rest", async () => {
  const found = await page.evaluate(async one => {
    crypto.subtle.importKey = () => Promise.reject(new DOMException("", "NotSupportedError"));
    return (await (await import("/verify.js")).verify(one)).filter(step => step.holds !== true).map(step => [step.code, step.holds]);
  }, honest);
  same(found, [["signature", null], ["cosignature", null], ["cosignature", null]]);
});
await holds("nothing on the console", () => same(page.complaints, []));
await browser.close();
server.close();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
