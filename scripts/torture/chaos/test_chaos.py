"""Tests of what judges the exporter, and of the server that breaks answers."""

import contextlib
import os
import socket
import sys
import threading
import time
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import faults  # noqa: E402
import faulty_api  # noqa: E402
import programs  # noqa: E402
from judge import Broken, Judge  # noqa: E402


class Judgement(unittest.TestCase):
    def setUp(self):
        self.api = types.SimpleNamespace(
            lock=threading.Lock(), good={}, perhaps={}, list_ids=[], list_failed_at=0.0, lists_under_way=0, secrets=set()
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
        self.api.good = self.api.perhaps = {("list", None): (now - 2, now - 2)}
        self.api.list_ids = [(now - 2, now - 2, {"1"})]
        self.judge.judge_buckets(info, self.judge.knowledge(), now)
        with self.assertRaisesRegex(Broken, "missing"):
            self.judge.judge_buckets({}, self.judge.knowledge(), now)

    def test_up_is_compared_with_the_lists(self):
        up = {("flashback_up", ()): 1.0}
        now = time.monotonic()
        self.api.perhaps = {("list", None): (now - 60, now - 60)}
        with self.assertRaisesRegex(Broken, "a list that is"):
            self.judge.judge_up(up, self.judge.knowledge(), now, now)
        self.api.perhaps = {("list", None): (now - 9, now - 9)}
        self.api.list_failed_at = now - 8
        with self.assertRaisesRegex(Broken, "latest list failed"):
            self.judge.judge_up(up, self.judge.knowledge(), now, now)


    def test_up_that_contradicts_two_lists_is_found(self):
        down = {("flashback_up", ()): 0.0}
        now = time.monotonic()
        self.api.good = self.api.perhaps = {("list", None): (now - 2, now - 1)}
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
        """Each fault is known to the server, and leaves nothing behind that waits for more than the client."""
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
                self.assertIn(fault, ("hang", "lost", "reset-at-once"))
            client.close()
            thread.join(10)
            self.assertFalse(thread.is_alive(), fault)


if __name__ == "__main__":
    unittest.main()
