// What a leaf's bytes say by themselves: the message TrailEvent of proto/trail.proto, as far as the page compares it.

/** {minute, sender, recipient}; throws for what is no leaf. */
export function readLeaf(bytes) {
  const found = {minute: 0, sender: "", recipient: ""};
  let at = 0;

  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      if (at >= bytes.length)
        throw new RangeError("cut short");
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80)
        return Number(value);
    }
    throw new RangeError("a number is too long");
  };
  const text = slice => new TextDecoder("utf-8", {fatal: true}).decode(slice);

  while (at < bytes.length) {
    const key = varint(), field = key >> 3, kind = key & 7;
    if (kind === 0) {
      const value = varint();
      if (field === 2)
        found.minute = value;
    } else if (kind === 2) {
      const length = varint();
      if (length > bytes.length - at)
        throw new RangeError("cut short");
      const slice = bytes.subarray(at, at + length);
      at += length;
      if (field === 4)
        found.sender = text(slice);
      else if (field === 5)
        found.recipient = text(slice);
    } else {
      throw new RangeError("a kind of field that no leaf has");
    }
  }
  return found;
}
