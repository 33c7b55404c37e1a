// C2SP signed notes as checkpoints: PROTOCOL.md section 12.
import {encode, hex, join, u64, unbase64} from "./bytes.js";

const LOG = 0x01, WITNESS = 0x04;

/**
 * {body, origin, size, root, lines: [{name, id, blob}]}: `body` is the text that is signed, `blob` what stands after the id of the
 * key. Throws for what is no checkpoint of exactly three lines.
 */
export function readNote(text) {
  const split = text.lastIndexOf("\n\n");
  if (split < 0 || !text.endsWith("\n"))
    throw new SyntaxError("no signed note");
  const body = text.slice(0, split + 1);
  const match = /^([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\n$/.exec(body);
  if (!match || !Number.isSafeInteger(Number(match[2])))
    throw new SyntaxError("not three lines of a checkpoint");
  const lines = text.slice(split + 2, -1).split("\n").map(line => {
    const parts = /^\u2014 (\S+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    const bytes = parts && unbase64(parts[2]);
    if (!bytes || bytes.length < 5)
      throw new SyntaxError("a line is no signature");
    return {name: parts[1], id: hex(bytes.subarray(0, 4)), blob: bytes.subarray(4)};
  });
  return {body, origin: match[1], size: Number(match[2]), root: unbase64(match[3]), lines};
}

/** The id of a verifier key: the first four bytes of H(name ‖ newline ‖ type ‖ key), in hexadecimal digits. */
export async function keyId(name, kind, key) {
  const type = Uint8Array.of(kind === "cosignature" ? WITNESS : LOG);
  const digest = await crypto.subtle.digest("SHA-256", join(encode(`${name}\n`), type, key));
  return hex(new Uint8Array(digest, 0, 4));
}

/** When a witness cosigned, in Unix seconds; NaN where the line is too short for it. */
export const cosignedAt = line => line.blob.length === 72 ? Number(new DataView(line.blob.buffer, line.blob.byteOffset).getBigUint64(0)) : NaN;

/** The message and signature of a line; a cosignature's has its time before both (C2SP tlog-cosignature). */
export function signed(note, line, kind) {
  if (kind !== "cosignature")
    return {message: encode(note.body), signature: line.blob};
  return {message: encode(`cosignature/v1\ntime ${cosignedAt(line)}\n${note.body}`), signature: line.blob.subarray(u64(0).length)};
}

/** Whether an Ed25519 signature verifies; null where the browser does not know Ed25519. */
export async function verifies(key, message, signature) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, {name: "Ed25519"}, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError")
      return null;
    return false;
  }
  return crypto.subtle.verify({name: "Ed25519"}, imported, signature, message);
}
