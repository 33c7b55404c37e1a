"""What a client checks before it believes: receipts, deliveries, acknowledgements, proofs (PROTOCOL.md, 10-12)."""
from notes import open_note
from primitives import (ACKS, STATEMENTS, Refused, batch_sign, commitment, leaf_hash, recipient_context, require, seal_info,
                        sha256, verify_consistency, verify_multiproof, verify_proof, view_digest, x25519_public)
from proto import frame_pb2, statement_pb2, trail_pb2
from statements import code, now_ms
from wire import decode, encode

ACKNOWLEDGEMENT, REDECISION, RETURN = (code("EventKind", k) for k in ("acknowledgement", "redecision", "return"))
REFUSE, FORWARD, HOLD = (code("Outcome", o) for o in ("refuse", "forward", "hold"))
OK = code("AckStatus", "ok")


class Told:
    """A leaf with a view of it, held against each other."""

    def __init__(self, item, viewer):
        require(len(item.salt) == 32, "salt")
        self.index, self.bytes, self.salt, self.view_bytes = item.index, item.leaf, item.salt, item.view
        self.leaf = decode(trail_pb2.TrailEvent, item.leaf)
        require(self.leaf.version == 1, "version of the leaf")
        require(view_digest(item.salt, item.view) == getattr(self.leaf, viewer + "_view"), "view is not the leaf's")
        self.view = decode(trail_pb2.View, item.view)
        require((self.view.outcome, self.view.reason) == (self.leaf.outcome, self.leaf.reason), "leaf and view differ")
        self.hash = leaf_hash(item.leaf)

    def is_of(self, st, digest):
        leaf, view = self.leaf, self.view
        require(leaf.kind in (st.type, ACKNOWLEDGEMENT, REDECISION, RETURN) and view.type == st.type, "kind")
        require((view.message_id, leaf.sender, leaf.recipient, leaf.service)
                == (st.message_id, st.sender, st.recipient, st.service), "another message")
        require(view.statement_digest == digest, "another statement")


def withheld(view):
    return {field: w.reason for w in view.withheld for field in w.field}


def receipt(item, message, directory):
    """Checks a ReceiptItem about one of our messages and remembers it."""
    told = Told(item, "sender")
    require(item.message_id == message.id, "another message")
    told.is_of(message.statement, message.digest)
    view, out = told.view, withheld(told.view)
    if told.leaf.kind == ACKNOWLEDGEMENT:
        acknowledgement(told, message, directory)
    elif told.leaf.outcome != FORWARD:
        require(not view.forwarded, "forwarded, and not")
    else:
        require(not set(view.forwarded) & set(out), "forwarded and withheld")
        both = sorted(set(view.forwarded) | set(out))
        require(both == message.declared and view.withheld_count == len(out), "not the fields that were declared")
    message.told[told.index] = told
    return told


def acknowledgement(told, message, directory):
    view, p = told.view, told.view.ack_signature
    verify_proof(directory.signing(message.statement.recipient), ACKS, view.ack, p.size, p.index, p.path, p.signature)
    ack = decode(frame_pb2.Ack, view.ack)
    require(ack.statement_digest == message.digest, "acknowledges another statement")
    decision = message.told.get(view.earlier - 1)
    if decision:
        require(ack.leaf_hash == decision.hash, "acknowledges another leaf")
        require(list(ack.forwarded) == list(decision.view.forwarded), "acknowledges other fields")
    told.ack = ack


class Delivery:
    """A DeliverItem, checked; opened with our sealing secret."""

    def __init__(self, item, directory, self_id, sealing_secret):
        told = self.told = Told(item, "recipient")
        e = self.envelope = item.envelope
        require(told.leaf.outcome == FORWARD and told.leaf.recipient == self_id, "not for us")
        require(e.HasField("proof"), "without a proof")
        p = e.proof
        verify_proof(directory.signing(told.leaf.sender), STATEMENTS, e.statement, p.size, p.index, p.path, p.signature)
        st = self.statement = decode(statement_pb2.Statement, e.statement)
        self.digest = leaf_hash(e.statement)
        told.is_of(st, self.digest)
        require(told.leaf.kind in (st.type, REDECISION) and st.recipient == self_id, "kind, recipient")
        self.fields = [f.field for f in e.field]
        require(self.fields == sorted(set(self.fields)) == list(told.view.forwarded), "fields and view differ")
        commitments = list(st.commitment)
        require(commitments == sorted(set(commitments)), "commitments")
        for f in e.field:
            require(commitment(f.field, f.salt, f.ciphertext) in commitments, "no commitment to a field")
        require(told.view.withheld_count + len(self.fields) == len(commitments), "withheld count")
        self.status, self.values = OK, {}
        try:
            self.open(sealing_secret)
        except Refused:
            self.status = code("AckStatus", "cannot_open")

    def open(self, secret):
        st = self.statement
        if not self.fields:
            return
        require(st.recipient_key == sha256(x25519_public(secret))[:8], "sealed to another key")
        ctx = recipient_context(secret, st.encapsulated_key,
                                seal_info(st.message_id, st.case_id, st.sender, st.recipient))
        require(ctx.key_check() == st.key_check, "key check")
        self.values = {f.field: ctx.open(f.field, f.ciphertext) for f in self.envelope.field}

    def ack(self, status=None):
        return encode(frame_pb2.Ack(statement_digest=self.digest, forwarded=self.fields, leaf_hash=self.told.hash,
                                    time_ms=now_ms(), status=self.status if status is None else status))


def acknowledge(key, acks):
    return frame_pb2.ToBroker(acknowledge=frame_pb2.Acknowledge(ack=acks, signature=batch_sign(key, ACKS, acks)))


class Head:
    """The last checkpoint believed. None is kept at first."""

    def __init__(self):
        self.size, self.root, self.note = 0, sha256(b""), b""

    def takes_note(self, note, log):
        """A note outside of Proofs may repeat what is kept, never contradict it."""
        size, root, _ = open_note(note, log)
        require(size > self.size or (size, root) == (self.size, self.root), "trail forked")

    def proofs(self, frame, log, leaves):
        """Checks a Proofs frame against {index: leaf bytes}; returns the indexes proved."""
        size, root, _ = open_note(frame.checkpoint, log)
        if self.size:
            require(frame.from_size == self.size, "consistency from another size")
            verify_consistency(self.size, size, frame.consistency, self.root, root)
        if frame.index and all(i in leaves for i in frame.index):  # else it was asked about leaves of others
            verify_multiproof(frame.index, [leaf_hash(leaves[i]) for i in frame.index], size, frame.node, root)
        self.size, self.root, self.note = size, root, frame.checkpoint
        return list(frame.index)
