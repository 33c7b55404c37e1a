"""A broker that lies: greets each agent with a forged checkpoint, signed by the trail's own key, and notes what it is told.

    liar.py ENDPOINT BROKER-KEYS SIZE ROOT-HEX OUT

Writes a line to OUT for each frame that comes in: "hello SIZE" (of the checkpoint that the agent keeps), or "submit TYPE RECIPIENT
ABOUT" for each statement.
"""
import base64
import sys
import time

import zmq
import zmq.auth.thread
from cryptography.hazmat.primitives.serialization import load_pem_private_key, Encoding, PublicFormat

from primitives import sha256
from proto import frame_pb2, statement_pb2, vocabulary_pb2


def note(secret, size, root):
    """A checkpoint as the signer would have made it (PROTOCOL.md, section 12)."""
    public = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    text = f"nrm/TH\n{size}\n{base64.b64encode(root).decode()}\n"
    key_id = sha256(b"nrm/TH\n\x01" + public)[:4]
    line = base64.b64encode(key_id + secret.sign(text.encode())).decode()
    return f"{text}\n\u2014 nrm/TH {line}\n".encode()


def lines(frame):
    if frame.WhichOneof("frame") == "hello":
        yield "hello " + frame.hello.checkpoint.split(b"\n")[1].decode()
    for envelope in frame.submit.envelope:
        s = statement_pb2.Statement.FromString(envelope.statement)
        yield f"submit {vocabulary_pb2.MessageType.Name(s.type)} {s.recipient} {s.complaint.about}"


def main():
    endpoint, keys, size, root, out = sys.argv[1:]
    with open(f"{keys}/trail.pem", "rb") as file:
        secret = load_pem_private_key(file.read(), None)
    with open(f"{keys}/transport.secret", "rb") as file:
        transport = file.read().strip()
    context = zmq.Context()
    guard = zmq.auth.thread.ThreadAuthenticator(context)
    guard.start()
    guard.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
    door = context.socket(zmq.ROUTER)
    door.curve_server, door.curve_secretkey = True, transport
    door.bind(endpoint)
    welcome = frame_pb2.ToAgent(welcome=frame_pb2.Welcome(
        version=1, time_ms=int(time.time() * 1000), submit_credit=100,
        checkpoint=note(secret, int(size), bytes.fromhex(root))))
    with open(out, "a", buffering=1, encoding="ascii") as log:
        log.write("ready\n")
        while True:
            who, data = door.recv_multipart()
            frame = frame_pb2.ToBroker.FromString(data)
            for line in lines(frame):
                log.write(line + "\n")
            if frame.WhichOneof("frame") == "hello":
                door.send_multipart([who, welcome.SerializeToString(deterministic=True)])


main()
