"""This client's own cryptography, held to the golden vectors before it judges anybody else's."""
import json

import primitives as p
from notes import NoteKey, open_note


def un(text):
    return bytes.fromhex(text)


def refuses(act):
    try:
        act()
    except p.Refused:
        return True
    return False


def hpke(v):
    ctx = p.recipient_context(un(v["skRm"]), un(v["pkEm"]), un(v["info"]))
    assert p.sender_context(un(v["pkRm"]), un(v["info"]), un(v["skEm"]))[0] == un(v["pkEm"])
    for e in v["exports"]:
        assert ctx.export(un(e["exporter_context"]), e["L"]) == un(e["exported_value"])


def sealing(v):
    for case in v:
        ids = un(case["message_id"]), un(case["case_id"]), case["sender"], case["recipient"]
        assert p.seal_info(*ids) == un(case["info"])
        enc, ctx = p.sender_context(un(case["recipient_sealing_public"]), un(case["info"]), un(case["ephemeral_secret"]))
        assert enc == un(case["encapsulated_key"]) and ctx.key_check() == un(case["key_check"])
        back = p.recipient_context(un(case["recipient_sealing_secret"]), enc, un(case["info"]))
        for f in case["fields"]:
            assert ctx.seal(f["field"], un(f["plaintext"])) == un(f["ciphertext"])
            assert back.open(f["field"], un(f["ciphertext"])) == un(f["plaintext"])
            assert p.commitment(f["field"], un(f["salt"]), un(f["ciphertext"])) == un(f["commitment"])


def sealing_refused(v):
    def opened(case):
        ctx = p.recipient_context(un(case["recipient_sealing_secret"]), un(case["encapsulated_key"]), un(case["info"]))
        p.require(ctx.key_check() == un(case["key_check"]) and case["field"] > 0, "key check")
        ctx.open(case["field"], un(case["ciphertext"]))
    for case in v:
        assert refuses(lambda c=case: opened(c)), case["what"]


def padding(v):
    assert all(p.padded_length(x["plaintext_length"]) == x["padded_length"] for x in v["lengths"])
    assert refuses(lambda: p.padded_length(v["too_long"]))
    assert all(p.pad(un(x["plaintext"])) == un(x["padded"]) for x in v["padded"])
    assert all(refuses(lambda x=x: p.unpad(un(x["padded"]))) for x in v["refused"])


def keys(v):
    assert all(refuses(lambda x=x: p.verifying_key(un(x["public_key"]))) for x in v)


def keys_x25519(v):
    eight = bytes([8]) + bytes(31)
    assert all(refuses(lambda x=x: p.exchange(eight, un(x["public_key"]))) for x in v)


def statements(v):
    for case in v:
        items, key = [un(s) for s in case["statements"]], p.signing_key(un(case["signing_seed"]))
        assert p.batch_sign(key, p.STATEMENTS, items) == un(case["signature"])
        for q in case["proofs"]:
            p.verify_proof(un(case["signing_public"]), p.STATEMENTS, items[q["index"]], len(items), q["index"],
                           [un(h) for h in q["path"]], un(case["signature"]))


def statements_refused(v):
    for c in v:
        assert refuses(lambda c=c: p.verify_proof(un(c["signing_public"]), p.STATEMENTS, un(c["statement"]), c["size"],
                                                  c["index"], [un(h) for h in c["path"]], un(c["signature"]))), c["what"]


def acks(v):
    for c in v["accepted"]:
        key = p.signing_key(un(c["signing_seed"]))
        assert p.batch_sign(key, p.ACKS, [un(a) for a in c["acks"]]) == un(c["signature"])
    for c in v["refused"]:
        root = p.tree_root([p.leaf_hash(un(a)) for a in c["acks"]])
        assert refuses(lambda c=c, r=root: p.verify(un(c["signing_public"]), p.batch_preimage(p.ACKS, len(c["acks"]), r),
                                                    un(c["signature"]))), c["what"]


def documents(v):
    def check(c):
        p.verify(un(c["authority_public"]), p.domain("nrm/v1/" + c["kind"]) + un(c["document"]), un(c["signature"]))
    for c in v["accepted"]:
        check(c)
        assert p.sha256(p.domain("nrm/v1/" + c["kind"]) + un(c["document"])) == un(c["digest"])
    assert all(refuses(lambda c=c: check(c)) for c in v["refused"])


def views(v):
    assert all(p.view_digest(un(x["salt"]), un(x["view"])) == un(x["digest"]) for x in v)


def merkle(v):
    hashes = [p.leaf_hash(un(x)) for x in v["leaves"]]
    roots = [un(r) for r in v["roots"]]
    assert [p.tree_root(hashes[:n]) for n in range(len(roots))] == roots

    def included(c):
        path = [un(h) for h in c["path"]]
        p.require(p.inclusion_root(hashes[c["index"]], c["index"], c["size"], path) == roots[c["size"]], "root")

    def consistent(c):
        path = [un(h) for h in c["path"]]
        p.verify_consistency(c["first"], c["second"], path, roots[c["first"]], roots[c["second"]])
    for c in v["inclusion"]:
        included(c)
    for c in v["consistency"]:
        consistent(c)
    assert all(refuses(lambda c=c: included(c)) for c in v["inclusion_refused"])
    assert all(refuses(lambda c=c: consistent(c)) for c in v["consistency_refused"])


def notes(v):
    log = NoteKey(v["log"]["verifier_key"])
    witnesses = [NoteKey(w["verifier_key"]) for w in v["witnesses"]]
    for n in v["accepted"]:
        size, root, by = open_note(n["note"].encode(), log, witnesses)
        assert (size, root, sorted(by)) == (n["size"], un(n["root"]), sorted(n["cosigned_by"])), n["what"]
    for n in v["refused"]:
        assert refuses(lambda n=n: open_note(n["note"].encode(), log, witnesses)), n["what"]


GROUPS = {"hpke": hpke, "sealing": sealing, "sealing_refused": sealing_refused, "padding": padding,
          "ed25519_small_order": keys, "x25519_refused": keys_x25519, "statements": statements,
          "statements_refused": statements_refused, "acks": acks, "documents": documents, "views": views,
          "merkle": merkle, "notes": notes}


def multiproof():
    """The worked example of PROTOCOL.md, and its twins."""
    leaves = [p.leaf_hash(bytes([i])) for i in range(5)]
    node = [un("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
            un("52c56b473e5246933e7852989cd9feba3b38f078742b93afff1e65ed46797825")]
    root = un("b855b42d6c30f5b087e05266783fbd6e394f7b926013ccaa67700a8b0c5a596f")
    proved = [leaves[1], leaves[4]]
    p.verify_multiproof([1, 4], proved, 5, node, root)
    for indexes, hashes, nodes in (([1, 4], proved, node[:1]), ([1, 4], proved, node + node[:1]),
                                   ([1, 4], proved, node[::-1]), ([0, 4], proved, node), ([4, 1], proved, node),
                                   ([1, 4], proved[::-1], node), ([1, 5], proved, node)):
        assert refuses(lambda i=indexes, h=hashes, n=nodes: p.verify_multiproof(i, h, 5, n, root))


def run(checks, country):
    with open(country.vectors, encoding="utf-8") as file:
        vectors = json.load(file)
    for name, test in GROUPS.items():
        with checks(f"vectors: {name}"):
            test(vectors[name])
    with checks("vectors: the multiproof of PROTOCOL.md"):
        multiproof()
