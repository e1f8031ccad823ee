"""Tests of the floods: one that attacks nothing, or asks for what it does not get, must fail."""

import contextlib
import errno
import os
import pathlib
import socket
import ssl
import sys
import tempfile
import threading
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import certificates  # noqa: E402
import http1_attacks  # noqa: E402
import http2_frames  # noqa: E402
import main  # noqa: E402
import published_cases  # noqa: E402
import tls_attacks  # noqa: E402
from attack import Attack, is_closed, shortfalls  # noqa: E402


@contextlib.contextmanager
def server(serve):
    """Calls a function with each connection to the port that it returns, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                connected, _ = listener.accept()
                with contextlib.suppress(OSError):
                    serve(connected)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        listener.close()


def answer(connected):
    """Answers one request, and closes the connection."""
    with connected:
        connected.recv(65536)
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx\n")


class Judgement(unittest.TestCase):
    def test_flood_that_does_nothing_is_none(self):
        for function, least in main.FLOODS.items():
            self.assertEqual(len(shortfalls({}, least, 8)), len(least), function)
            self.assertEqual(shortfalls({what: number * 8 for what, number in least.items()}, least, 8), [])
        self.assertTrue(shortfalls({"requests": 7999}, {"requests": 1000}, 8))
        self.assertTrue(shortfalls({}, {"requests": 1000}, 0))

    def test_exception_in_a_thread_is_an_error(self):
        def body():
            raise KeyError("surprise")

        for attack in (Attack(None, None, 5), Attack(None, None, 5)):
            attack.in_threads(3, body)
            self.assertEqual(len(attack.errors), 1)
            self.assertIn("KeyError: 'surprise'", attack.errors.pop())

    def test_errors_of_the_attacker_are_not_the_exporters(self):
        def begin():
            raise OSError(errno.EMFILE, "Too many open files")

        for flood in (lambda attack: attack.hold(3, begin), lambda attack: attack.in_threads(3, begin)):
            attack = Attack(None, None, 5)
            attack.guard(flood, attack)
            self.assertIn("Too many open files", attack.errors.pop())
            self.assertEqual(attack.counts, {})

    def test_nothing_that_listens_is_an_error(self):
        with server(answer) as port:
            pass
        for flood in http1_attacks.FLOODS:
            attack = Attack(port, None, 5)
            attack.guard(flood, attack)
            self.assertIn("ConnectionRefusedError", "".join(attack.errors), flood)

    def test_misspelt_flood_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "no flood 'slow-raeders'"):
            main.chosen(["pipelining", "slow-raeders"])
        self.assertEqual(main.chosen(["pipelining"]), ([http1_attacks.pipelining], False))
        self.assertEqual(main.chosen([]), ([*http1_attacks.FLOODS, *tls_attacks.FLOODS], True))


class Attacks(unittest.TestCase):
    def test_scrapers_come_again_when_they_are_closed(self):
        with server(answer) as port:
            attack = Attack(port, None, 0.5)
            http1_attacks.scrapers(attack, 10)
        self.assertGreater(attack.counts["connections"], 20)
        self.assertGreater(attack.counts["closed by the exporter"], 10)
        self.assertGreater(attack.counts["responses 200"], 10)

    def test_half_response_is_not_counted(self):
        head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n"
        self.assertIsNone(http1_attacks.whole_response(head))
        self.assertIsNone(http1_attacks.whole_response(head + b"\r\nx"))
        self.assertEqual(http1_attacks.whole_response(head + b"\r\nx\n"), "503")

    def test_end_behind_unread_bytes_is_noticed(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(b"unread")
            self.assertFalse(is_closed(ours))
            theirs.close()
            self.assertTrue(is_closed(ours))

    def test_http2_floods_fail_without_http2(self):
        with tempfile.TemporaryDirectory() as directory:
            certificates.authority(directory)
            chain = certificates.certificate(directory, "server", "DNS:localhost")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*chain)

        def serve(connected):
            context.wrap_socket(connected, server_side=True).close()

        for protocols in ([], ["http/1.1"]):
            context.set_alpn_protocols(protocols)
            with server(serve) as port:
                with self.assertRaises(http2_frames.NotNegotiated):
                    http2_frames.secured(port)
                for flood in (tls_attacks.zero_windows, tls_attacks.rapid_resets, tls_attacks.continuations, tls_attacks.settings_flood):
                    attack = Attack(None, port, 20)
                    attack.guard(flood, attack)
                    self.assertIn("NotNegotiated", "".join(attack.errors), flood)


LLHTTP = """\
# Requests

