// The tree of RFC 9162 section 2.1 over the leaves' bytes.
import {join} from "./bytes.js";

export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

export const leafHash = leaf => sha256(Uint8Array.of(0), leaf);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/**
 * Climbs an inclusion path (section 2.1.3.2). {root, levels: [{side: "left" or "right", sibling, hash}]}: `side` is where the sibling
 * stands; `root` is null where the path is longer or shorter than the tree is high, or the leaf not in it.
 */
export async function climb(hash, index, size, path) {
  const levels = [];
  let node = hash, place = index, last = size - 1;

  if (!(index >= 0 && index < size))
    return {root: null, levels};
  for (const sibling of path) {
    if (last === 0)
      return {root: null, levels};
    const left = place % 2 === 1 || place === last;
    node = left ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
    levels.push({side: left ? "left" : "right", sibling, hash: node});
    while (left && place % 2 === 0 && place !== 0) {
      place = Math.floor(place / 2);
      last = Math.floor(last / 2);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return {root: last === 0 ? node : null, levels};
}
