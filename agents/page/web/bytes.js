// Bytes and the texts that carry them.

export const encode = text => new TextEncoder().encode(text);
export const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("");
export const base64 = bytes => btoa(String.fromCharCode(...bytes));
export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Standard base64 as atob() reads it; throws for what is none. */
export const unbase64 = text => Uint8Array.from(atob(text), char => char.charCodeAt(0));

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number as 8 bytes, the highest first. */
export function u64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
