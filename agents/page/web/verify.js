// Checks a leaf's proof in the browser, one step after another. It decides nothing about words or nodes: views/proof_steps.js tells
// what it found.
import {base64, equal, hex, unbase64} from "./bytes.js";
import {climb, leafHash} from "./inclusion.js";
import {readLeaf} from "./leaf_bytes.js";
import {cosignedAt, keyId, readNote, signed, verifies} from "./note.js";

/** Runs `check`, and counts what it throws as not holding: bytes of a stranger may be anything. */
async function step(steps, code, check) {
  const found = {code, holds: false, facts: {}};
  steps.push(found);
  try {
    found.holds = await check(found.facts);
  } catch (error) {
    found.facts.error = error.message;
  }
  return found.holds;
}

/** One signature line, by the key that the server names for it: the id first, which ties key and line together. */
async function line(steps, code, note, key, of) {
  await step(steps, code, async facts => {
    const bytes = unbase64(key.public);
    Object.assign(facts, {name: key.name, key: key.public, key_id: await keyId(key.name, key.kind, bytes), line_id: of.id});
    if (key.kind === "cosignature") {
      const seconds = cosignedAt(of);
      facts.time = Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : null;
    }
    if (facts.key_id !== of.id)
      return false;
    const {message, signature} = signed(note, of, key.kind);
    facts.signature = base64(signature);
    return verifies(bytes, message, signature);
  });
}

/**
 * Checks an answer of /api/leaf/N that has a proof. Promises the steps, in order: [{code, holds, facts}], `holds` true, false, or null
 * where this browser cannot tell. Codes: says, leaf_hash, path, checkpoint, root, signature, then cosignature for each witness.
 */
export async function verify(leaf) {
  const {proof} = leaf;
  const steps = [];
  let hash, climbed, note;

  await step(steps, "says", facts => {
    const said = readLeaf(unbase64(leaf.bytes));
    Object.assign(facts, {at: new Date(said.minute * 60000).toISOString(), sender: said.sender, recipient: said.recipient});
    return said.minute * 60000 === Math.floor(Date.parse(leaf.at) / 60000) * 60000 && said.sender === (leaf.sender ?? "") &&
      said.recipient === (leaf.recipient ?? "");
  });
  await step(steps, "leaf_hash", async facts => {
    hash = await leafHash(unbase64(leaf.bytes));
    facts.hash = hex(hash);
    return true;
  });
  await step(steps, "path", async facts => {
    climbed = await climb(hash, leaf.leaf, proof.size, proof.path.map(unbase64));
    Object.assign(facts, {leaf: leaf.leaf, size: proof.size,
      levels: climbed.levels.map(({side, ...level}) => ({side, sibling: hex(level.sibling), hash: hex(level.hash)}))});
    return climbed.root !== null;
  });
  await step(steps, "checkpoint", facts => {
    note = readNote(proof.checkpoint);
    Object.assign(facts, {origin: note.origin, size: note.size, root: hex(note.root)});
    return note.size === proof.size;
  });
  await step(steps, "root", facts => {
    Object.assign(facts, {computed: climbed?.root ? hex(climbed.root) : null, signed: note ? hex(note.root) : null});
    return Boolean(climbed?.root && note) && equal(climbed.root, note.root);
  });
  const log = proof.keys.find(key => key.kind === "checkpoint");
  const of = log && note?.lines.find(one => one.name === log.name && one.id === log.id);
  if (of && log.name === note.origin)
    await line(steps, "signature", note, log, of);
  else
    await step(steps, "signature", facts => Object.assign(facts, {name: log?.name ?? null, signed: null}) && false);
  for (const key of proof.keys.filter(one => one.kind === "cosignature")) {
    const theirs = note?.lines.find(one => one.name === key.name && one.id === key.id);
    if (theirs)
      await line(steps, "cosignature", note, key, theirs);
  }
  return steps;
}
