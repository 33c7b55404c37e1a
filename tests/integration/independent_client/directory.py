"""The signed directory, the signed policy and an agency's key folder (PROTOCOL.md, section 2)."""
import re
from pathlib import Path

import zmq.utils.z85 as z85
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from notes import LOG, NoteKey
from primitives import (domain, exchange, public_of, require, secret_of, sha256, u8, verify, verifying_key, x25519_public)
from proto import directory_pb2, frame_pb2
from wire import decode

SIGNING, SEALING, TRANSPORT, WITNESS = 1, 2, 3, 4
ID = re.compile(r"[A-Z]{2}\.[a-z0-9-]{1,60}")
COUNTRY = re.compile("[A-Z]{2}")
REGION = re.compile("[A-Z0-9-]{1,16}")
ENDPOINT = re.compile(r"tcp://[!-~]+:[0-9]{1,5}")
NAME = re.compile("[^\0-\x1f\x7f-\x9f]+")


def ascending(values):
    return all(a < b for a, b in zip(values, values[1:]))


def x25519_ok(key):
    require(len(key) == 32, "a key has 32 bytes")
    exchange(bytes([8]) + bytes(31), key)


class Keys:
    """Secret keys of one agency, from the folder that `nrm key new` made."""

    def __init__(self, folder):
        folder = Path(folder)
        self.signing = load_pem_private_key((folder / "signing.pem").read_bytes(), None)
        self.sealing = secret_of(load_pem_private_key((folder / "sealing.pem").read_bytes(), None))
        self.transport_secret = (folder / "transport.secret").read_bytes().strip()
        self.transport_public = (folder / "transport.public").read_bytes().strip()
        require(x25519_public(z85.decode(self.transport_secret)) == z85.decode(self.transport_public), "transport pair")


class Directory:
    def __init__(self, signed, authority, held=0):
        """`signed` is a SignedDocument, `held` the highest version ever accepted."""
        require(len(signed.document) <= 262144, "too large")
        preimage = domain("nrm/v1/directory") + signed.document
        verify(authority, preimage, signed.signature)
        d = self.body = decode(directory_pb2.Directory, signed.document)
        require(d.format == 1 and d.HasField("broker") and d.HasField("trail"), "format")
        require(d.version >= 1 and d.version >= held, "version")
        require(COUNTRY.fullmatch(d.country) and d.valid_until_ms > d.valid_from_ms, "country, validity")
        require(d.broker.id == d.country + ".nrm" and ENDPOINT.fullmatch(d.broker.endpoint), "broker")
        x25519_ok(d.broker.transport_key)
        self.logs = [NoteKey(text) for text in d.trail.verifier_key]
        require(1 <= len(self.logs) <= 8 and all(k.type == LOG for k in self.logs), "verifier keys")
        require(self.logs[0].name == d.trail.origin and len(d.trail.old_head) <= 65536, "origin")
        if d.successor_authority:
            verifying_key(d.successor_authority)
        ids = [p.id for p in d.participant]
        require(1 <= len(ids) <= 4096 and ascending(ids) and d.broker.id not in ids, "participants")
        require(d.witness_quorum <= len(ids), "witness quorum")
        self.participant = {p.id: p for p in d.participant}
        for p in d.participant:
            self.check_participant(p)
        keys = [authority, d.broker.transport_key, *(k.public for k in self.logs),
                *(k.key for p in d.participant for k in p.key)]
        keys += [d.successor_authority] if d.successor_authority else []
        require(len(set(keys)) == len(keys), "a key serves twice")
        self.digest = sha256(preimage)
        self.log = self.logs[0]

    def check_participant(self, p):
        require(ID.fullmatch(p.id) and COUNTRY.fullmatch(p.country), "id, country")
        require(p.id[:2] in (self.body.country, p.country), "country of the id")
        require(1 <= len(p.name.encode()) <= 120 and NAME.fullmatch(p.name), "name")
        require(p.kind and p.status and p.role and p.max_version >= 1, "kind, status, roles, version")
        require(ascending(list(p.role)) and ascending([o.service for o in p.offer]), "ascending")
        for offer in p.offer:
            require(offer.service and ascending(list(offer.region)), "offer")
            require(all(REGION.fullmatch(r) for r in offer.region), "region")
        require(p.valid_until_ms > p.valid_from_ms, "validity")
        kinds = [k.kind for k in p.key]
        require(kinds in ([1, 2, 3, 4], [1, 2, 2, 3, 4]), "kinds of key")
        for key in p.key:
            verifying_key(key.key) if key.kind in (SIGNING, WITNESS) else x25519_ok(key.key)
            line = domain("nrm/v1/possession") + u8(len(p.id)) + p.id.encode() + u8(key.kind) + key.key
            verify(p.key[0].key, line, key.possession)
            if key.kind == WITNESS:
                verify(key.key, line, key.own_possession)
            else:
                require(not key.own_possession, "own possession")

    def key(self, participant, kind):
        """The key of that kind; of two sealing keys the one to seal to."""
        return next(k.key for k in self.participant[participant].key if k.kind == kind)

    def signing(self, participant):
        require(participant in self.participant, "not in the directory")
        return self.key(participant, SIGNING)


class Policy:
    """The signed policy; what it says is the broker's matter, whose version and digest an agent keeps."""

    def __init__(self, signed, authority, held=0):
        require(len(signed.document) <= 49152, "too large")
        preimage = domain("nrm/v1/policy") + signed.document
        verify(authority, preimage, signed.signature)
        version = re.search(rb"^version: *([0-9]+)", signed.document, re.MULTILINE)
        require(version and int(version[1]) >= max(1, held), "version")
        self.version, self.digest = int(version[1]), sha256(preimage)


def read_signed(path):
    return decode(frame_pb2.SignedDocument, Path(path).read_bytes())


def fits(keys, directory, participant):
    """The key folder is the one that the directory speaks of."""
    require(public_of(keys.signing) == directory.key(participant, SIGNING), "signing")
    require(x25519_public(keys.sealing) == directory.key(participant, SEALING), "sealing")
    require(z85.decode(keys.transport_public) == directory.key(participant, TRANSPORT), "transport")
