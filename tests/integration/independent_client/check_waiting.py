"""What happens while a message waits, credit, and newer connections (PROTOCOL.md, sections 1, 9, 11)."""
import os

from agent import PATIENCE, Lost
from check_referral import VALUES, open_case
from evidence import ACKNOWLEDGEMENT, FORWARD, REDECISION, REFUSE, RETURN, acknowledge, withheld
from proto import frame_pb2
from statements import Message, adult, code, consent, fields, now_ms, referral, statement, withdrawal

WITHDRAWN = code("Reason", "consent_withdrawn")


def quiet(agent):
    """Nothing was delivered: what the broker says in answer to a question comes after what it said before."""
    agent.ask_directory()
    return not [kind for kind, _ in agent.inbox if kind == "delivery"]


def check_withdrawal(checks, police, shelter, hospital):
    case_id, broker = os.urandom(16), police.country.broker
    waiting = Message(police, referral(police.id, shelter.id, case_id), VALUES)
    with checks("a message for who is away waits"):
        shelter.drop()
        open_case(police, shelter.id, case_id)
        assert police.decided(waiting).leaf.outcome == FORWARD
        status = police.ask_status((waiting.id, case_id))[0]
        assert status.known and status.waiting
    with checks("consent withdrawn meanwhile stops it, and its sender is told by a leaf of its own"):
        assert police.decided(Message(police, withdrawal(police.id, broker, case_id))).leaf.outcome == FORWARD
        shelter.connect()
        told = police.expect("receipt", lambda t: t.leaf.kind == REDECISION)
        assert (told.leaf.outcome, told.leaf.reason) == (REFUSE, WITHDRAWN) and told.view.message_id == waiting.id
        assert quiet(shelter)
    with checks("what comes after a withdrawal is refused; an outsider is told the very same"):
        after = police.decided(Message(police, referral(police.id, shelter.id, case_id), VALUES))
        hospital.connect()
        outside = hospital.decided(Message(hospital, referral(hospital.id, shelter.id, case_id), VALUES))
        for t in (after, outside):
            assert (t.leaf.outcome, t.leaf.reason) == (REFUSE, WITHDRAWN)
            assert {f.name for f, _ in t.view.ListFields()} == {"message_id", "time_ms", "type", "reason",
                                                                 "statement_digest"}
        assert len(after.view_bytes) == len(outside.view_bytes)
    return after


def check_exclusion(checks, police, shelter, withdrawn):
    case_id, broker = os.urandom(16), police.country.broker
    with checks("so is who was excluded from the case"):
        open_case(police, shelter.id, case_id)
        police.decided(Message(police, referral(police.id, shelter.id, case_id), VALUES))
        shelter.say(acknowledge(shelter.keys.signing, [shelter.expect("delivery").ack()]))
        police.expect("receipt", lambda t: t.leaf.kind == ACKNOWLEDGEMENT)
        st = statement("case_card", shelter.id, broker, case_id)
        st.case_card.fact.add().excluded = police.id
        assert shelter.decided(Message(shelter, st)).leaf.outcome == FORWARD
        excluded = police.decided(Message(police, referral(police.id, shelter.id, case_id), VALUES))
        assert (excluded.leaf.outcome, excluded.leaf.reason) == (REFUSE, WITHDRAWN)
        assert len(excluded.view_bytes) == len(withdrawn.view_bytes) and len(excluded.bytes) == len(withdrawn.bytes)
        assert quiet(shelter)
        for st in (adult(police.id, broker, case_id), consent(police.id, broker, case_id, shelter.id)):
            stated = police.decided(Message(police, st))
            assert (stated.leaf.outcome, stated.leaf.reason) == (REFUSE, WITHDRAWN)


def check_narrowing(checks, police, shelter):
    case_id, broker = os.urandom(16), police.country.broker
    name, languages = fields("given_name", "languages")
    grants = [consent(police.id, broker, case_id, shelter.id, data=[f]) for f in (name, languages)]
    with checks("one of two consents withdrawn while it waits: it goes, with less, and both are told"):
        shelter.drop()
        for st in (adult(police.id, broker, case_id), *grants):
            police.decided(Message(police, st))
        message = Message(police, referral(police.id, shelter.id, case_id), {name: b"a name", languages: b"Lao"})
        first = police.decided(message)
        assert list(first.view.forwarded) == [name, languages]
        gone = withdrawal(police.id, broker, case_id, grants[1].consent_grant.consent_id)
        assert police.decided(Message(police, gone)).leaf.outcome == FORWARD
        shelter.connect()
        delivery = shelter.expect("delivery")
        assert delivery.values == {name: b"a name"} and delivery.told.view.withheld_count == 1
        told = police.expect("receipt", lambda t: t.leaf.kind == REDECISION)
        assert told.bytes == delivery.told.bytes and told.view.earlier == first.index + 1
        assert withheld(told.view) == {languages: code("Reason", "not_consented")}
        shelter.say(acknowledge(shelter.keys.signing, [delivery.ack()]))
        assert police.expect("receipt").view.earlier == told.index + 1