<!-- meta={"type": "request"} -->
```http
GET /\\x41 HTTP/1.1
A: b\\tc

```

```log
off=0 message begin
off=9 message complete
```

## Chunk that is not ended

<!-- meta={ "type": "request", "noScan": true } -->
 
```http
GET / HTTP/1.1\\nA: \\
b

```
_Note_
```log
off=0 message begin
off=9 error code=2 reason="x"
```

## Lenient

<!-- meta={"type": "request-lenient-headers"} -->
```http
GET / HTTP/1.1
```
"""  # noqa: W293

H1SPEC = r"""
const testCases: TestCase[] = [
    {
        request: "GET ",
        description: "Fragment",
        expectedStatus: [[-1, -1]],
        expectedTimeout: true
    },
    {
        request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        description: "Request",
        expectedStatus: [[200, 299], [404, 404]],
    },
"""


class Cases(unittest.TestCase):
    def llhttp(self, text):
        with tempfile.TemporaryDirectory() as directory, mock.patch.dict(os.environ, LLHTTP=directory):
            folder = pathlib.Path(directory, "test", "request")
            folder.mkdir(parents=True)
            folder.joinpath("some.md").write_text(text)
            return list(published_cases.llhttp())

    def h1spec(self, text):
        with tempfile.TemporaryDirectory() as directory, mock.patch.dict(os.environ, H1SPEC=directory):
            pathlib.Path(directory, "http_test.ts").write_text(text)
            return list(published_cases.h1spec())

    def test_llhttp_is_read_whatever_is_between_its_blocks(self):
        self.assertEqual(self.llhttp(LLHTTP), [
            ("some.md: Requests", b"GET /A HTTP/1.1\r\nA: b\tc\r\n", "off=0 message begin\noff=9 message complete"),
            ("some.md: Chunk that is not ended", b"GET / HTTP/1.1\nA: b\r\n",
             'off=0 message begin\noff=9 error code=2 reason="x"'),
        ])  # fmt: skip

    def test_case_of_another_form_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "some.md: Requests"):
            self.llhttp(LLHTTP.replace("```log", "```text"))
        with self.assertRaisesRegex(ValueError, "only 1 of 2"):
            self.h1spec(H1SPEC.replace('"Request"', "`Request`"))

    def test_h1spec_is_read(self):
        self.assertEqual(self.h1spec(H1SPEC), [
            ("Fragment", b"GET ", []), ("Request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", [(200, 299), (404, 404)])])  # fmt: skip

    def test_wrong_responses_are_found(self):
        refused, valid = "off=0 message begin\noff=9 error code=2", "message begin\nmessage complete"
        for log, statuses, closed, is_right in (
            (refused, [400], True, True),
            (refused, [], True, True),
            (refused, [400], False, False),
            (refused, [200], True, False),
            (refused, [400, 400], True, False),
            (valid, [200], False, True),
            (valid, [], True, False),
            (valid, [200, 400], True, False),
        ):
            self.assertEqual(not list(published_cases.judge_llhttp("x", log, statuses, closed)), is_right, (log, statuses, closed))
        for expected, statuses, closed, is_right in (
            ([], [], False, True),
            ([], [], True, False),
            ([], [400], False, False),
            ([(400, 499)], [404], True, True),
            ([(400, 499)], [200], True, False),
            ([(400, 499)], [], True, False),
        ):
            self.assertEqual(not list(published_cases.judge_h1spec("x", expected, statuses, closed)), is_right, (expected, statuses))
        self.assertTrue(list(published_cases.judge_h1spec("Chunked Transfer-Encoding", [(200, 299)], [200], False)))

    def test_responses_are_told_apart(self):
        def serve(connected):
            with connected:
                connected.recv(65536)
                connected.sendall(
                    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab\nHTTP/1.1 400 Bad Request\r\nA: b\r\n\r\n")

        with server(serve) as port:
            self.assertEqual(published_cases.responses(port, b"x", 5), ([200, 400], True))


if __name__ == "__main__":
    unittest.main()
