"""A connection to the broker and what comes over it (PROTOCOL.md, sections 1 and 9)."""
import os
import time

import zmq
import zmq.utils.monitor

from directory import Directory, Policy
from evidence import Delivery, Head, receipt
from primitives import Refused, require
from proto import frame_pb2
from statements import code, submit
from wire import decode, encode

PATIENCE = 20  # seconds until a check that waits gives up; none waits so long when all is well
FAILED = (zmq.EVENT_DISCONNECTED, zmq.EVENT_CLOSED, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
          zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_AUTH)


class Lost(Exception):
    """The connection ended; `event` says how."""

    def __init__(self, event):
        super().__init__(event)
        self.event = event


class Connection:
    """One DEALER, one connection, never reconnected."""

    def __init__(self, context, endpoint, server_key, public, secret):
        self.socket = s = context.socket(zmq.DEALER)
        s.setsockopt(zmq.ROUTING_ID, b"\1" + os.urandom(31))
        s.curve_serverkey, s.curve_publickey, s.curve_secretkey = server_key, public, secret
        for option, value in ((zmq.RECONNECT_IVL, -1), (zmq.LINGER, 0), (zmq.IMMEDIATE, 1), (zmq.SNDHWM, 0),
                              (zmq.RCVHWM, 0), (zmq.HEARTBEAT_IVL, 1000), (zmq.HEARTBEAT_TIMEOUT, 3000),
                              (zmq.HANDSHAKE_IVL, 5000), (zmq.CONNECT_TIMEOUT, 5000)):
            s.setsockopt(option, value)
        self.monitor = s.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | sum(FAILED))
        s.connect(endpoint)

    def event(self, timeout):
        if not self.monitor.poll(timeout * 1000):
            return None
        return zmq.utils.monitor.recv_monitor_message(self.monitor)["event"]

    def stand(self):
        event = self.event(PATIENCE)
        if event != zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.close()
            raise Lost(event)

    def send(self, data):
        self.socket.send(data)

    def receive(self, timeout=PATIENCE):
        """The next message; None after `timeout` seconds. Raises Lost."""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        ready = dict(poller.poll(timeout * 1000))
        if self.socket in ready:
            parts = self.socket.recv_multipart()
            require(len(parts) == 1, "a frame has one part")
            return parts[0]
        if self.monitor in ready:
            raise Lost(self.event(0))
        return None

    def close(self):
        self.socket.disable_monitor()
        self.monitor.close()
        self.socket.close()


