"""The independent client against a real broker: main.py --endpoint … --authority … --server-key … --keys … --vectors …"""
import argparse
import contextlib
import sys
import traceback

import zmq
import zmq.utils.z85 as z85

import check_damage
import check_referral
import check_refusals
import check_vectors
import check_waiting
from agent import Agent
from directory import Keys


class Checks:
    """Counts what held and what did not; one line each."""

    def __init__(self):
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def __call__(self, name):
        with self.counting_failures(name):
            yield
            self.passed += 1
            print(f"ok     {name}", flush=True)

    @contextlib.contextmanager
    def counting_failures(self, name):
        try:
            yield
        except Exception:  # whatever went wrong, the next check is tried
            self.failed += 1
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)


class Country:
    """What every agency of the test knows: the broker, the authority, where keys lie."""

    def __init__(self, arguments):
        self.context = zmq.Context()
        self.endpoint, self.keys, self.vectors = arguments.endpoint, arguments.keys, arguments.vectors
        self.directory_file = arguments.directory
        with open(arguments.authority, encoding="ascii") as file:
            self.authority = bytes.fromhex(file.read().strip())
        with open(arguments.server_key, "rb") as file:
            self.server_key = file.read().strip()
        self.broker = "TH.nrm"

    def agent(self, name):
        return Agent(self, f"TH.{name}", Keys(f"{self.keys}/{name}"))

    def transport_key(self):
        return z85.decode(self.server_key)


def main():
    parser = argparse.ArgumentParser()
    for name in ("endpoint", "authority", "server-key", "keys", "directory", "vectors"):
        parser.add_argument(f"--{name}", required=True)
    country, checks = Country(parser.parse_args()), Checks()
    for part in (check_vectors, check_referral, check_waiting, check_refusals, check_damage):
        with checks.counting_failures(f"{part.__name__} as a whole"):
            part.run(checks, country)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


sys.exit(main())
