"""Tests of the judge of the exporter, and of the server that damages answers."""

import contextlib
import http.server
import math
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
import unittest.mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import certificates  # noqa: E402
import faults  # noqa: E402
import faulty_api  # noqa: E402
import programs  # noqa: E402
from judge import BOUNDS, CANARY, Broken, Judge  # noqa: E402

# A token as the simulator grants it, of 32 random bytes.
TOKEN = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


class Memory:
    """A program whose memory has known contents."""

    def __init__(self, *pieces):
        self.pieces = pieces

    def dump(self):
        return self.pieces


class Judgement(unittest.TestCase):
    def setUp(self):
        self.api = types.SimpleNamespace(
            lock=threading.Lock(), good={}, perhaps={}, list_ids=[], list_failed_at=0.0, lists_fail_since=None, lists_under_way=0, secrets=set()
        )
        self.judge = Judge(self.api, slack=1)

    def test_falling_counters_are_found_across_formats(self):
        self.judge.judge_counters({("a_bucket", (("le", "1"),)): 5.0}, {"a": "histogram"})
        with self.assertRaises(Broken):
            self.judge.judge_counters({("a_bucket", (("le", "1.0"),)): 4.0}, {"a": "histogram"})

    def test_old_and_missing_buckets_are_found(self):
        info = {("flashback_bucket_info", (("bucket_id", "1"),)): 1.0}
        self.api.perhaps = {("list", None): (100.0, 100.1)}
        self.api.list_ids = [(100.0, 100.1, {"1"})]
        before = self.judge.knowledge()
        with self.assertRaisesRegex(Broken, "is 50.0 s old"):
            self.judge.judge_buckets(info, before, 150.0)
        now = time.monotonic()
        self.api.perhaps = {("list", None): (now - 0.1, now - 0.1)}
        # A later answer does not make the earlier one less known.
        self.api.good = {("list", None): [(now - 2, now - 2), (now - 0.1, now - 0.1)]}
        self.api.list_ids = [(now - 2, now - 2, {"1"})]
        self.judge.judge_buckets(info, self.judge.knowledge(), now)
        with self.assertRaisesRegex(Broken, "missing"):
            self.judge.judge_buckets({}, self.judge.knowledge(), now)
        self.api.good[("list", None)].pop(0)
        self.judge.judge_buckets({}, self.judge.knowledge(), now)

    def test_up_is_compared_with_the_lists(self):
        up = {("flashback_up", ()): 1.0}
        now = time.monotonic()
        self.api.perhaps = {("list", None): (now - 60, now - 60)}
        with self.assertRaisesRegex(Broken, "a list that is"):
            self.judge.judge_up(up, self.judge.knowledge(), now, now)
        self.api.perhaps = {("list", None): (now - 9, now - 9)}
        self.api.lists_fail_since = now - 8
        # Though it fails again all the time.
        self.api.list_failed_at = now - 1
        with self.assertRaisesRegex(Broken, "lists have failed for 8.0 s"):
            self.judge.judge_up(up, self.judge.knowledge(), now, now)

    def test_up_that_is_missing_or_no_truth_value_is_found(self):
        for series in ({}, *({("flashback_up", ()): value} for value in (2.0, -1.0, 0.5, math.nan, math.inf))):
            with self.assertRaisesRegex(Broken, "flashback_up is"):
                self.judge.judge_up(series, self.judge.knowledge(), 100, 101)
        self.judge.judge_up({("flashback_up", ()): 0.0}, self.judge.knowledge(), 100, 101)

    def test_up_may_be_missing_until_the_first_attempt_at_the_list_has_ended(self):
        self.judge.known_since = 100
        self.judge.judge_up({}, self.judge.knowledge(), 102, 103)
        self.api.list_ids = [(100.5, 101.0, {"1"})]
        with self.assertRaisesRegex(Broken, "flashback_up is missing"):
            self.judge.judge_up({}, self.judge.knowledge(), 102, 103)

    def test_a_part_of_a_token_is_found(self):
        tokens = [TOKEN, "e30." + "x" * 150 + "." + TOKEN[::-1]]
        self.api.secrets = {*tokens, "too-short"}
        self.judge.judge_secrets("too-short and nothing else")
        for token in tokens:
            for text in (token, f"a line\nerr={token[:-20]}…\n", f"key={CANARY}-1"):
                with self.assertRaisesRegex(Broken, "a secret is told"):
                    self.judge.judge_secrets(text)

    def test_texts_are_cut_within_a_secret_behind_the_part_that_is_looked_for(self):
        for token in (TOKEN, "x" * 182 + TOKEN):
            text = ("y" * faults.padding_to_cut(token) + token)[:200]
            self.assertNotIn(token, text)
            self.api.secrets = {token}
            with self.assertRaises(Broken):
                self.judge.judge_secrets(text)

    def test_credentials_in_memory_are_found(self):
        self.api.list_ids = [(1, 2, {"bucket-1", "bucket-2"})]
        known = b"..flashback_bucket_info{bucket_id=bucket-1.."
        self.judge.judge_memory(Memory(known, b"bucket-2"))
        with self.assertRaisesRegex(Broken, "a credential is in memory"):
            self.judge.judge_memory(Memory(known, b"bucket-2", CANARY.encode()))
        # What has not been searched, or is not the exporter's, proves nothing.
        for pieces in ([], [b""], [known], [b"bucket-1 bucket-2"]):
            with self.assertRaisesRegex(Broken, "proves nothing"):
                self.judge.judge_memory(Memory(*pieces))
        self.api.list_ids = []
        with self.assertRaisesRegex(Broken, "proves nothing"):
            self.judge.judge_memory(Memory(known))

    def test_resources_beyond_their_bounds_are_found(self):
        memory, descriptors, threads = BOUNDS.values()

        def exporter(memory=1, descriptors=1, threads=1):
            return types.SimpleNamespace(status=lambda _: memory * (1 << 20), descriptors=lambda: descriptors, threads=lambda: threads)

        within = exporter(memory=1 if memory == math.inf else memory, descriptors=descriptors, threads=threads)
        self.judge.judge_resources(within)
        beyond = [exporter(descriptors=descriptors + 1), exporter(threads=threads + 1)]
        for faulty in beyond + ([] if memory == math.inf else [exporter(memory=memory + 1)]):
            with self.assertRaisesRegex(Broken, "is more than"):
                self.judge.judge_resources(faulty)

    def test_what_was_never_judged_is_named(self):
        self.assertIn("secrets", self.judge.unjudged())
        self.api.secrets = {TOKEN}
        self.judge.judge_secrets("")
        self.assertNotIn("secrets", self.judge.unjudged())
        self.assertIn("age", self.judge.unjudged())

    def test_up_that_contradicts_two_lists_is_found(self):
        down = {("flashback_up", ()): 0.0}
        now = time.monotonic()
        self.api.perhaps = {("list", None): (now - 2, now - 1)}
        self.api.good = {("list", None): [(now - 2, now - 1)]}
        self.judge.judge_up(down, self.judge.knowledge(), now - 1.5, now)
        self.judge.judge_up({("flashback_up", ()): 1.0}, self.judge.knowledge(), now - 1.5, now)
        self.judge.judge_up(down, self.judge.knowledge(), now - 1.5, now)
        with self.assertRaisesRegex(Broken, "latest list succeeded"):
            self.judge.judge_up(down, self.judge.knowledge(), now - 1.5, now)