class Agent:
    """One agency: what it keeps, and at most one connection."""

    def __init__(self, country, participant, keys):
        self.country, self.id, self.keys = country, participant, keys
        self.directory, self.policy, self.head = None, None, Head()
        self.connection = None
        self.sent = {}      # message id: Message
        self.leaves = {}    # index: leaf bytes, of all that was told
        self.unproved = set()
        self.inbox = []     # what came and was not asked for yet: (kind, object)

    # --- connection ---

    def connect(self, credit=100, hello=True):
        """A fresh connection; when the broker is crowded (a handshake a second) it comes again."""
        self.drop()
        until = time.monotonic() + PATIENCE
        while True:
            self.connection = Connection(self.country.context, self.country.endpoint, self.country.server_key,
                                         self.keys.transport_public, self.keys.transport_secret)
            try:
                self.connection.stand()
                break
            except Lost:
                self.connection = None
                if time.monotonic() > until:
                    raise
        return self.hello(credit) if hello else None

    def hello(self, credit=100):
        held = self.directory.body.version if self.directory else 0
        self.say(frame_pb2.ToBroker(hello=frame_pb2.Hello(
            min_version=1, max_version=1, directory_version=held, checkpoint=self.head.note, credit=credit,
            policy_digest=self.policy.digest if self.policy else b"")))
        welcome = self.expect("welcome")
        require(welcome.version == 1 and welcome.submit_credit > 0, "welcome")
        if welcome.HasField("directory"):
            self.directory = Directory(welcome.directory, self.country.authority, held)
        if welcome.HasField("policy"):
            self.policy = Policy(welcome.policy, self.country.authority, self.policy.version if self.policy else 0)
        if welcome.checkpoint:
            self.head.takes_note(welcome.checkpoint, self.directory.log)
        if self.unproved:  # what the broker owed the older connection is forgotten with it
            self.ask_proofs(*sorted(self.unproved))
        return welcome

    def drop(self):
        if self.connection:
            self.connection.close()
        self.connection = None
        self.inbox = []

    # --- frames ---

    def say(self, frame):
        self.connection.send(frame if isinstance(frame, bytes) else encode(frame))

    def take(self, timeout=PATIENCE):
        """Receives one frame and puts what is in it into the inbox; false when nothing came."""
        data = self.connection.receive(timeout)
        if data is None:
            return False
        require(len(data) <= 327680, "frame too large")
        frame = decode(frame_pb2.ToAgent, data)
        kind = frame.WhichOneof("frame")
        body = getattr(frame, kind)
        if kind == "receipt":
            for item in body.item:
                told = receipt(item, self.sent[item.message_id], self.directory)
                self.keep(told)
                self.inbox.append(("receipt", told))
        elif kind == "deliver":
            for item in body.item:
                delivery = Delivery(item, self.directory, self.id, self.keys.sealing)
                self.keep(delivery.told)
                self.inbox.append(("delivery", delivery))
        elif kind == "proofs":
            if self.head.size and body.from_size != self.head.size:
                self.ask_proofs(*body.index)
            else:
                self.unproved -= set(self.head.proofs(body, self.directory.log, self.leaves))
                self.inbox.append(("proofs", body))
        else:
            self.inbox.append((kind, body))
        return True

    def keep(self, told):
        if self.leaves.setdefault(told.index, told.bytes) != told.bytes:
            raise Refused("two leaves at one index")
        self.unproved.add(told.index)

    def expect(self, kind, fits=lambda body: True):
        """The next thing of a kind; whatever else came stays."""
        until = time.monotonic() + PATIENCE
        while True:
            for i, (found, body) in enumerate(self.inbox):
                if found == kind and fits(body):
                    del self.inbox[i]
                    return body
            require(time.monotonic() < until and self.take(until - time.monotonic()), f"no {kind} came")

    def answer(self):
        """The next answer to a frame of ours: a receipt's item, a Refused, an Answering."""
        until = time.monotonic() + PATIENCE
        while True:
            for i, (found, body) in enumerate(self.inbox):
                if found in ("receipt", "refused", "answer"):
                    del self.inbox[i]
                    return body
            require(time.monotonic() < until and self.take(until - time.monotonic()), "no answer came")

    # --- what an agency does ---

    def submit(self, *messages):
        for m in messages:
            self.sent[m.id] = m
        self.say(submit(*(m.envelope for m in messages)))

    def decided(self, message):
        """Submits and returns what was told of the decision."""
        self.submit(message)
        answer = self.answer()
        require(hasattr(answer, "leaf") and answer.view.message_id == message.id,
                f"refused: {getattr(answer, 'text', answer)}")
        return answer

    def refused(self, frame):
        """Sends a frame and returns the Refused that answers it."""
        self.say(frame)
        answer = self.answer()
        require(isinstance(answer, frame_pb2.Refused), f"not refused: {answer}")
        return answer

    def ask(self, **question):
        self.say(frame_pb2.ToBroker(ask=frame_pb2.Ask(**question)))

    def ask_directory(self):
        self.ask(directory=frame_pb2.AskDirectory())
        return self.expect("answer").directory

    def ask_status(self, *messages):
        refs = [frame_pb2.MessageRef(message_id=i, case_id=c) for i, c in messages]
        self.ask(status=frame_pb2.AskStatus(message=refs))
        return self.expect("answer").status.message

    def ask_proofs(self, *indexes):
        self.ask(proofs=frame_pb2.AskProofs(from_size=self.head.size, index=indexes))

    def trail_ends_at(self, n):
        """Whether the trail has just n leaves: a question about the next one is malformed."""
        self.ask_proofs(n)
        self.ask(directory=frame_pb2.AskDirectory())
        first = self.answer()
        if not isinstance(first, frame_pb2.Refused):
            return False
        self.expect("answer")
        return first.code == code("RefusalCode", "malformed")

    def prove_all(self):
        """Waits until everything that was told is proved."""
        while self.unproved:
            self.expect("proofs")
