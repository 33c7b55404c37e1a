// One box for a leaf, a case or a participant.
import {to, toLeaf} from "./router.js";

/** The address that a search leads to: digits are a leaf, 32 hexadecimal digits (a UUID too) a case, all else participants. */
export function searched(text) {
  if (/^[0-9]{1,15}$/.test(text))
    return toLeaf(text);
  const hex = text.replaceAll("-", "").toLowerCase();
  if (/^[0-9a-f]{32}$/.test(hex))
    return to(`case/${hex}`);
  return to("participants", {q: text});
}