def check_expiry(checks, police, shelter):
    case_id = os.urandom(16)
    with checks("a message that expires while it waits is returned"):
        shelter.drop()
        open_case(police, shelter.id, case_id)
        st = referral(police.id, shelter.id, case_id)
        st.expires_at_ms = now_ms() + 1500
        message = Message(police, st, VALUES)
        assert police.decided(message).leaf.outcome == FORWARD
        told = police.expect("receipt", lambda t: t.leaf.kind == RETURN)
        assert told.leaf.reason == code("Reason", "expired") and told.view.message_id == message.id
        shelter.connect()
        assert quiet(shelter)


def check_credit(checks, police, shelter):
    case_id = os.urandom(16)
    with checks("without credit nothing is delivered, with credit just so much"):
        shelter.connect(credit=0)
        open_case(police, shelter.id, case_id)
        for _ in range(3):
            assert police.decided(Message(police, referral(police.id, shelter.id, case_id))).leaf.outcome == FORWARD
        assert quiet(shelter)
        shelter.say(frame_pb2.ToBroker(credit=frame_pb2.Credit(deliveries=2)))
        came = [shelter.expect("delivery") for _ in range(2)]
        assert quiet(shelter)
        shelter.say(acknowledge(shelter.keys.signing, [d.ack() for d in came]))
        assert quiet(shelter)
        shelter.say(frame_pb2.ToBroker(credit=frame_pb2.Credit(deliveries=1)))
        came.append(shelter.expect("delivery"))
    with checks("deliveries come in the order of their decisions"):
        assert [d.told.index for d in came] == sorted(d.told.index for d in came)
        shelter.say(acknowledge(shelter.keys.signing, [came[2].ack()]))
        for _ in came:
            police.expect("receipt", lambda t: t.leaf.kind == ACKNOWLEDGEMENT)


def check_failed(checks, police, shelter):
    case_id = os.urandom(16)
    with checks("what the recipient cannot open goes back to its sender, with the recipient's word for it"):
        open_case(police, shelter.id, case_id)
        shelter.connect()
        message = Message(police, referral(police.id, shelter.id, case_id), VALUES)
        police.decided(message)
        delivery = shelter.expect("delivery")
        status = code("AckStatus", "cannot_open")
        shelter.say(acknowledge(shelter.keys.signing, [delivery.ack(status)]))
        told = police.expect("receipt", lambda t: t.leaf.kind == ACKNOWLEDGEMENT)
        assert (told.leaf.outcome, told.leaf.reason, told.ack.status) == (REFUSE, 0, status)
        assert not police.ask_status((message.id, case_id))[0].waiting


def check_sessions(checks, country, police):
    with checks("a newer connection of the same participant supersedes the older one"):
        newer = country.agent("police")
        newer.connect()
        refused = police.expect("refused")
        assert refused.code == code("RefusalCode", "no_session")
        try:
            while police.take(PATIENCE):
                pass
            ended = False
        except Lost:
            ended = True
        assert ended
        st = adult(newer.id, country.broker, os.urandom(16))
        assert newer.decided(Message(newer, st)).leaf.outcome == FORWARD
        newer.drop()
    with checks("on a connection whose Hello comes again all begins anew"):
        police.connect()
        police.hello()
        st = adult(police.id, country.broker, os.urandom(16))
        assert police.decided(Message(police, st)).leaf.outcome == FORWARD
        police.prove_all()


def run(checks, country):
    police, shelter, hospital = (country.agent(n) for n in ("police", "shelter", "hospital"))
    police.connect()
    withdrawn = check_withdrawal(checks, police, shelter, hospital)
    check_exclusion(checks, police, shelter, withdrawn)
    check_narrowing(checks, police, shelter)
    check_expiry(checks, police, shelter)
    check_credit(checks, police, shelter)
    check_failed(checks, police, shelter)
    check_sessions(checks, country, police)
    for agent in (police, shelter, hospital):
        agent.drop()