class Server(unittest.TestCase):
    def test_questions(self):
        for method, target, expected in (
            ("GET", "/bucket", ("list", None)),
            ("GET", "/bucket/stats?bucketId=1", ("totals", None)),
            ("GET", "/bucket/b-1/status", ("status", "b-1")),
            ("POST", "/bucket/b-1/stats", ("daily", "b-1")),
            ("POST", "/user/refresh", ("refresh", None)),
        ):
            self.assertEqual(faulty_api.question(method, target), expected)

    def test_every_fault_ends(self):
        """The server knows each fault, and none leaves anything behind that waits for anything but the client."""
        large = [faults.gzip([b"[" * 100])] * 2
        for fault in faults.ALL + faults.VARIANTS:
            if fault == "delay":
                continue
            client, server = socket.socketpair()
            client.settimeout(0.2)

            def serve(fault=fault, server=server):
                with contextlib.suppress(OSError):
                    faults.Answer(server, 200, b'{"success":true}', "secret", 0.5, large).send(fault)
                server.close()

            thread = programs.in_thread(serve)
            try:
                client.recv(65536)
            except TimeoutError:
                self.assertEqual(fault, "hang")
            client.close()
            thread.join(10)
            self.assertFalse(thread.is_alive(), fault)


class Connections(unittest.TestCase):
    """How connections end, without and with TLS: with RST, which the client reads as an error, or with FIN, which is the end of a file."""

    REQUEST = b"GET /bucket HTTP/1.1\r\nHost: x\r\n\r\n"

    def setUp(self):
        simulator = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Simulator)
        self.addCleanup(simulator.server_close)
        self.addCleanup(simulator.shutdown)
        programs.in_thread(simulator.serve_forever)
        # Making those takes seconds.
        with unittest.mock.patch.object(faults, "bombs"):
            self.api = faulty_api.FaultyAPI(f"127.0.0.1:{simulator.server_port}", 1)
        directory = self.enterContext(tempfile.TemporaryDirectory())
        self.authority = certificates.authority(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificates.certificate(directory, "server", "IP:127.0.0.1"))
        self.contexts = (None, context)

    def cause(self, fault, kind=None):
        self.api.episodes = [{"kind": kind, "bucket": None, "share": 1, "faults": [fault]}]

    def client(self):
        client = socket.create_connection(("127.0.0.1", self.api.port), timeout=10)
        self.addCleanup(client.close)
        return self.over_tls(client) if self.api.context else client

    def over_tls(self, client):
        context = ssl.create_default_context(cafile=self.authority)
        secured = context.wrap_socket(client, server_hostname="127.0.0.1")
        self.addCleanup(secured.close)
        return secured

    @staticmethod
    def read_to_end(client):
        # Not through TLS: before Python 3.12.3, the module ssl takes a reset for the end of a file.
        with socket.socket(fileno=os.dup(client.fileno())) as bare:
            bare.settimeout(10)
            while bare.recv(65536):
                pass

    def ask(self):
        client = self.client()
        client.sendall(self.REQUEST)
        return client

    def test_resets_are_resets_and_other_ends_are_none(self):
        for self.api.context in self.contexts:
            for fault in faults.RESETS + faults.CLOSES + ["not-http"]:
                with self.subTest(fault, tls=self.api.context is not None):
                    self.cause(fault)
                    with self.assertRaises(ConnectionResetError) if fault in faults.RESETS else contextlib.nullcontext():
                        self.read_to_end(self.ask())

    def test_handshakes_are_reset_or_closed(self):
        for self.api.context in self.contexts:
            self.cause("reset-in-handshake", "connect")
            with self.assertRaises(ConnectionResetError):
                self.read_to_end(self.ask())
        self.cause("closed-in-handshake", "connect")
        # Which of the two depends on the release of Python.
        with self.assertRaises((ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            self.client()
        self.assertEqual(self.api.counts, {"reset-in-handshake": 2, "closed-in-handshake": 1})

    def test_dropped_connections_are_reset_whatever_they_are_doing(self):
        for self.api.context in self.contexts:
            for fault in (None, "hang", "drip"):
                with self.subTest(fault, tls=self.api.context is not None):
                    client = self.client()
                    # Otherwise the connection waits for a request.
                    if fault:
                        self.cause(fault)
                        client.sendall(self.REQUEST)
                        self.assertTrue(programs.eventually(lambda fault=fault: fault in self.api.counts, 5))
                    self.assertTrue(programs.eventually(lambda: self.api.connections, 5))
                    self.api.drop_connections()
                    with self.assertRaises(ConnectionResetError):
                        self.read_to_end(client)
                    self.assertTrue(programs.eventually(lambda: not self.api.connections, 5))
                    self.api.counts.clear()

    def test_a_thread_whose_connection_was_reset_does_not_wait_for_it(self):
        """OpenSSL ignores the reset while it sends session tickets, and would then wait for data until the time-out."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            self.addCleanup(client.close)
            bare, _ = listener.accept()
        bare.settimeout(5)
        shaking_hands = programs.in_thread(lambda: self.over_tls(client))
        server = self.contexts[1].wrap_socket(bare, server_side=True)
        self.addCleanup(server.close)
        shaking_hands.join()
        faulty_api.reset(server)
        faulty_api.reset(server)
        # The first call may get the error of the reset, but only the first.
        for _ in range(2):
            try:
                self.assertEqual(server.recv(1), b"")
            except OSError as error:
                self.assertNotIsInstance(error, TimeoutError)

    def test_answers_to_trials_of_the_token_are_not_expected(self):
        self.cause("plain")
        self.api.refused_at = time.monotonic()
        self.ask()
        self.assertTrue(programs.eventually(lambda: ("list", None) in self.api.perhaps, 5))
        self.assertEqual(self.api.good, {})
        refusals = [faults.Answer(None, 401, b"", "", 0, []).refuses_token(fault) for fault in ("plain", "page")]
        self.assertEqual(refusals, [True, False])

    def test_answers_that_a_drop_may_have_lost_are_not_expected(self):
        self.cause("plain")
        self.ask()
        self.assertTrue(programs.eventually(lambda: ("list", None) in self.api.good, 5))
        self.api.drop_connections()
        self.assertEqual((self.api.good, self.api.list_ids), ({("list", None): []}, []))
        self.assertIn(("list", None), self.api.perhaps)


class Script(unittest.TestCase):
    """chaos.sh with a `swift` that prints something and ends with a status."""

    SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "chaos.sh")

    def simulate(self, printed, status, cycles=500, **variables):
        with tempfile.TemporaryDirectory() as directory:
            with open(f"{directory}/swift", "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o700)) as swift:
                swift.write(f"#!/bin/sh\n[ \"$1\" != build ] || exit 0\ncat <<'END'\n{printed}\nEND\nexit {status}\n")
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("CHAOS_")}
            variables = {**inherited, "PATH": f"{directory}:{os.environ['PATH']}", "TMPDIR": directory, **variables}
            return subprocess.run([self.SCRIPT, str(cycles), "0"], env=variables, capture_output=True, text=True, check=False)

    def test_cycles_that_held_are_counted(self):
        printed = "chaos: seed 1, 250 cycles: counters 1\nchaos: seed 2, 250 cycles: counters 1"
        finished = self.simulate(printed, 0)
        self.assertEqual((finished.returncode, finished.stdout), (0, "chaos: 500 cycles in simulated time: all held\n"), finished.stderr)
        self.assertEqual(self.simulate(printed, 0, cycles=1, CHAOS_SIMULATED_SEEDS="1 2").returncode, 0)
        self.assertEqual(self.simulate(printed, 0, cycles=1, CHAOS_SIMULATED_SEEDS="1 2 3").returncode, 1)

    def test_tests_that_make_too_few_cycles_are_a_failure(self):
        for printed in ("", "chaos: seed 1, 250 cycles: counters 1"):
            finished = self.simulate(printed, 0)
            self.assertEqual(finished.returncode, 1)
            self.assertRegex(finished.stdout, "^chaos: (0|250) of 500 cycles in simulated time: broken\n$")

    def test_the_end_of_tests_that_crash_is_shown(self):
        finished = self.simulate("Fatal error: out of cheese", 1)
        self.assertEqual(finished.returncode, 1)
        self.assertIn("Fatal error: out of cheese", finished.stderr)

    def test_issues_are_shown(self):
        finished = self.simulate("Test x recorded an issue at y\nseed 3, cycle 4\n" + "later\n" * 40, 1)
        self.assertIn("seed 3, cycle 4", finished.stderr)


class Simulator(http.server.BaseHTTPRequestHandler):
    """Answers every request with the same list."""

    def do_GET(self):
        body = b'{"success":true,"buckets":[{"id":"bucket-1"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    unittest.main()
