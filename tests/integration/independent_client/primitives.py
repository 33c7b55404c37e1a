"""Hashes, trees, signatures and sealing (PROTOCOL.md, sections 2, 7, 8, 12)."""
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


class Refused(Exception):
    """What this client refuses to believe."""


def require(holds, why):
    if not holds:
        raise Refused(why)


def u8(n):
    return n.to_bytes(1, "big")


def u16(n):
    return n.to_bytes(2, "big")


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def sha256(data):
    return hashlib.sha256(data).digest()


def domain(text):
    return text.encode("ascii") + b"\0"


# --- trees (RFC 9162 section 2.1) ---


def leaf_hash(leaf):
    return sha256(b"\0" + leaf)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def split(n):
    """The largest power of two that is less than n."""
    return 1 << (n - 1).bit_length() - 1


def tree_root(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return node_hash(tree_root(hashes[:k]), tree_root(hashes[k:]))


def inclusion_path(index, hashes):
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return inclusion_path(index, hashes[:k]) + [tree_root(hashes[k:])]
    return inclusion_path(index - k, hashes[k:]) + [tree_root(hashes[:k])]


def inclusion_root(leaf, index, size, path):
    """The root that a path leads to (section 2.1.3.2)."""
    require(0 <= index < size, "index beyond the tree")
    fn, sn, root = index, size - 1, leaf
    for step in path:
        require(sn != 0 and len(step) == 32, "path too long")
        if fn & 1 or fn == sn:
            root = node_hash(step, root)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, step)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, "path too short")
    return root


def verify_consistency(first, second, path, first_root, second_root):
    """Section 2.1.4.2, with the cases that need no path."""
    require(first <= second, "the tree has become shorter")
    if first == second:
        require(not path and first_root == second_root, "two heads of one size")
        return
    if first == 0:
        require(not path and first_root == sha256(b""), "nothing has no path")
        return
    path = list(path)
    if first & (first - 1) == 0:
        path = [first_root] + path
    require(path, "no path")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for step in path[1:]:
        require(sn != 0, "path too long")
        if fn & 1 or fn == sn:
            old, new = node_hash(step, old), node_hash(step, new)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, step)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and old == first_root and new == second_root, "heads are not consistent")


def verify_multiproof(indexes, hashes, size, nodes, root):
    """One proof for many leaves (12)."""
    require(indexes and list(indexes) == sorted(set(indexes)) and indexes[-1] < size, "indexes")
    take = iter(nodes)

    def range_root(first, n, those):
        if not those:
            node = next(take, None)
            require(node is not None, "a node is missing")
            return node
        if n == 1:
            return those[0][1]
        k = split(n)
        left = range_root(first, k, [t for t in those if t[0] < first + k])
        right = range_root(first + k, n - k, [t for t in those if t[0] >= first + k])
        return node_hash(left, right)

    found = range_root(0, size, list(zip(indexes, hashes)))
    require(found == root and next(take, None) is None, "the proof does not lead to the root")


# --- Ed25519 ---

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P


def small_orders():
    """
    The y of all points whose order divides 8: 1, -1, 0, and those of order 8, which double to one with y = 0. That is when
    x^2 = -y^2, with the curve's equation when d y^4 + 2 y^2 - 1 = 0.
    """
    root = square_root((1 + D) % P)
    squares = [(sign * root - 1) * pow(D, P - 2, P) % P for sign in (1, -1)]
    eight = [y for y in map(square_root, squares) if y is not None]
    return {1, P - 1, 0, *eight, *(P - y for y in eight)}


