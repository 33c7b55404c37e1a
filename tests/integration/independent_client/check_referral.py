"""A referral's whole way: connection, directory, facts, sealed referral, delivery, acknowledgement, proofs."""
import os
import time

import zmq
import zmq.utils.z85 as z85

from agent import Connection, Lost
from check_vectors import refuses
from directory import Directory, fits, read_signed
from evidence import (ACKNOWLEDGEMENT, FORWARD, OK, REFUSE, Delivery, Head, acknowledge, receipt, withheld)
from primitives import STATEMENTS, batch_sign, leaf_hash, public_of, signing_key, x25519_public
from proto import frame_pb2
from statements import Message, adult, batch, code, consent, fields, message_id, referral, statement, submit
from wire import encode

VALUES = dict(zip(fields("given_name", "languages", "immediate_needs", "offence_record"),
                  (b"A. of the test", b"Lao, \xe0\xba\xa5\xe0\xba\xb2\xe0\xba\xa7", b"", b"entered without a stamp")))
OFFENCE = code("Field", "offence_record")


def open_case(police, recipient, case_id):
    """Adult, and a consent for emergency shelter at `recipient`: what a referral there rests on."""
    broker = police.country.broker
    for st in (adult(police.id, broker, case_id), consent(police.id, broker, case_id, recipient)):
        assert police.decided(Message(police, st)).leaf.outcome == FORWARD


def how_it_ends(country, public, secret, server_key):
    connection = Connection(country.context, country.endpoint, server_key, public, secret)
    try:
        connection.stand()
        return zmq.EVENT_HANDSHAKE_SUCCEEDED
    except Lost as lost:
        return lost.event


def check_door(checks, country):
    secret = os.urandom(32)
    stranger = z85.encode(x25519_public(secret)), z85.encode(secret)
    with checks("a stranger's key gets no connection"):
        assert how_it_ends(country, *stranger, country.server_key) == zmq.EVENT_HANDSHAKE_FAILED_AUTH
    with checks("a suspended participant gets no connection"):
        keys = country.agent("clinic").keys
        end = how_it_ends(country, keys.transport_public, keys.transport_secret, country.server_key)
        assert end == zmq.EVENT_HANDSHAKE_FAILED_AUTH
    with checks("a broker that has not the directory's key gets no connection from us"):
        keys = country.agent("hospital").keys
        end = how_it_ends(country, keys.transport_public, keys.transport_secret, stranger[0])
        assert end != zmq.EVENT_HANDSHAKE_SUCCEEDED


def check_directory(checks, country, police):
    with checks("Hello gets a Welcome with the signed directory, which holds in every rule"):
        welcome = police.connect()
        assert abs(welcome.time_ms - time.time() * 1000) < 60_000
        assert welcome.submit_credit == 1024
        assert police.directory.body.broker.transport_key == country.transport_key()
        fits(police.keys, police.directory, police.id)
    with checks("it is the authority's file, byte for byte"):
        signed = read_signed(country.directory_file)
        assert (welcome.directory.document, welcome.directory.signature) == (signed.document, signed.signature)
        assert police.ask_directory() == signed
    with checks("a changed, unsigned or older directory is refused"):
        for change in (frame_pb2.SignedDocument(document=signed.document[:-1] + b"\0", signature=signed.signature),
                       frame_pb2.SignedDocument(document=signed.document, signature=bytes(64)),
                       frame_pb2.SignedDocument(document=signed.document)):
            assert refuses(lambda c=change: Directory(c, country.authority))
        assert refuses(lambda: Directory(signed, public_of(signing_key(bytes(32)))))
        assert refuses(lambda: Directory(signed, country.authority, held=signed_version(police) + 1))
    with checks("who holds the directory already is not sent it again"):
        assert not police.hello().HasField("directory")


def signed_version(agent):
    return agent.directory.body.version


