"""Bad input: each fault alone, in a message that is right in everything else, gets its documented code and changes nothing."""
import os

import zmq

from agent import Lost
from check_referral import VALUES, open_case
from evidence import FORWARD, acknowledge
from primitives import STATEMENTS, batch_sign, signing_key
from proto import frame_pb2, statement_pb2
from statements import (DAY, Message, adult, batch, code, consent, envelope, fields, now_ms, referral, submit,
                        withdrawal)
from wire import encode


class Bad:
    """Makes frames with one fault each, for the case that the police opened."""

    def __init__(self, police, shelter, hospital, case_id):
        self.police, self.shelter, self.hospital, self.case_id = police, shelter, hospital, case_id

    def referral(self, **elements):
        st = referral(self.police.id, self.shelter.id, self.case_id)
        for name, value in elements.items():
            setattr(st, name, value)
        return st

    def message(self, values=VALUES, **elements):
        """An envelope that would be accepted but for `elements`."""
        return Message(self.police, self.referral(**elements), values)

    def changed(self, change, values=VALUES):
        """The envelope of a good message, changed after it was signed."""
        e = self.message(values).envelope
        change(e)
        return submit(e)

    def signed(self, data):
        """Any bytes as a statement, properly signed."""
        return submit(envelope(self.police.keys.signing, data))

    def other(self, st):
        return self.signed(encode(st))


