"""Making statements and envelopes (PROTOCOL.md, sections 3, 5-8)."""
import os
import time

from directory import SEALING
from primitives import (STATEMENTS, batch_sign, commitment, inclusion_path, leaf_hash, sender_context, seal_info,
                        sha256)
from proto import frame_pb2, statement_pb2, vocabulary_pb2
from wire import encode

DAY = 24 * 3600 * 1000
BODY = {"withdrawal": "consent_withdrawal"}  # where body and type are not spelled alike


def now_ms():
    return time.time_ns() // 1_000_000


def code(kind, name):
    """The number of a code: code("Field", "given_name")."""
    enum = vocabulary_pb2.DESCRIPTOR.enum_types_by_name[kind]
    prefix = enum.values_by_number[0].name.rsplit("_", 1)[0] + "_"
    return enum.values_by_name[prefix + name.upper()].number


def fields(*names):
    return sorted(code("Field", name) for name in names)


def message_id(ms=None):
    raw = bytearray((now_ms() if ms is None else ms).to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return bytes(raw)


def statement(kind, sender, recipient, case_id, **elements):
    """A statement with all that every type has; `elements` and the returned message's body fill in the rest."""
    now = now_ms()
    st = statement_pb2.Statement(
        version=1, message_id=message_id(), case_id=case_id, sender=sender, recipient=recipient,
        type=code("MessageType", kind), issued_at_ms=now, expires_at_ms=now + DAY)
    for name, value in elements.items():
        setattr(st, name, value)
    getattr(st, BODY.get(kind, kind)).SetInParent()
    return st


def referral(sender, recipient, case_id, service="emergency_shelter", basis="consent"):
    st = statement("referral", sender, recipient, case_id, service=code("Service", service),
                   purpose=code("Purpose", "assistance"), phase=code("Phase", "crisis"))
    st.basis.kind = code("BasisKind", basis)
    st.referral.urgency = code("Urgency", "urgent")
    st.referral.region = "TH-10"
    return st


def adult(sender, broker, case_id):
    st = statement("case_card", sender, broker, case_id)
    st.case_card.fact.add().age_class = code("AgeClass", "adult")
    return st


def consent(sender, broker, case_id, recipient, service="emergency_shelter", data=None):
    """A consent to all data, or to the named fields."""
    st = statement("consent_grant", sender, broker, case_id, phase=code("Phase", "crisis"))
    grant = st.consent_grant
    grant.consent_id = os.urandom(16)
    grant.given_by = code("GivenBy", "adult")
    grant.service.append(code("Service", service))
    grant.recipient.append(recipient)
    grant.field.extend(data or [])
    grant.any_field = not data
    grant.purpose = code("Purpose", "assistance")
    grant.from_ms = st.issued_at_ms - 60_000
    grant.until_ms = st.issued_at_ms + 20 * DAY
    grant.understood = True
    grant.language = "lo"
    grant.mode = code("ExplanationMode", "oral")
    return st


def withdrawal(sender, recipient, case_id, consent_id=b""):
    st = statement("withdrawal", sender, recipient, case_id)
    st.consent_withdrawal.consent_id = consent_id
    return st


def seal(st, sealing_key, values):
    """Seals {field number: value} to a key: fills in the statement's sealing part, returns the SealedFields."""
    enc, ctx = sender_context(sealing_key, seal_info(st.message_id, st.case_id, st.sender, st.recipient))
    st.encapsulated_key, st.key_check = enc, ctx.key_check()
    st.recipient_key = sha256(sealing_key)[:8]
    sealed, commitments = [], []
    for field in sorted(values):
        salt, ciphertext = os.urandom(16), ctx.seal(field, values[field])
        sealed.append(statement_pb2.SealedField(field=field, salt=salt, ciphertext=ciphertext))
        commitments.append(commitment(field, salt, ciphertext))
    del st.commitment[:]
    st.commitment.extend(sorted(commitments))
    return sealed


def envelope(key, data, sealed=()):
    """One statement's bytes, alone under a signature."""
    e = statement_pb2.Envelope(statement=data, field=sealed)
    e.proof.size = 1
    e.proof.signature = batch_sign(key, STATEMENTS, [data])
    return e


def batch(key, datas):
    """Envelopes without sealed fields, under one signature, each with its path."""
    hashes = [leaf_hash(d) for d in datas]
    signature = batch_sign(key, STATEMENTS, datas)
    envelopes = []
    for i, data in enumerate(datas):
        e = statement_pb2.Envelope(statement=data)
        e.proof.size, e.proof.index, e.proof.signature = len(datas), i, signature
        e.proof.path.extend(inclusion_path(i, hashes))
        envelopes.append(e)
    return envelopes


def submit(*envelopes, signature=b""):
    return frame_pb2.ToBroker(submit=frame_pb2.Submit(envelope=envelopes, signature=signature))


class Message:
    """A message with its envelope and what its receipts are held against."""

    def __init__(self, agent, st, values=None, sealing_key=None):
        sealed = []
        if values:
            sealed = seal(st, sealing_key or agent.directory.key(st.recipient, SEALING), values)
        self.statement, self.data = st, encode(st)
        self.id, self.case_id, self.declared = st.message_id, st.case_id, sorted(values or {})
        self.digest = leaf_hash(self.data)
        self.envelope = envelope(agent.keys.signing, self.data, sealed)
        self.told = {}  # index of a leaf: what was told of it
