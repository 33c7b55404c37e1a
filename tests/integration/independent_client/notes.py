"""Checkpoints: C2SP signed notes (PROTOCOL.md, section 12)."""
import base64
import binascii
import re

from primitives import require, Refused, sha256, u64, verify

DASH = "\u2014 "
LOG, WITNESS = 1, 4


def canonical_base64(text, length=None):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("base64") from None
    require(base64.b64encode(raw).decode() == text and length in (None, len(raw)), "canonical base64")
    return raw


class NoteKey:
    def __init__(self, text):
        parts = text.split("+", 2)
        require(len(parts) == 3, "name+id+key")
        self.name, material = parts[0], canonical_base64(parts[2], 33)
        self.type, self.public = material[0], material[1:]
        self.id = sha256(self.name.encode() + b"\n" + material)[:4]
        require(self.type in (LOG, WITNESS) and self.id.hex() == parts[1], "id of a verifier key")

    def verify(self, text, blob):
        if self.type == LOG:
            verify(self.public, text.encode(), blob[4:])
            return
        require(len(blob) == 76, "cosignature")
        time = int.from_bytes(blob[4:12], "big")
        require(time < 2**63 and u64(time) == blob[4:12], "time")
        verify(self.public, f"cosignature/v1\ntime {time}\n{text}".encode(), blob[12:])


def open_note(note, log, witnesses=()):
    """(size, root, names of those witnesses that cosigned)."""
    require(len(note) <= 65536, "note too long")
    try:
        note = note.decode()
    except UnicodeDecodeError:
        raise Refused("UTF-8") from None
    require(not re.search("[\0-\x09\x0b-\x1f]", note) and note.endswith("\n") and "\n\n" in note, "form of a note")
    text, lines = note.rsplit("\n\n", 1)
    text, good = text + "\n", set()
    require(lines, "signature lines")
    for line in lines[:-1].split("\n"):
        name, _, encoded = line[len(DASH):].partition(" ")
        require(line.startswith(DASH) and name and "+" not in name, "signature line")
        blob = canonical_base64(encoded)
        require(len(blob) > 4, "signature line")
        for key in (log, *witnesses):
            if (name, blob[:4]) == (key.name, key.id):
                key.verify(text, blob)
                good.add(key.name)
    require(log.name in good, "not signed by the log")
    body = text.split("\n")
    require(len(body) == 4 and body[0] == log.name and re.fullmatch("0|[1-9][0-9]*", body[1]), "three lines")
    return int(body[1]), canonical_base64(body[2], 32), good - {log.name}
