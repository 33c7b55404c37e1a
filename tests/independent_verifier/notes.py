"""Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature), Ed25519 only."""

import base64
import hashlib
import re
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from merkle import Wrong

LOG, WITNESS = 0x01, 0x04
DASH = "\u2014 "


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(f"not base64: {text[:60]!r}") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"not canonical base64: {text[:60]!r}")
    return data


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


class Key:
    """A verifier key: name+hex(id)+base64(type || public key)."""

    def __init__(self, text):
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise Wrong(f"not a verifier key: {text!r}")
        self.name, material = parts[0], unbase64(parts[2])
        self.kind, self.public = material[0], material[1:]
        if self.kind not in (LOG, WITNESS) or len(self.public) != 32:
            raise Wrong(f"not an Ed25519 key: {text!r}")
        self.id = key_id(self.name, self.kind, self.public)
        if parts[1] != self.id.hex():
            raise Wrong(f"the id of the key is not its own: {text!r}")

    def verify(self, signature, message):
        Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)


class Checkpoint:
    """A note opened under the log's key; unknown signatures are ignored, a bad one of a known key refuses the note."""

    def __init__(self, note, log, witnesses=()):
        if len(note) > 65536:
            raise Wrong("the checkpoint is larger than a note may be")
        try:
            text = note.decode()
        except UnicodeDecodeError as error:
            raise Wrong("the checkpoint is not UTF-8") from error
        if any(ord(c) < 32 and c != "\n" for c in text):
            raise Wrong("the checkpoint has control characters")
        body, gap, signatures = text.rpartition("\n\n")
        if not gap or not signatures.endswith("\n"):
            raise Wrong("the checkpoint has no signatures")
        self.text = body + "\n"
        self.vouched = set()
        signed = False
        for line in signatures[:-1].split("\n"):
            name, blob = self._line(line)
            if (name, blob[:4]) == (log.name, log.id):
                self._check(log, blob[4:], self.text.encode(), line)
                signed = True
            for witness in witnesses:
                if (name, blob[:4]) == (witness.name, witness.id):
                    self._cosigned(witness, blob[4:], line)
        self._parse(log)
        if not signed:
            raise Wrong(f"the checkpoint is not signed by {log.name} with the key given")

    @staticmethod
    def _line(line):
        match = re.fullmatch(DASH + r"([^ +]+) (\S+)", line)
        if not match:
            raise Wrong(f"not a signature line: {line[:60]!r}")
        blob = unbase64(match.group(2))
        if len(blob) < 5:
            raise Wrong(f"not a signature: {line[:60]!r}")
        return match.group(1), blob

    @staticmethod
    def _check(key, signature, message, line):
        try:
            key.verify(signature, message)
        except InvalidSignature as error:
            raise Wrong(f"the signature does not verify: {line[:60]!r}") from error

    def _cosigned(self, witness, blob, line):
        if len(blob) != 72 or blob[0] & 0x80:
            raise Wrong(f"not a cosignature: {line[:60]!r}")
        time = struct.unpack(">Q", blob[:8])[0]
        message = f"cosignature/v1\ntime {time}\n{self.text}".encode()
        self._check(witness, blob[8:], message, line)
        self.vouched.add(witness.name)

    def _parse(self, log):
        lines = self.text[:-1].split("\n")
        if len(lines) != 3:
            raise Wrong(f"the checkpoint has {len(lines)} lines of text, expected 3")
        if lines[0] != log.name:
            raise Wrong(f"the checkpoint is of {lines[0]!r}, expected {log.name!r}")
        if not re.fullmatch(r"0|[1-9][0-9]{0,19}", lines[1]):
            raise Wrong(f"not a size: {lines[1]!r}")
        self.size, self.root = int(lines[1]), unbase64(lines[2])
        if len(self.root) != 32:
            raise Wrong("the root has not 32 bytes")
