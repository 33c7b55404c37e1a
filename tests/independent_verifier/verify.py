#!/usr/bin/python3
"""Verifies an exported trail, or a proof of one leaf, from the public formats alone.

Exit status: 0 it verifies, 1 it does not, 2 it could not be checked.
"""

import argparse
import os
import random
import struct
import sys

from merkle import (Wrong, check_consistency, check_inclusion, consistency_proof, inclusion_proof, leaf_hash,
                    root_of)
from notes import WITNESS, Checkpoint, Key, unbase64
from records import Documents, Leaf, check_view
from tiles import WIDTH, Folder, path_of

MOST_PROOFS = 2000  # of a longer trail a sample is proved


def check_leaves(folder, documents, views):
    """Every leaf: its hash in its tile, its place in time, the rules it names, its view."""
    minute = 0
    for number in folder.bundles():
        hashes = folder.tile(0, number)
        known = view_entries(folder, number) if views else None
        for i, entry in enumerate(folder.entries(number)):
            index = number * WIDTH + i
            if leaf_hash(entry) != hashes[i]:
                raise Wrong(f"leaf {index}: its hash is not that of the tile")
            leaf = Leaf(entry)
            if leaf.minute < minute:
                raise Wrong(f"leaf {index}: dated before the one it follows")
            minute = leaf.minute
            if documents.digests and not {leaf.policy, leaf.directory} <= documents.digests:
                raise Wrong(f"leaf {index}: its policy or directory is not in the folder")
            if known and known[i]:
                check_view(leaf, known[i])


def view_entries(folder, number):
    name = f"views/{path_of(number)}"
    with open(f"{folder.folder}/{name}", "rb") as file:
        data = file.read()
    found, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    if at != len(data) or len(found) < folder.width(0, number):
        raise Wrong(f"{name}: ends too early")
    return found


def check_upper_tiles(folder):
    """Each hash above level 0 is the root of a full tile below it."""
    level = 1
    while folder.size >> 8 * level:
        for number in range(((folder.size >> 8 * level) + WIDTH - 1) // WIDTH):
            for i, stated in enumerate(folder.tile(level, number)):
                if root_of(folder.tile(level - 1, number * WIDTH + i)) != stated:
                    raise Wrong(f"tile/{level}/{path_of(number)}: hash {i} is not that of the tile below")
        level += 1


def check_proofs(folder, root):
    indexes = range(folder.size)
    if folder.size > MOST_PROOFS:
        indexes = sorted(random.Random(1).sample(indexes, MOST_PROOFS))
    for index in indexes:
        path = inclusion_proof(index, 0, folder.size, folder.range_root)
        check_inclusion(folder.tile(0, index // WIDTH)[index % WIDTH], index, folder.size, path, root)
    sizes = {1, 2, 3, folder.size // 2, folder.size - 1, folder.size & ~255} - {0}
    for size in sorted(s for s in sizes if 0 < s < folder.size):
        path = consistency_proof(size, folder.size, folder.range_root)
        check_consistency(size, folder.size, path, folder.range_root(0, size), root)


def check_remembered(folder, checkpoint, old):
    if old.size > checkpoint.size:
        raise Wrong(f"the checkpoint is older than the one remembered: expected {old.size} leaves or more, "
                    f"found {checkpoint.size}")
    path = consistency_proof(old.size, checkpoint.size, folder.range_root)
    check_consistency(old.size, checkpoint.size, path, old.root, checkpoint.root)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def check_export(args, authority, witnesses):
    documents = Documents(args.export, authority)
    log = Key(args.key if args.key else documents.log_key())
    checkpoint = Checkpoint(read(f"{args.export}/checkpoint"), log, witnesses)
    folder = Folder(args.export, checkpoint.size)
    vouched = check_witnessed(args.export, folder, checkpoint, log, witnesses)
    check_quorum(vouched, args.quorum)
    if args.remembered:
        check_remembered(folder, checkpoint, Checkpoint(read(args.remembered), log))
    root = folder.range_root(0, folder.size)
    if root != checkpoint.root:
        raise Wrong(f"the root is not the signed one: expected {checkpoint.root.hex()}, found {root.hex()}")
    check_upper_tiles(folder)
    check_leaves(folder, documents, args.views)
    check_proofs(folder, checkpoint.root)
    print(f"{checkpoint.size} leaves of {log.name}, the first {vouched.size} vouched for by {len(vouched.vouched)}")


def check_witnessed(export, folder, checkpoint, log, witnesses):
    """Of the checkpoint and the head in `witnessed`, which must be of the same tree, the one that more witnesses vouch for."""
    if not os.path.exists(f"{export}/witnessed"):
        return checkpoint
    head = Checkpoint(read(f"{export}/witnessed"), log, witnesses)
    if head.size > checkpoint.size or folder.range_root(0, head.size) != head.root:
        raise Wrong("witnessed: not a head of this trail")
    return head if len(head.vouched) >= len(checkpoint.vouched) else checkpoint


def check_quorum(checkpoint, quorum):
    if len(checkpoint.vouched) < quorum:
        raise Wrong(f"expected {quorum} witnesses, found {len(checkpoint.vouched)}")


def check_proof(args, witnesses):
    """A tlog-proof@v1 file whose extra data is the leaf."""
    head, gap, note = read(args.proof).partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not gap or len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1":
        raise Wrong("not a proof file")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Wrong("a proof file of another kind")
    entry, index = unbase64(lines[1][6:]), int(lines[2][6:])
    checkpoint = Checkpoint(note, Key(args.key), witnesses)
    check_quorum(checkpoint, args.quorum)
    check_inclusion(leaf_hash(entry), index, checkpoint.size, [unbase64(line) for line in lines[3:]], checkpoint.root)
    Leaf(entry)
    print(f"leaf {index} of {checkpoint.size}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--export", help="a folder that a trail was exported to")
    parser.add_argument("--proof", help="a proof of one leaf")
    parser.add_argument("--key", help="the trail's verifier key (default: that of the newest directory)")
    parser.add_argument("--authority", help="the national authority's public key, in hexadecimal")
    parser.add_argument("--remembered", help="a checkpoint kept from an earlier time")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key")
    parser.add_argument("--quorum", type=int, default=0, help="witnesses that must vouch")
    parser.add_argument("--views", action="store_true", help="check oversight's views too")
    args = parser.parse_args()
    try:
        witnesses = [Key(text) for text in args.witness]
        if any(w.kind != WITNESS for w in witnesses):
            raise Wrong("--witness: not the key of a witness")
        if args.proof:
            check_proof(args, witnesses)
        else:
            check_export(args, bytes.fromhex(args.authority) if args.authority else None, witnesses)
    except Wrong as error:
        print(f"does not verify: {error}")
        return 1
    except (OSError, ValueError) as error:
        print(f"could not check: {error}")
        return 2
    print("verifies")
    return 0


if __name__ == "__main__":
    sys.exit(main())
