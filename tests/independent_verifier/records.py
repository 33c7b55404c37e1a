"""What PROTOCOL.md says of leaves and signed documents, as far as an export is checked by it."""

import hashlib
import os
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from merkle import Wrong

# Directory.trail, TrailEntry.verifier_key
TRAIL, VERIFIER_KEY = 7, 2


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Wrong("not a protobuf number")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if not byte & 0x80:
            return value, at
        shift += 7


def fields(data):
    """Number -> values of a protobuf message that has numbers and byte strings only."""
    found, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
            if at > len(data):
                raise Wrong("a protobuf element is cut short")
        else:
            raise Wrong("a protobuf element of an unexpected type")
        found.setdefault(tag >> 3, []).append(value)
    return found


class Leaf:
    """TrailEvent: minute 2, kind 3, policy_digest 9, directory_digest 10, oversight_view 14."""

    def __init__(self, data):
        f = fields(data)
        self.version, self.minute = f.get(1, [0])[0], f.get(2, [0])[0]
        self.policy, self.directory = f.get(9, [b""])[0], f.get(10, [b""])[0]
        self.oversight = f.get(14, [b""])[0]
        if self.version != 1 or len(self.oversight) != 32:
            raise Wrong("not a leaf of version 1")


class Documents:
    """directory/ and policy/: SignedDocument { document 1, signature 2 }, with digests as leaves state them."""

    def __init__(self, folder, authority=None):
        self.digests, self.newest = set(), None
        for kind in ("policy", "directory"):
            try:
                names = os.listdir(os.path.join(folder, kind))
            except FileNotFoundError:
                names = []
            versions = sorted(int(n[:-7]) for n in names if re.fullmatch(r"[0-9]+\.signed", n))
            for version in versions:
                self._take(folder, kind, version, authority)

    def _take(self, folder, kind, version, authority):
        name = f"{kind}/{version}.signed"
        with open(os.path.join(folder, name), "rb") as file:
            try:
                f = fields(file.read())
            except Wrong as error:
                raise Wrong(f"{name}: {error}") from error
        document, signature = f.get(1, [b""])[0], f.get(2, [b""])[0]
        signed = f"nrm/v1/{kind}".encode() + b"\x00" + document
        if authority:
            try:
                Ed25519PublicKey.from_public_bytes(authority).verify(signature, signed)
            except InvalidSignature as error:
                raise Wrong(f"{name}: not signed by the authority") from error
        self.digests.add(hashlib.sha256(signed).digest())
        if kind == "directory":
            self.newest = document

    def log_key(self):
        """Directory.trail (7).verifier_key (2), the first."""
        if not self.newest:
            raise Wrong("there is no directory to take the trail's key from")
        trail = fields(fields(self.newest).get(TRAIL, [b""])[0])
        return trail.get(VERIFIER_KEY, [b""])[0].decode()


def check_view(leaf, entry):
    """views/: salt (32) and View, whose salted digest the leaf states."""
    digest = hashlib.sha256(b"nrm/v1/view\x00" + entry).digest()
    if digest != leaf.oversight:
        raise Wrong(f"the view does not match its leaf: expected {leaf.oversight.hex()}, found {digest.hex()}")

