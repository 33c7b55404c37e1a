"""Every truncation and every bit flip of a good Submit is refused, and none of them leaves a trace."""
import os

from agent import PATIENCE
from check_referral import open_case
from evidence import FORWARD
from primitives import require
from proto import frame_pb2
from statements import Message, code, fields, referral, submit
from wire import encode

AT_ONCE = 200  # frames sent before their answers are read


def refused_all(agent, frames):
    """Sends frames and counts their Refused by code; anything else fails."""
    codes, sent, taken = {}, 0, 0
    frames = list(frames)
    while taken < len(frames):
        while sent < len(frames) and sent - taken < AT_ONCE:
            agent.say(frames[sent])
            sent += 1
        data = agent.connection.receive(PATIENCE)
        require(data is not None, "no answer")
        frame = frame_pb2.ToAgent.FromString(data)
        require(frame.WhichOneof("frame") == "refused", f"taken: {frame}")
        require(frame.refused.code != 0, "a code")
        codes[frame.refused.code] = codes.get(frame.refused.code, 0) + 1
        taken += 1
    return codes


def flips(data):
    for i in range(len(data) * 8):
        changed = bytearray(data)
        changed[i // 8] ^= 1 << i % 8
        yield bytes(changed)


def run(checks, country):
    police, shelter = country.agent("police"), country.agent("shelter")
    police.connect()
    shelter.connect()
    case_id = os.urandom(16)
    open_case(police, shelter.id, case_id)
    message = Message(police, referral(police.id, shelter.id, case_id),
                      dict.fromkeys(fields("given_name", "languages"), b"value"))
    good = encode(submit(message.envelope))
    police.prove_all()
    leaves = max(police.leaves) + 1
    with checks(f"every truncation of a frame of {len(good)} bytes is refused"):
        codes = refused_all(police, (good[:n] for n in range(len(good))))
        assert set(codes) <= {code("RefusalCode", c) for c in ("malformed", "not_canonical")}, codes
    with checks(f"every one of its {len(good) * 8} bit flips is refused"):
        refused_all(police, flips(good))
    with checks("random bytes are refused"):
        refused_all(police, (os.urandom(n) for n in range(1, 300)))
    with checks("there is no leaf and no delivery of all that, and the connection goes on"):
        assert police.trail_ends_at(leaves)
        shelter.ask_directory()
        assert not [kind for kind, _ in shelter.inbox if kind == "delivery"]
    with checks("the frame itself is taken"):
        assert police.decided(message).leaf.outcome == FORWARD
        assert shelter.expect("delivery").statement.message_id == message.id
    police.drop()
    shelter.drop()