def check_way(checks, police, shelter):
    case_id = os.urandom(16)
    message = Message(police, referral(police.id, shelter.id, case_id), VALUES)
    with checks("facts are stated and a consent is granted, each with a receipt that holds"):
        shelter.connect()
        open_case(police, shelter.id, case_id)
    with checks("a sealed referral is forwarded, less what is secret for the recipient"):
        decision = police.decided(message)
        assert decision.leaf.outcome == FORWARD
        assert list(decision.view.forwarded) == sorted(set(VALUES) - {OFFENCE})
        assert withheld(decision.view) == {OFFENCE: code("Reason", "secret")}
        assert decision.leaf.directory_digest == police.directory.digest and len(decision.leaf.case_tag) == 32
        assert abs(decision.leaf.minute - decision.view.time_ms // 60_000) == 0
    with checks("the recipient verifies and opens it, and sees that one field is missing"):
        first = shelter.expect("delivery")
        assert first.values == {f: v for f, v in VALUES.items() if f != OFFENCE}
        assert first.told.view.withheld_count == 1 and not first.told.view.withheld
        assert first.told.bytes == decision.bytes and first.told.index == decision.index
    with checks("a field, salt, proof or view that was changed on the way is refused"):
        check_changed(shelter, police, decision, message, first)
    with checks("what is not acknowledged comes again on the next connection, the same in every byte"):
        shelter.connect()
        again = shelter.expect("delivery")
        assert (again.told.bytes, again.told.view_bytes) == (first.told.bytes, first.told.view_bytes)
        assert again.envelope == first.envelope
    with checks("the acknowledgement reaches the sender with the recipient's signature"):
        shelter.say(acknowledge(shelter.keys.signing, [again.ack()]))
        ack = police.expect("receipt", lambda told: told.leaf.kind == ACKNOWLEDGEMENT)
        assert ack.leaf.outcome == FORWARD and ack.ack.status == OK
        assert ack.view.earlier == decision.index + 1 and ack.view.message_id == message.id
    with checks("a second one is refused and harmless"):
        refused = shelter.refused(acknowledge(shelter.keys.signing, [again.ack()]))
        assert refused.code == code("RefusalCode", "unknown_ack")
    with checks("proofs of all that both were told hold under signed checkpoints, each following the last"):
        police.prove_all()
        shelter.prove_all()
        assert police.head.size >= ack.index + 1
    return message, decision, ack


def check_changed(shelter, police, decision, message, delivery):
    """Twins of what held: a byte changed anywhere is noticed."""
    item = frame_pb2.DeliverItem(index=delivery.told.index, leaf=delivery.told.bytes, salt=delivery.told.salt,
                                 view=delivery.told.view_bytes, envelope=delivery.envelope)
    secret = shelter.keys.sealing
    for change in (
            lambda i: setattr(i, "salt", bytes(32)),
            lambda i: setattr(i, "view", i.view[:-1]),
            lambda i: setattr(i, "leaf", i.leaf.replace(delivery.told.leaf.recipient_view, bytes(32))),
            lambda i: setattr(i, "leaf", i.leaf + b"\0"),
            lambda i: setattr(i.envelope.field[0], "salt", bytes(16)),
            lambda i: setattr(i.envelope.field[0], "ciphertext", i.envelope.field[1].ciphertext),
            lambda i: i.envelope.field.pop(),
            lambda i: setattr(i.envelope.proof, "signature", bytes(64)),
            lambda i: setattr(i.envelope, "statement", i.envelope.statement + b"\0"),
            lambda i: i.envelope.ClearField("proof")):
        changed = frame_pb2.DeliverItem()
        changed.CopyFrom(item)
        change(changed)
        assert refuses(lambda c=changed: Delivery(c, shelter.directory, shelter.id, secret))
    told = frame_pb2.ReceiptItem(message_id=message.id, index=decision.index, leaf=decision.bytes, salt=decision.salt,
                                 view=decision.view_bytes[:-1])
    assert refuses(lambda: receipt(told, message, police.directory))


def same(told, other):
    return all(getattr(told, a) == getattr(other, a) for a in ("index", "bytes", "salt", "view_bytes"))


def check_repeats(checks, police, shelter, message, decision, ack):
    with checks("the same message again: the same leaf, salt and view, what became of it since, and nothing else"):
        for _ in range(2):
            assert same(police.decided(message), decision) and same(police.answer(), ack)
    with checks("also under another signature"):
        other = batch(police.keys.signing, [message.data, b"any bytes"])[0]
        other.field.extend(message.envelope.field)
        police.say(submit(other))
        assert same(police.answer(), decision) and same(police.answer(), ack)
    with checks("another statement under its id is ID_REUSED, in its case and in another"):
        for case_id in (message.case_id, os.urandom(16)):
            st = referral(police.id, shelter.id, case_id)
            st.message_id = message.id
            refused = police.refused(submit(Message(police, st).envelope))
            assert refused.code == code("RefusalCode", "id_reused") and refused.message_id == message.id
    with checks("nothing of this was delivered"):
        shelter.ask_directory()
        assert not [kind for kind, _ in shelter.inbox if kind == "delivery"]


def check_questions(checks, police, hospital, message, ack):
    with checks("the status of a message: known, no longer waiting, with its acknowledgement"):
        police.inbox = []
        status = police.ask_status((message.id, message.case_id))
        assert [(s.message_id, s.known, s.waiting) for s in status] == [(message.id, True, False)]
        assert same(police.expect("receipt"), ack)
    with checks("to anyone else, of another case, or never sent: not known"):
        hospital.connect()
        assert not hospital.ask_status((message.id, message.case_id))[0].known
        unknown = police.ask_status((message.id, os.urandom(16)), (message_id(), message.case_id))
        assert not any(s.known or s.waiting for s in unknown)
    with checks("proofs can be asked for, from the checkpoint that is kept"):
        police.prove_all()
        police.unproved = {ack.index}
        police.ask_proofs(ack.index)
        police.prove_all()
    with checks("and the consistency of the head alone"):
        police.ask_proofs()
        assert not police.expect("proofs").index
    with checks("a proof with a node changed, missing or in excess is refused"):
        head = Head()
        police.ask(proofs=frame_pb2.AskProofs(index=[0, ack.index]))
        while True:
            proofs = frame_pb2.ToAgent.FromString(police.connection.receive()).proofs
            if 0 in proofs.index:
                break
        one = frame_pb2.Proofs()
        one.CopyFrom(proofs)
        leaves = {0: police.leaves.get(0, b""), ack.index: ack.bytes}
        for change in (lambda n: n.pop(), lambda n: n.append(bytes(32)), lambda n: n.__setitem__(0, bytes(32))):
            one.CopyFrom(proofs)
            change(one.node)
            assert refuses(lambda: head.proofs(one, police.directory.log, leaves))
        assert head.size == 0
    police.connect()  # the broker took that question for the last head we keep
    with checks("a new connection's proofs follow from the checkpoint that Hello named"):
        told = police.decided(Message(police, adult(police.id, police.country.broker, message.case_id)))
        police.prove_all()
        assert police.head.size > told.index


def check_batches(checks, police, shelter):
    case_id, broker = os.urandom(16), police.country.broker
    with checks("many statements under one signature, without proofs: decided in order, each by itself"):
        messages = [Message(police, adult(police.id, broker, case_id)),
                    Message(police, consent(police.id, broker, case_id, shelter.id)),
                    Message(police, referral(police.id, shelter.id, case_id), VALUES),
                    Message(police, referral(police.id, shelter.id, case_id))]
        for m in messages:
            police.sent[m.id] = m
            m.envelope.ClearField("proof")
        signature = batch_sign(police.keys.signing, STATEMENTS, [m.data for m in messages])
        police.say(submit(*(m.envelope for m in messages), signature=signature))
        answers = [police.answer() for _ in messages]
        assert [a.view.message_id for a in answers] == [m.id for m in messages]
        assert all(a.leaf.outcome == FORWARD for a in answers)
    with checks("their recipient gets a proof for each, and acknowledges them under one signature too"):
        came = [shelter.expect("delivery") for _ in range(2)]
        assert [d.envelope.proof.index for d in came] == [2, 3] and came[0].envelope.proof.size == 4
        assert [d.statement.message_id for d in came] == [m.id for m in messages[2:]]
        shelter.say(acknowledge(shelter.keys.signing, [d.ack() for d in came]))
        told = [police.expect("receipt", lambda t: t.leaf.kind == ACKNOWLEDGEMENT) for _ in came]
        assert [t.view.message_id for t in told] == [m.id for m in messages[2:]]
    with checks("an answer goes back to who referred"):
        st = statement("response", shelter.id, police.id, case_id, service=code("Service", "emergency_shelter"),
                       purpose=code("Purpose", "assistance"))
        st.response.in_reply_to, st.response.answer = messages[2].id, code("Answer", "accept")
        assert shelter.decided(Message(shelter, st)).leaf.outcome == FORWARD
        answer = police.expect("delivery")
        assert answer.statement.response.in_reply_to == messages[2].id
        police.say(acknowledge(police.keys.signing, [answer.ack()]))
        assert shelter.expect("receipt").leaf.kind == ACKNOWLEDGEMENT
    with checks("without consent it is refused by policy, with a leaf and a proof"):
        st = referral(police.id, shelter.id, os.urandom(16))
        told = police.decided(Message(police, st, VALUES))
        assert told.leaf.outcome == REFUSE and told.leaf.reason == code("Reason", "no_consent")
        police.prove_all()
    with checks("digests of statements are what leaves and acks speak of"):
        assert leaf_hash(messages[2].data) == messages[2].digest == came[0].digest
        assert encode(came[0].statement) == messages[2].data


def run(checks, country):
    police, shelter, hospital = (country.agent(n) for n in ("police", "shelter", "hospital"))
    check_door(checks, country)
    check_directory(checks, country, police)
    message, decision, ack = check_way(checks, police, shelter)
    check_repeats(checks, police, shelter, message, decision, ack)
    check_questions(checks, police, hospital, message, ack)
    check_batches(checks, police, shelter)
    for agent in (police, shelter, hospital):
        agent.drop()
