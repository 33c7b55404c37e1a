"""The Merkle tree of RFC 9162, section 2.1, with proofs made from whatever hashes the caller has."""

import hashlib


class Wrong(Exception):
    """What was to be verified does not hold."""


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    """MTH over leaf hashes (2.1.1)."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = largest_power_below(len(hashes))
    return node_hash(root_of(hashes[:k]), root_of(hashes[k:]))


def largest_power_below(n):
    return 1 << (n - 1).bit_length() - 1


def inclusion_proof(index, first, size, range_root):
    """PATH(m, D[n]) (2.1.3.1); range_root(a, b) is MTH(D[a:b])."""
    if size == 1:
        return []
    k = largest_power_below(size)
    if index < k:
        return inclusion_proof(index, first, k, range_root) + [range_root(first + k, first + size)]
    return inclusion_proof(index - k, first + k, size - k, range_root) + [range_root(first, first + k)]


def check_inclusion(leaf, index, size, path, root):
    """2.1.3.2"""
    if index >= size:
        raise Wrong(f"leaf {index} is not below the size {size}")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Wrong("inclusion path is too long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    if sn != 0:
        raise Wrong("inclusion path is too short")
    if r != root:
        raise Wrong(f"leaf {index} does not lead to the root: expected {root.hex()}, found {r.hex()}")


def consistency_proof(first, size, range_root):
    """PROOF(m, D[n]) (2.1.4.1)"""

    def subproof(m, a, b, whole):
        n = b - a
        if m == n:
            return [] if whole else [range_root(a, b)]
        k = largest_power_below(n)
        if m <= k:
            return subproof(m, a, a + k, whole) + [range_root(a + k, b)]
        return subproof(m - k, a + k, b, False) + [range_root(a, a + k)]

    return subproof(first, 0, size, True) if 0 < first < size else []


def check_consistency(first, second, path, first_root, second_root):
    """2.1.4.2"""
    if first == second:
        if path or first_root != second_root:
            raise Wrong(f"two roots for the size {first}: {first_root.hex()} and {second_root.hex()}")
        return
    if not 0 < first < second:
        raise Wrong(f"no consistency from size {first} to {second}")
    if not path:
        raise Wrong("consistency path is empty")
    path = list(path)
    if first & first - 1 == 0:
        path.insert(0, first_root)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise Wrong("consistency path is too long")
        if fn & 1 or fn == sn:
            fr = node_hash(c, fr)
            sr = node_hash(c, sr)
            while not fn & 1 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    if sn != 0 or fr != first_root or sr != second_root:
        raise Wrong(f"the tree of {second} leaves does not follow from that of {first}")