def statement_faults(bad):
    """(name, code, frame): the fault is in the statement."""
    st, good = bad.referral, encode(bad.referral())
    nested = statement_pb2.Referral(region="TH-10").SerializeToString() + b"\xf8\x01\x01"  # element 31
    head = bad.referral()
    head.ClearField("body")
    inner = encode(head) + b"\xa2\x01" + bytes([len(nested)]) + nested  # element 20: referral
    late = now_ms()
    return [
        ("unknown element", "unknown_element", bad.signed(good + b"\xf8\x07\x01")),
        ("element of an override", "unknown_element", bad.signed(good + b"\x92\x3f\x08override")),
        ("unknown element in the body", "unknown_element", bad.signed(inner)),
        ("unknown service", "unknown_code", bad.other(st(service=62))),
        ("unknown type", "unknown_code", bad.other(st(type=99))),
        ("no type", "body_mismatch", bad.other(st(type=0))),
        ("body of another type", "body_mismatch", bad.other(st(type=code("MessageType", "update")))),
        ("no body", "body_mismatch", bad.other(head)),
        ("explicit default", "not_canonical", bad.signed(good + b"\x8a\x01\x00")),
        ("element twice", "not_canonical", bad.signed(good[:2] + good)),
        ("long varint", "not_canonical", bad.signed(b"\x08\x81\x00" + good[2:])),
        ("elements out of order", "not_canonical", bad.signed(good[2:] + good[:2])),
        ("empty basis", "not_canonical", bad.other(without_ground(st()))),
        ("newer version", "version_too_new", bad.other(st(version=2))),
        ("newer version with new elements", "version_too_new", bad.signed(encode(st(version=2)) + b"\xf8\x07\x01")),
        ("no version", "malformed", bad.other(st(version=0))),
        ("no protobuf", "malformed", bad.signed(b"\xff" * 40)),
        ("message id of another kind", "bad_id", bad.other(st(message_id=bytes(16)))),
        ("short message id", "bad_id", bad.other(st(message_id=bad.referral().message_id[:15]))),
        ("long case id", "bad_id", bad.other(st(case_id=bytes(17)))),
        ("recipient without form", "bad_id", bad.other(st(recipient="shelter"))),
        ("zero byte in an id", "not_canonical", bad.other(st(recipient="TH.a\0b"))),
        ("lifetime of 31 days", "malformed", bad.other(st(expires_at_ms=late + 31 * DAY))),
        ("expiry before issue", "malformed", bad.other(st(issued_at_ms=late, expires_at_ms=late - 1))),
        ("expired", "expired", bad.other(st(issued_at_ms=late - 2 * DAY, expires_at_ms=late - 1))),
        ("issued in an hour", "not_yet", bad.other(st(issued_at_ms=late + DAY // 24, expires_at_ms=late + DAY))),
        ("emergency reason without emergency", "malformed", bad.other(emergency(st()))),
        ("region without form", "malformed", bad.other(region(st()))),
        ("commitment without a field", "commitment_mismatch", bad.changed(lambda e: e.field.pop())),
        ("commitments out of order", "not_canonical", unordered(bad)),
        ("commitment twice", "duplicate_field", twice(bad)),
        ("commitments without a key", "malformed", bad.other(keyless(bad))),
        ("65 commitments", "too_large", bad.other(many(bad))),
        ("consent with a service twice", "duplicate_field", bad.other(twice_served(bad))),
        ("case card with a fact twice", "duplicate_field", bad.other(twice_adult(bad))),
    ]


def without_ground(st):
    st.basis.kind = 0
    return st


def emergency(st):
    st.basis.emergency = code("EmergencyReason", "life_threat")
    return st


def region(st):
    st.referral.region = "th 10"
    return st


def resealed(bad, commitments):
    """A good message whose statement has other commitments, signed anew."""
    m = bad.message()
    m.statement.commitment[:] = commitments(list(m.statement.commitment))
    return submit(envelope(bad.police.keys.signing, encode(m.statement), m.envelope.field))


def unordered(bad):
    return resealed(bad, lambda c: c[::-1])


def twice(bad):
    return resealed(bad, lambda c: c[:1] + c)


def many(bad):
    st = bad.message().statement
    st.commitment[:] = sorted(os.urandom(32) for _ in range(65))
    return st


def keyless(bad):
    st = bad.message().statement
    st.key_check = b""
    return st


def twice_served(bad):
    st = consent(bad.police.id, bad.police.country.broker, bad.case_id, bad.shelter.id)
    st.consent_grant.service.append(st.consent_grant.service[0])
    return st


def twice_adult(bad):
    st = adult(bad.police.id, bad.police.country.broker, bad.case_id)
    st.case_card.fact.add().age_class = code("AgeClass", "adult")
    return st


def identity_faults(bad):
    police, shelter, hospital, broker = bad.police, bad.shelter, bad.hospital, bad.police.country.broker
    of_other = referral(hospital.id, shelter.id, bad.case_id)
    card_to_agency = adult(police.id, shelter.id, bad.case_id)
    to_broker = Message(police, withdrawal(police.id, broker, bad.case_id), VALUES, os.urandom(32))
    return [
        ("another agency's message under our signature", "not_your_identity", bad.other(of_other)),
        ("another agency's message under its signature", "bad_signature",
         submit(envelope(hospital.keys.signing, encode(of_other)))),
        ("our message under another's signature", "bad_signature",
         submit(envelope(hospital.keys.signing, encode(bad.referral())))),
        ("our message under a stranger's signature", "bad_signature",
         submit(envelope(signing_key(os.urandom(32)), encode(bad.referral())))),
        ("signature of zeros", "bad_signature", bad.changed(lambda e: setattr(e.proof, "signature", bytes(64)))),
        ("short signature", "bad_signature",
         bad.changed(lambda e: setattr(e.proof, "signature", e.proof.signature[:63]))),
        ("changed statement", "bad_signature",
         bad.changed(lambda e: setattr(e, "statement", e.statement.replace(b"TH-10", b"TH-11")))),
        ("acks' signature on a statement", "bad_signature", acks_domain(bad)),
        ("path of another size", "bad_path", bad.changed(lambda e: setattr(e.proof, "size", 2))),
        ("size 0", "bad_path", bad.changed(lambda e: setattr(e.proof, "size", 0))),
        ("index beyond the size", "bad_path", bad.changed(lambda e: setattr(e.proof, "index", 1))),
        ("257 statements under a signature", "bad_path", bad.changed(lambda e: setattr(e.proof, "size", 257))),
        ("path too long", "bad_path", bad.changed(lambda e: e.proof.path.append(bytes(32)))),
        ("neighbour's path", "bad_signature", neighbours(bad)),
        ("message to oneself", "wrong_recipient", bad.other(bad.referral(recipient=police.id))),
        ("referral to the broker", "wrong_recipient", bad.other(bad.referral(recipient=broker))),
        ("case card to an agency", "wrong_recipient", bad.other(card_to_agency)),
        ("fields to the broker", "body_mismatch", submit(to_broker.envelope)),
        ("sealed to a key that nobody has", "stale_key",
         submit(Message(police, bad.referral(), VALUES, shelter.directory.key(hospital.id, 2)).envelope)),
    ]


def acks_domain(bad):
    data = encode(bad.referral())
    e = envelope(bad.police.keys.signing, data)
    e.proof.signature = batch_sign(bad.police.keys.signing, "nrm/v1/acks", [data])
    return submit(e)


def neighbours(bad):
    one, two = batch(bad.police.keys.signing, [encode(bad.referral()), encode(bad.referral())])
    one.proof.path[:] = two.proof.path
    return submit(one)


def field_faults(bad):
    def salt(e):
        e.field[0].salt = os.urandom(16)

    def swap(e):
        e.field[0].salt, e.field[1].salt = e.field[1].salt, e.field[0].salt

    def renumber(e):
        e.field[0].field = code("Field", "given_name") + 1

    def double(e):
        e.field.insert(0, e.field[0])

    def reverse(e):
        ordered = list(e.field)[::-1]
        del e.field[:]
        e.field.extend(ordered)

    def numbered(number):
        return lambda e: setattr(e.field[-1], "field", number)

    def another(e):
        field = e.field.add()
        field.CopyFrom(e.field[-2])
        field.field = code("Field", "complaint_statement")

    def cut(e):
        e.field[0].ciphertext = e.field[0].ciphertext[:-1]

    return [
        ("salt of another commitment", "commitment_mismatch", bad.changed(salt)),
        ("salts exchanged", "commitment_mismatch", bad.changed(swap)),
        ("field under another name", "commitment_mismatch", bad.changed(renumber)),
        ("a field too many", "commitment_mismatch", bad.changed(another)),
        ("a field twice", "duplicate_field", bad.changed(double)),
        ("fields out of order", "not_canonical", bad.changed(reverse)),
        ("unknown field", "unknown_code", bad.changed(numbered(58))),
        ("field 0", "unknown_code", bad.changed(numbered(0))),
        ("ciphertext of no padded length", "malformed", bad.changed(cut)),
        ("short salt", "malformed", bad.changed(lambda e: setattr(e.field[0], "salt", bytes(15)))),
        ("value over 65,535 bytes", "too_large",
         bad.changed(lambda e: setattr(e.field[0], "ciphertext", bytes(65536 + 4096 + 16)))),
        ("envelope over 256 KiB", "too_large", huge(bad)),
        ("statement over 16 KiB", "too_large", bad.signed(encode(bad.referral()) + b"\xfa\x07\x81\x80\x01" + bytes(16385))),
        ("empty statement", "malformed", bad.signed(b"")),
    ]


def huge(bad):
    names = ("given_name", "family_name", "languages", "immediate_needs")
    return submit(bad.message(dict.fromkeys(fields(*names), bytes(65535))).envelope)


def frame_faults(bad):
    police, good = bad.police, bad.message(None).envelope
    bare = statement_pb2.Envelope(statement=good.statement)
    ask, status = frame_pb2.AskProofs, frame_pb2.AskStatus
    ref = frame_pb2.MessageRef(message_id=bad.message().id, case_id=bytes(15))

    def asks(**question):
        return frame_pb2.ToBroker(ask=frame_pb2.Ask(**question))

    return [
        ("empty frame", "malformed", b""),
        ("no protobuf", "malformed", b"\xff" * 100),
        ("unknown frame", "unknown_element", b"\x7a\x00"),
        ("unknown element beside a frame", "unknown_element", encode(submit(good)) + b"\xf8\x07\x01"),
        ("unknown element in an envelope", "unknown_element", encode(frame_pb2.ToBroker(submit=frame_pb2.Submit(
            envelope=[statement_pb2.Envelope.FromString(encode(good) + b"\xf8\x07\x01")])))),
        ("two frames in one", "not_canonical", encode(submit(good)) + encode(asks(directory=frame_pb2.AskDirectory()))),
        ("Submit of nothing", "malformed", submit()),
        ("Submit signed in both ways", "malformed", submit(good, signature=bytes(64))),
        ("Submit signed in neither way", "malformed", submit(bare)),
        ("Submit with a short signature", "malformed", submit(bare, signature=bytes(63))),
        ("257 envelopes", "too_large", submit(*[good] * 257)),
        ("257 questions", "too_large", asks(status=status(message=[frame_pb2.MessageRef(
            message_id=bad.message().id, case_id=bytes(16))] * 257))),
        ("question about a short case id", "bad_id", asks(status=status(message=[ref]))),
        ("indexes twice", "duplicate_field", asks(proofs=ask(index=[1, 1]))),
        ("indexes descending", "not_canonical", asks(proofs=ask(index=[2, 1]))),
        ("index beyond the trail", "malformed", asks(proofs=ask(index=[2**40]))),
        ("no question", "malformed", asks()),
        ("Acknowledge of nothing", "malformed", acknowledge(police.keys.signing, [])),
        ("cosignature", "malformed", frame_pb2.ToBroker(cosignature=frame_pb2.Cosignature(note=b"x"))),
        ("Hello of later versions", "version_too_new",
         frame_pb2.ToBroker(hello=frame_pb2.Hello(min_version=2, max_version=3))),
        ("Hello without versions", "malformed", frame_pb2.ToBroker(hello=frame_pb2.Hello())),
        ("Hello with a range upside down", "malformed",
         frame_pb2.ToBroker(hello=frame_pb2.Hello(min_version=2, max_version=1))),
        *((f"{name} from an agent", ("malformed", "not_canonical", "unknown_element"), encode(frame))
          for name, frame in wrong_direction(good)),
    ]


def wrong_direction(good):
    to = frame_pb2.ToAgent
    document = frame_pb2.SignedDocument(document=b"d", signature=bytes(64))
    item = frame_pb2.ReceiptItem(message_id=bytes(16), index=1, leaf=b"l", salt=bytes(32), view=b"v")
    return [
        ("Welcome", to(welcome=frame_pb2.Welcome(version=1, time_ms=now_ms(), submit_credit=9, checkpoint=b"n"))),
        ("Receipt", to(receipt=frame_pb2.Receipt(item=[item]))),
        ("Deliver", to(deliver=frame_pb2.Deliver(item=[frame_pb2.DeliverItem(index=1, leaf=b"l", envelope=good)]))),
        ("Proofs", to(proofs=frame_pb2.Proofs(checkpoint=b"n", from_size=1, index=[1], node=[bytes(32)]))),
        ("Answering", to(answer=frame_pb2.Answering(directory=document))),
        ("Refused", to(refused=frame_pb2.Refused(code=1, text="no"))),
    ]


def expect(checks, agent, name, codes, frame):
    codes = (codes,) if isinstance(codes, str) else codes
    with checks(f"{', '.join(c.upper() for c in codes)}: {name}"):
        refused = agent.refused(frame)
        got = refused.DESCRIPTOR.fields_by_name["code"].enum_type.values_by_number[refused.code].name
        assert refused.code in [code("RefusalCode", c) for c in codes], got
        assert refused.text


def check_acks(checks, bad):
    police, shelter = bad.police, bad.shelter
    with checks("a delivery to be acknowledged wrongly"):
        police.decided(bad.message())
        delivery = shelter.expect("delivery")
    good = delivery.ack()
    other = frame_pb2.Ack.FromString(good)
    wrong = {"digest": "statement_digest", "leaf": "leaf_hash"}
    key = shelter.keys.signing
    for name, element in wrong.items():
        ack = frame_pb2.Ack.FromString(good)
        setattr(ack, element, bytes(32))
        expect(checks, shelter, f"another {name}", "unknown_ack", acknowledge(key, [encode(ack)]))
    del other.forwarded[0]
    expect(checks, shelter, "other fields", "unknown_ack", acknowledge(key, [encode(other)]))
    expect(checks, shelter, "ack under the sender's signature", "bad_signature",
           acknowledge(police.keys.signing, [good]))
    expect(checks, shelter, "no status", "unknown_code", acknowledge(key, [delivery.ack(0)]))
    expect(checks, shelter, "unknown status", "unknown_code", acknowledge(key, [delivery.ack(9)]))
    expect(checks, shelter, "one good and one malformed", "malformed", acknowledge(key, [good, b"\xff\xff"]))
    expect(checks, police, "the sender acknowledges it itself", "unknown_ack",
           acknowledge(police.keys.signing, [good]))
    with checks("after all that the right one is taken"):
        shelter.say(acknowledge(key, [good]))
        police.expect("receipt")


def check_batch(checks, bad):
    police = bad.police
    with checks("one bad message among good ones: the others are decided, in order"):
        messages = [bad.message(None) for _ in range(3)]
        messages[1].envelope.proof.signature = bytes(64)
        police.submit(*messages)
        one, two, three = police.answer(), police.answer(), police.answer()
        assert (one.view.message_id, three.view.message_id) == (messages[0].id, messages[2].id)
        assert (two.code, two.item) == (code("RefusalCode", "bad_signature"), 1)
        for _ in range(2):
            bad.shelter.say(acknowledge(bad.shelter.keys.signing, [bad.shelter.expect("delivery").ack()]))
            police.expect("receipt")
    with checks("a bad signature over a batch: each of it is refused"):
        messages = [bad.message(None) for _ in range(3)]
        for m in messages:
            m.envelope.ClearField("proof")
        signature = batch_sign(police.keys.signing, STATEMENTS, [m.data for m in messages[::-1]])
        police.say(submit(*(m.envelope for m in messages), signature=signature))
        refused = [police.answer() for _ in messages]
        assert [(r.code, r.item) for r in refused] == [(code("RefusalCode", "bad_signature"), i) for i in range(3)]


def check_before_hello(checks, bad):
    with checks("NO_SESSION: anything before Hello"):
        police = bad.police
        police.connect(hello=False)
        ask = frame_pb2.Ask(directory=frame_pb2.AskDirectory())
        for frame in (submit(bad.message().envelope), frame_pb2.ToBroker(credit=frame_pb2.Credit(deliveries=1)),
                      frame_pb2.ToBroker(ask=ask)):
            police.say(frame)
            assert police.expect("refused").code == code("RefusalCode", "no_session")
        police.hello()


def check_endings(checks, bad, bystander):
    for name, parts in (("a frame over 320 KiB ends the connection", [bytes(327681)]),
                        ("a message of two parts ends it", [b"", encode(submit(bad.message().envelope))])):
        with checks(name):
            bystander.connect()
            bystander.connection.socket.send_multipart(parts)
            try:
                while bystander.take():
                    pass
                raise AssertionError("it goes on")
            except Lost as lost:
                assert lost.event in (zmq.EVENT_DISCONNECTED, zmq.EVENT_CLOSED)
    with checks("a frame of 320 KiB is answered"):
        bystander.connect()
        assert bystander.refused(b"\xff" * 327680).code == code("RefusalCode", "malformed")
        bystander.drop()


def run(checks, country):
    police, shelter, hospital = (country.agent(n) for n in ("police", "shelter", "hospital"))
    for agent in (police, shelter, hospital):
        agent.connect()
    bad = Bad(police, shelter, hospital, os.urandom(16))
    open_case(police, shelter.id, bad.case_id)
    with checks("but for its fault each of the messages below is accepted"):
        told = police.decided(bad.message())
        assert told.leaf.outcome == FORWARD
        shelter.say(acknowledge(shelter.keys.signing, [shelter.expect("delivery").ack()]))
        leaves = police.expect("receipt").index + 1
    for faults in (statement_faults, identity_faults, field_faults, frame_faults):
        for fault in faults(bad):
            expect(checks, police, *fault)
    with checks("none of them changed anything: no leaf, no delivery, nobody else's connection touched"):
        assert police.trail_ends_at(leaves)
        shelter.ask_directory()
        hospital.ask_directory()
        assert not shelter.inbox and not hospital.inbox
    check_acks(checks, bad)
    check_batch(checks, bad)
    check_before_hello(checks, bad)
    check_endings(checks, bad, country.agent("coordinator"))
    with checks("the others' connections stand as before"):
        shelter.ask_directory()
        hospital.ask_directory()
        told = police.decided(Message(police, adult(police.id, country.broker, bad.case_id)))
        assert told.leaf.outcome == FORWARD
    for agent in (police, shelter, hospital):
        agent.drop()
