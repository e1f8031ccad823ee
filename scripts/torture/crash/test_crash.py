"""Tests of what judges crashes and signals: what does not happen must not count as success."""

import collections
import contextlib
import os
import pathlib
import socket
import sys
import tempfile
import types
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import checks  # noqa: E402
import commands  # noqa: E402
import programs  # noqa: E402
import proxy  # noqa: E402
import renewal  # noqa: E402
import shutdown  # noqa: E402

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def gauge(name):
    return f"# HELP {name} A.\n# TYPE {name} gauge\n{name} 1\n".encode()


WHOLE = gauge(checks.FIRST) + gauge("a") + gauge(checks.LAST)


def chunks(body, end=b"0\r\n\r\n"):
    return CHUNKED + b"".join(b"%X\r\n%b\r\n" % (len(part), part) for part in (body[:20], body[20:])) + end


def sized(body, length=None):
    return OK + b"Content-Length: %d\r\n\r\n%b" % (len(body) if length is None else length, body)


class Responses(unittest.TestCase):
    def test_responses_end_as_announced(self):
        for data, is_complete in (
            (chunks(WHOLE), True),
            (chunks(WHOLE, b"0;a=b\r\nA: b\r\n\r\n"), True),
            (sized(WHOLE), True),
            (b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + sized(WHOLE), True),
            (b"HTTP/1.1 200 OK\r\n\r\n" + WHOLE, True),
            (chunks(WHOLE, b""), False),
            (chunks(WHOLE, b"0\r\n"), False),
            (sized(WHOLE, len(WHOLE) + 1), False),
            (CHUNKED + b"10\r\n0\r\n\r\n", False),
        ):
            self.assertEqual(checks.read_response(data).is_complete, is_complete, data)
        self.assertEqual(checks.read_response(chunks(WHOLE)).body, WHOLE)
        self.assertEqual([checks.read_response(data) for data in (b"", OK, b"HTTP/1.1 100 Continue\r\n\r\n" + OK)], [None] * 3)

    def test_no_beginning_of_a_response_is_complete_or_malformed(self):
        for whole in (chunks(WHOLE), sized(WHOLE)):
            for length in range(len(whole)):
                response = checks.read_response(whole[:length])
                self.assertFalse(response and response.is_complete, whole[:length])

    def test_wrong_ends_are_malformed(self):
        for data in (
            sized(WHOLE, len(WHOLE) - 1),
            OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
            chunks(WHOLE) + b"x",
            CHUNKED + b"3\r\nabcd0\r\n\r\n",
            CHUNKED + b"\r\n0\r\n\r\n",
            b"220 smtp\r\n\r\n",
        ):
            with self.assertRaises(checks.Malformed, msg=data):
                checks.read_response(data)

    def judged(self, data):
        judge = checks.Checks(lambda line: None)
        return judge.response("x", data), judge.failures

    def test_cut_body_with_a_valid_end_is_found(self):
        self.assertEqual(self.judged(chunks(WHOLE)), ("200", []))
        self.assertEqual(self.judged(chunks(WHOLE, b"")), ("cut", []))
        self.assertEqual(self.judged(b""), ("none", []))
        self.assertEqual(self.judged(sized(b"busy\n").replace(b"200 OK", b"503 Busy")), ("503", []))
        # In the middle of a line, of a family, before the first and after the last but one.
        for body in (WHOLE[:-1], WHOLE[:-len(checks.LAST) - 3], gauge("a") + gauge(checks.LAST), gauge(checks.FIRST) + gauge("a"), b""):
            for data in (chunks(body), sized(body)):
                self.assertEqual(len(self.judged(data)[1]), 1, data)

    def test_cut_openmetrics_with_a_valid_end_is_found(self):
        def answer(body):
            return sized(body).replace(b"text/plain; version=0.0.4", b"application/openmetrics-text; version=1.0.0")

        self.assertEqual(self.judged(answer(WHOLE + b"# EOF\n")), ("200", []))
        self.assertEqual(len(self.judged(answer(WHOLE))[1]), 1)

    def test_end_of_a_program_is_judged(self):
        judge = checks.Checks(lambda line: None)
        judge.end("x", 0, 1.0)
        judge.end("x", 143, 1.0, (0, 143))
        self.assertEqual((judge.count, judge.failures), (2, []))
        for status, seconds in ((None, 1.0), (1, 1.0), (-9, 1.0), (0, 5.1)):
            judge = checks.Checks(lambda line: None)
            judge.end("x", status, seconds)
            self.assertEqual(len(judge.failures), 1)


@contextlib.contextmanager
def replaced(script):
    """Runs a shell script instead of the programs, with the checks and a directory."""
    with tempfile.TemporaryDirectory() as base:
        for name in ("flashback-exporter", "flashback-simulator"):
            path = pathlib.Path(base, name)
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
        with mock.patch.dict(os.environ, PROGRAMS=base):
            yield checks.Checks(lambda line: None), base


