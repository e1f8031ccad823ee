"""Tests of what judges the exporter: a judge that accepts everything proves nothing."""

import argparse
import socket
import types
import unittest

import chaos
import exposition
import faulty_api
import soak

HEADER = "# HELP a_total A.\n# TYPE a_total counter\n"


class Exposition(unittest.TestCase):
    def test_reads_samples(self):
        body = HEADER + 'a_total{b="x\\"y\\\\",c=""} 1e3\na_total 2\n'
        series, types_ = exposition.parse_text(body.encode())
        self.assertEqual(series, {("a_total", (("b", 'x\\"y\\\\'), ("c", ""))): 1000.0, ("a_total", ()): 2.0})
        self.assertEqual(types_, {"a_total": "counter"})

    def test_rejects_what_prometheus_rejects_and_more(self):
        for body in (
            HEADER + "a_total 1",
            HEADER + "a_total 1\na_total 2\n",
            HEADER + 'a_total{b="1",c="2"} 1\na_total{c="2",b="1"} 1\n',
            HEADER + 'a_total{b="1",b="1"} 1\n',
            HEADER + 'a_total{b="\\x"} 1\n',
            HEADER + 'a_total{b="1",} 1\n',
            HEADER + "a_total one\n",
            HEADER + "a_total 1 1700000000\n",
            HEADER + "b_total 1\n",
            HEADER,
            HEADER + "a_total 1\n" + HEADER + "a_total 2\n",
            "a_total 1\n",
            "# TYPE a_total counter\na_total 1\n",
            HEADER + "a_total 1\n\n",
            HEADER + "a_total 1\n# HELP b B.\n",
        ):
            with self.assertRaises(exposition.Malformed, msg=body):
                exposition.parse_text(body.encode())

    def test_rejects_openmetrics_without_end(self):
        with self.assertRaises(exposition.Malformed):
            exposition.parse_openmetrics(b"# TYPE a counter\na_total 1\n")
        # Beyond 2^53 both formats give the same number.
        body = b"# HELP a A.\n# TYPE a counter\na_total 9039523965746723\n"
        self.assertEqual(exposition.parse_openmetrics(body + b"# EOF\n")[0], exposition.parse_text(HEADER.encode() + b"a_total 9039523965746723\n")[0])


class Slope(unittest.TestCase):
    def test_slope_of_a_line_is_exact(self):
        line = soak.Line([0, 60, 120, 180], [1, 2, 3, 4])
        self.assertAlmostEqual(line.slope, 60)
        self.assertAlmostEqual(line.error, 0)

    def test_correlated_noise_widens_the_error(self):
        times = list(range(0, 6000, 60))
        alternating = soak.Line(times, [time % 120 for time in times])
        waves = soak.Line(times, [(time // 600) % 2 * 60 for time in times])
        self.assertGreater(waves.error, 2 * alternating.error)

    def test_durations(self):
        self.assertEqual([soak.duration(text) for text in ("4h", "1h30m", "90s")], [14400, 5400, 90])
        for text in ("", "4", "1d", "-1h"):
            with self.assertRaises(argparse.ArgumentTypeError):
                soak.duration(text)

    def test_growth_and_missing_buckets_are_reported(self):
        judged = soak.Soak(types.SimpleNamespace(buckets=2, interval=1), "")
        judged.exporter = types.SimpleNamespace(output=lambda: "")
        judged.judge({("flashback_bucket_info", (("bucket_id", "1"),)): 1.0, ("flashback_up", ()): 1.0})
        self.assertIn("1 buckets are missing in flashback_bucket_info", judged.problems[0])
        judged.problems = []
        judged.samples = [[60 * index, 50e6 + 1e5 * index, 5e7, 30, 4, 100] for index in range(60)]
        judged.summarize()
        self.assertEqual(len(judged.problems), 1)
        self.assertIn("rss grows by 5.7", judged.problems[0])


class Judge(unittest.TestCase):
    def setUp(self):
        options = types.SimpleNamespace(namespace=False, slack=1)
        self.chaos = chaos.Chaos(options, "", 1)
        self.chaos.api = types.SimpleNamespace(
            lock=faulty_api.threading.Lock(), good={}, perhaps={}, list_ids=[], list_failed_at=0.0, lists_under_way=0, secrets=set()
        )

    def test_falling_counters_are_found_across_formats(self):
        self.chaos.judge_counters({("a_bucket", (("le", "1"),)): 5.0}, {"a": "histogram"})
        with self.assertRaises(chaos.Broken):
            self.chaos.judge_counters({("a_bucket", (("le", "1.0"),)): 4.0}, {"a": "histogram"})

    def test_old_and_missing_buckets_are_found(self):
        info = {("flashback_bucket_info", (("bucket_id", "1"),)): 1.0}
        self.chaos.api.perhaps = {("list", None): (100.0, 100.1)}
        self.chaos.api.list_ids = [(100.0, 100.1, {"1"})]
        before = self.chaos.knowledge()
        with self.assertRaisesRegex(chaos.Broken, "is 50.0 s old"):
            self.chaos.judge_buckets(info, before, 150.0)
        now = chaos.time.monotonic()
        self.chaos.api.good = self.chaos.api.perhaps = {("list", None): (now - 2, now - 2)}
        self.chaos.api.list_ids = [(now - 2, now - 2, {"1"})]
        self.chaos.judge_buckets(info, self.chaos.knowledge(), now)
        with self.assertRaisesRegex(chaos.Broken, "missing"):
            self.chaos.judge_buckets({}, self.chaos.knowledge(), now)

    def test_up_is_compared_with_the_lists(self):
        up = {("flashback_up", ()): 1.0}
        now = chaos.time.monotonic()
        self.chaos.api.perhaps = {("list", None): (now - 60, now - 60)}
        with self.assertRaisesRegex(chaos.Broken, "a list that is"):
            self.chaos.judge_up(up, self.chaos.knowledge(), now, now)
        self.chaos.api.perhaps = {("list", None): (now - 9, now - 9)}
        self.chaos.api.list_failed_at = now - 8
        with self.assertRaisesRegex(chaos.Broken, "latest list failed"):
            self.chaos.judge_up(up, self.chaos.knowledge(), now, now)


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
        original = faulty_api.bombs
        faulty_api.bombs = lambda: [faulty_api.gzip([b"[" * 100])] * 2
        self.addCleanup(setattr, faulty_api, "bombs", original)
        api = faulty_api.FaultyAPI("127.0.0.1:1", 1)
        for fault in api.FAULTS + api.VARIANTS:
            if fault == "delay":
                continue
            client, server = socket.socketpair()
            client.settimeout(0.2)

            def serve(fault=fault, server=server):
                try:
                    api._send(server, fault, 0.5, 200, b'{"success":true}', "secret")
                except OSError:
                    pass
                server.close()

            thread = chaos.programs.in_thread(serve)
            try:
                client.recv(65536)
            except TimeoutError:
                self.assertIn(fault, ("hang", "lost", "reset-at-once"))
            client.close()
            thread.join(10)
            self.assertFalse(thread.is_alive(), fault)


if __name__ == "__main__":
    unittest.main()
