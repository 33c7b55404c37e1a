#!/usr/bin/python3
"""Spoils a copy of an export in one named way: what an operator, a thief or a careless copy may do to it.

    spoil.py WAY FROM TO [--key trail.pem] [--older NOTE]

Ways that need the trail's own key show what even its holder cannot hide from who remembers.
"""

import argparse
import base64
import hashlib
import os
import shutil
import struct
import sys

from cryptography.hazmat.primitives import serialization

from merkle import leaf_hash, root_of
from records import varint
from tiles import WIDTH, Folder, path_of

DASH = "\u2014 "


def public_of(secret):
    return secret.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def load(pem):
    with open(pem, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


def sign(text, secret, name, kind=1, time=None):
    """The line by which a key signs or, with a time, cosigns a checkpoint's text."""
    public = public_of(secret)
    blob = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
    message = text.encode()
    if time is not None:
        blob += struct.pack(">Q", time)
        message = f"cosignature/v1\ntime {time}\n".encode() + message
    return f"{DASH}{name} {base64.b64encode(blob + secret.sign(message)).decode()}\n"


class Export:
    def __init__(self, folder):
        self.folder = folder
        with open(f"{folder}/checkpoint", encoding="utf-8") as file:
            self.note = file.read()
        self.text = self.note.partition("\n\n")[0] + "\n"
        self.origin, size, _ = self.text.split("\n")[:3]
        self.size = int(size)
        tiles = Folder(folder, self.size)
        self.entries = [e for n in tiles.bundles() for e in tiles.entries(n)]

    def write(self, kind, number, width, data):
        name = f"{self.folder}/tile/{kind}/{path_of(number)}" + (f".p/{width}" if width < WIDTH else "")
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as file:
            file.write(data)

    def write_entries(self):
        """The bundles alone; the tiles are left as they are."""
        for number in range((len(self.entries) + WIDTH - 1) // WIDTH):
            some = self.entries[number * WIDTH : number * WIDTH + WIDTH]
            width = min(WIDTH, self.size - number * WIDTH)
            self.write("entries", number, width, b"".join(struct.pack(">H", len(e)) + e for e in some))

    def rebuild(self):
        """Everything anew from the entries, as if they had always been so."""
        shutil.rmtree(f"{self.folder}/tile")
        self.size = len(self.entries)
        self.write_entries()
        hashes, level = [leaf_hash(e) for e in self.entries], 0
        while hashes:
            upper = []
            for number in range((len(hashes) + WIDTH - 1) // WIDTH):
                some = hashes[number * WIDTH : number * WIDTH + WIDTH]
                self.write(str(level), number, len(some), b"".join(some))
                if len(some) == WIDTH:
                    upper.append(root_of(some))
            hashes, level = upper, level + 1

    def set_note(self, note):
        with open(f"{self.folder}/checkpoint", "w", encoding="utf-8") as file:
            file.write(note)

    def resign(self, secret, origin=None):
        origin = origin or self.origin
        root = base64.b64encode(root_of([leaf_hash(e) for e in self.entries])).decode()
        text = f"{origin}\n{len(self.entries)}\n{root}\n"
        self.set_note(text + "\n" + sign(text, secret, origin))


def changed(entry):
    """Another last byte: of the digest of oversight's view."""
    return entry[:-1] + bytes([entry[-1] ^ 1])


def dated(entry, minute):
    """Another minute: element 2 of a leaf, behind its version."""
    if entry[:3] != b"\x08\x01\x10":
        sys.exit("the leaf does not begin as leaves do")
    _, at = varint(entry, 3)
    number = b""
    while minute > 0x7F:
        number += bytes([minute & 0x7F | 0x80])
        minute >>= 7
    return entry[:3] + number + bytes([minute]) + entry[at:]


def flip(name, at=5):
    with open(name, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def tile_name(export, level):
    width = min(WIDTH, export.size >> 8 * level)
    return f"{export.folder}/tile/{level}/000" + (f".p/{width}" if width < WIDTH else "")


def spoil(export, args):
    e, way, middle = export.entries, args.way, len(export.entries) // 2
    if way == "changed_leaf":
        e[middle] = changed(e[middle])
        export.write_entries()
    elif way == "changed_leaf_with_tiles":
        e[middle] = changed(e[middle])
        export.rebuild()
    elif way == "removed_leaf":
        del e[middle]
        export.write_entries()
    elif way == "removed_leaf_with_tiles":
        del e[middle]
        export.rebuild()
    elif way == "inserted_leaf":
        e.insert(middle, e[middle])
        export.write_entries()
    elif way == "inserted_leaf_with_tiles":
        e.insert(middle, e[middle])
        export.rebuild()
    elif way == "reordered_leaves":
        e[middle], e[middle + 1] = e[middle + 1], e[middle]
        export.write_entries()
    elif way == "reordered_leaves_with_tiles":
        e[middle], e[middle + 1] = e[middle + 1], e[middle]
        export.rebuild()
    elif way == "changed_tile":
        flip(tile_name(export, 0))
    elif way == "changed_upper_tile":
        flip(tile_name(export, 1))
    elif way == "removed_tile":
        os.unlink(tile_name(export, 0))
    elif way == "older_checkpoint":
        shutil.copy(args.older, f"{export.folder}/checkpoint")
    elif way == "forked":
        e[1] = changed(e[1])
        export.rebuild()
        export.resign(load(args.key))
    elif way == "forked_and_grown":
        e[1] = changed(e[1])
        e.append(e[-1])
        export.rebuild()
        export.resign(load(args.key))
    elif way == "wrong_origin":
        export.resign(load(args.key), "nrm/ZZ")
    elif way == "wrong_key":
        export.resign(load(args.other))
    elif way == "changed_checkpoint":
        export.set_note(export.note.replace(f"\n{export.size}\n", f"\n{export.size - 1}\n"))
    elif way == "bad_cosignature":
        export.set_note(export.note + sign(export.text + " ", load(args.other), args.name, 4, 1790000000))
    elif way == "cosigned":
        export.set_note(export.note + sign(export.text, load(args.other), args.name, 4, 1790000000))
    elif way == "from_the_future":
        e[-1] = dated(e[-1], 0x7FFFFFFF)
        export.rebuild()
        export.resign(load(args.key))
    elif way == "changed_view":
        flip(f"{export.folder}/views/000", 40)
    elif way == "changed_policy":
        name = sorted(os.listdir(f"{export.folder}/policy"))[0]
        flip(f"{export.folder}/policy/{name}", 40)
    else:
        sys.exit(f"there is no way {way}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--key", help="the trail's secret key (PEM)")
    parser.add_argument("--other", help="another secret key: a witness's, a stranger's")
    parser.add_argument("--name", help="the name under which it cosigns")
    parser.add_argument("--older", help="an older checkpoint of the trail")
    args = parser.parse_args()
    shutil.rmtree(args.target, ignore_errors=True)
    shutil.copytree(args.source, args.target)
    spoil(Export(args.target), args)


if __name__ == "__main__":
    main()