def square_root(a):
    x = pow(a, (P + 3) // 8, P)
    if x * x % P != a:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x * x % P == a else None


SMALL = small_orders()


def verifying_key(raw):
    require(len(raw) == 32, "a key has 32 bytes")
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    require(y < P and y not in SMALL, "not an acceptable Ed25519 key")
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    require(square_root(x2) is not None, "not a point of the curve")
    return Ed25519PublicKey.from_public_bytes(raw)


def verify(public, message, signature):
    require(len(signature) == 64, "a signature has 64 bytes")
    try:
        verifying_key(public).verify(signature, message)
    except InvalidSignature:
        raise Refused("signature does not verify") from None


def signing_key(seed):
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_of(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def secret_of(key):
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


# --- batches (8) ---

STATEMENTS, ACKS = "nrm/v1/statements", "nrm/v1/acks"


def batch_preimage(name, size, root):
    return domain(name) + u32(size) + root


def batch_sign(key, name, items):
    return key.sign(batch_preimage(name, len(items), tree_root([leaf_hash(i) for i in items])))


def verify_proof(public, name, item, size, index, path, signature):
    require(1 <= size <= 256, "size of a batch")
    root = inclusion_root(leaf_hash(item), index, size, path)
    verify(public, batch_preimage(name, size, root), signature)


# --- HPKE, base mode (RFC 9180), export only (7) ---

KEM = b"KEM" + u16(0x20)
SUITE = b"HPKE" + u16(0x20) + u16(1) + u16(2)


def labeled_extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(suite, prk, label, info, length):
    info, out, block = u16(length) + b"HPKE-v1" + suite + label + info, b"", b""
    while len(out) < length:
        block = hmac.digest(prk, block + info + u8(len(out) // 32 + 1), "sha256")
        out += block
    return out[:length]


def exchange(secret, public):
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Refused("all-zero Diffie-Hellman result") from None


def x25519_public(secret):
    return public_of(X25519PrivateKey.from_private_bytes(secret))


class Context:
    def __init__(self, dh, enc, recipient, info):
        prk = labeled_extract(KEM, b"", b"eae_prk", dh)
        shared = labeled_expand(KEM, prk, b"shared_secret", enc + recipient, 32)
        schedule = (b"\0" + labeled_extract(SUITE, b"", b"psk_id_hash", b"")
                    + labeled_extract(SUITE, b"", b"info_hash", info))
        self.exporter = labeled_expand(SUITE, labeled_extract(SUITE, shared, b"secret", b""), b"exp", schedule, 32)

    def export(self, context, length):
        return labeled_expand(SUITE, self.exporter, b"sec", context, length)

    def key_check(self):
        return self.export(domain("nrm/v1/check"), 32)

    def field_key(self, field):
        key = self.export(domain("nrm/v1/field") + u16(field), 44)
        return key[:32], key[32:]

    def seal(self, field, value):
        key, nonce = self.field_key(field)
        return AESGCM(key).encrypt(nonce, pad(value), b"")

    def open(self, field, ciphertext):
        key, nonce = self.field_key(field)
        try:
            return unpad(AESGCM(key).decrypt(nonce, ciphertext, b""))
        except (InvalidTag, ValueError):
            raise Refused("cannot be opened") from None


def sender_context(recipient, info, ephemeral=None):
    key = X25519PrivateKey.from_private_bytes(ephemeral) if ephemeral else X25519PrivateKey.generate()
    enc = public_of(key)
    return enc, Context(exchange(secret_of(key), recipient), enc, recipient, info)


def recipient_context(secret, enc, info):
    return Context(exchange(secret, enc), enc, x25519_public(secret), info)


def seal_info(message_id, case_id, sender, recipient):
    sender, recipient = sender.encode(), recipient.encode()
    return (domain("nrm/v1/seal") + message_id + case_id
            + u8(len(sender)) + sender + u8(len(recipient)) + recipient)


def padded_length(n):
    require(n <= 65535, "value too long")
    size = 32
    while size <= n:
        size += size if size < 4096 else 4096
    return size


def pad(value):
    return value + b"\x80" + bytes(padded_length(len(value)) - len(value) - 1)


def unpad(padded):
    value = padded.rstrip(b"\0")
    require(value.endswith(b"\x80") and len(padded) == padded_length(len(value) - 1), "padding")
    return value[:-1]


def commitment(field, salt, ciphertext):
    return sha256(domain("nrm/v1/field") + salt + u16(field) + sha256(ciphertext))


def view_digest(salt, view):
    return sha256(domain("nrm/v1/view") + salt + view)