class Commands(unittest.TestCase):
    def test_command_that_only_fails_is_found(self):
        with replaced("exit 1") as (judge, base):
            commands.requesting(judge, types.SimpleNamespace(port=1), base)
        self.assertEqual(judge.count, 0)
        self.assertEqual(len(judge.failures), sum(len(each.phases) for each in commands.COMMANDS.values()))

    def test_output_without_temporary_name_is_found(self):
        class Untraced:
            """Writes the file at once."""

            def __init__(self, arguments, *_):
                self.path = pathlib.Path(arguments[-1])

            def run(self, before, seconds):
                self.path.write_text("{}\n")
                before(types.SimpleNamespace(name="openat", subject="file"))
                return 0

        with replaced("exit 1") as (judge, base), mock.patch.object(commands, "Traced", Untraced):
            commands.writing(judge, types.SimpleNamespace(url="http://127.0.0.1:1"), base)
        self.assertEqual(judge.failures, [
            f"{name}: its output is not begun under a temporary name" for name, each in commands.COMMANDS.items() if each.output])  # fmt: skip

    def test_parts_of_files_are_found(self):
        for name, whole in (
            ("collect", WHOLE), ("record", b'{"a":1}\n{"b":2}\n{"c":3}\n'), ("backfill", gauge("a") + gauge("b") + b"# EOF\n"),
        ):
            self.assertTrue(commands.is_whole(name, whole, whole), name)
            for length in range(len(whole)):
                self.assertFalse(commands.is_whole(name, whole[:length], whole), (name, length))
        self.assertFalse(commands.is_whole("record", b'{"a":1}\n{"b":\n{"c":3}\n', b"1\n2\n3\n"))


class Start(unittest.TestCase):
    def test_program_that_does_not_listen_is_found(self):
        class Ended:
            status = 0

            def __init__(self, *_):
                pass

            def run(self, before, seconds):
                before(types.SimpleNamespace(sent=b""))
                return 0

            def kill(self):
                pass

        with replaced("exit 0") as (judge, base), mock.patch.object(shutdown, "Traced", Ended):
            shutdown.starting(judge, types.SimpleNamespace(url="http://127.0.0.1:1", log_in=lambda: "token"), base, 0)
        self.assertEqual(judge.failures, ["the exporter ends before it listens, with status 0"])


class Renewal(unittest.TestCase):
    STEPS = [("openat token.new", 0), ("write token.new", 0), ("fsync token.new", 0), ("renameat2 token.new token", 0), ("futex", 0)]

    def test_what_was_not_reached_is_found(self):
        results = collections.Counter({("in the file", True): 1})
        self.assertEqual(list(renewal.judge(self.STEPS, [("futex", 0)], results)), [])
        for step in self.STEPS[:-1]:
            self.assertEqual(len(list(renewal.judge(self.STEPS, [step], results))), 1, step)
            self.assertEqual(len(list(renewal.judge([other for other in self.STEPS if other != step], [], results))), 1, step)
        self.assertEqual(list(renewal.judge(self.STEPS, [], collections.Counter())), ["there was no crash"])

    def crashed(self, run):
        with mock.patch.object(renewal, "Run", run), mock.patch.object(programs, "Simulator", mock.MagicMock()):
            return renewal.crash(lambda line: None)

    def test_crashes_that_all_miss_are_a_failure(self):
        class Missed:
            calls = self.STEPS

            def __init__(self, *_):
                pass

            def trace(self, stop_before=None):
                return False

        summary, failures = self.crashed(Missed)
        self.assertIn("0 crashes", summary)
        self.assertEqual(len(failures), 5)

    def test_summary_tells_how_many_survive(self):
        steps = self.STEPS

        class Reached:
            calls = steps
            restarted = "HTTP 401"

            def __init__(self, *_):
                pass

            def trace(self, stop_before=None):
                self.number = steps.index(stop_before) if stop_before else 0
                return True

            def content(self):
                return ("nowhere", "nowhere", "beside the file", "beside the file", "in the file")[self.number]

            def survives(self):
                return self.number > 1

        summary, failures = self.crashed(Reached)
        self.assertEqual(failures, [])
        self.assertRegex(
            summary, r"^5 crashes, .*: 3 survived \(1 with the new token in the file, 2 beside it\), 2 needed a new log-in, .*; 0 calls")
        Reached.survives = lambda self: self.number > 2
        self.assertEqual(self.crashed(Reached)[1], ["crash before fsync token.new: the new token is beside the file and the account is not read"])


class Holding(unittest.TestCase):
    def test_answers_of_chosen_requests_are_held(self):
        api = socket.create_server(("127.0.0.1", 0))

        def answer():
            connected, _ = api.accept()
            with connected, connected.makefile("rb") as requests:
                while proxy.Proxy._message(requests)[0]:
                    connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        programs.in_thread(answer)
        with api, proxy.Proxy(api.getsockname()[1]) as between, socket.create_connection(("127.0.0.1", between.port), 10) as client:
            between.hold("GET", "/held")
            client.sendall(b"GET /other HTTP/1.1\r\n\r\n")
            self.assertTrue(client.recv(100).endswith(b"{}"))
            self.assertFalse(between.wait(0))
            client.sendall(b"GET /held HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")
            self.assertTrue(between.wait(10))
            client.settimeout(0.1)
            with self.assertRaises(TimeoutError):
                client.recv(100)
            between.release()
            client.settimeout(10)
            self.assertTrue(client.recv(100).endswith(b"{}"))


if __name__ == "__main__":
    unittest.main()
