"""Checks of a program that got SIGTERM: collects its failures, and tells whether a response is complete."""

import collections
import dataclasses
import os
import re

import exposition

LONGEST = 5.0
# The maximum number of system calls to interrupt in a phase.
POINTS = int(os.environ.get("CRASH_POINTS", "15"))
# The families with which a response begins and ends: if both are there, so is the rest.
FIRST, LAST = "flashback_up", "process_start_time_seconds"


class Checks:
    """log: receives a line about each."""

    def __init__(self, log):
        self.log, self.count, self.failures, self.slowest = log, 0, [], 0.0
        self.responses = collections.Counter()

    def end(self, what, status, seconds, expected=(0,)):
        """Judges the end of a program by its status, None if it is still running, and its duration."""
        self.count += 1
        self.slowest = max(self.slowest, seconds)
        self.log(f"SIGTERM {what}: status {status} after {seconds:.2f} s")
        if status not in expected:
            self.failures.append(f"SIGTERM {what}: status {status}")
        if seconds > LONGEST:
            self.failures.append(f"SIGTERM {what}: took {seconds:.1f} s")

    def expect(self, condition, what):
        if not condition:
            self.log(f"FAILED: {what}")
            self.failures.append(what)
        return bool(condition)

    def response(self, what, data):
        """Judges all bytes of a response to a scrape, which may be cut, but then must not look complete. Returns what it is."""
        try:
            response = read_response(data)
            kind = "none" if response is None else "cut" if not response.is_complete else str(response.status)
            if kind == "200":
                parse = exposition.parse_openmetrics if b"openmetrics-text" in response.head.lower() else exposition.parse_text
                names = {name for name, _ in parse(response.body)[0]}
                self.expect({FIRST, LAST} <= names, f"{what}: a response looks complete, without {FIRST} or {LAST}")
        except (Malformed, exposition.Malformed, UnicodeDecodeError) as error:
            kind = "malformed"
            self.expect(False, f"{what}: a response looks complete and is not: {error}")
        self.responses[kind] += 1
        self.log(f"  its response: {kind}")
        return kind


def read_raw(connection):
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except OSError:
        pass
    return data


class Malformed(Exception):
    """A response that is neither complete nor the beginning of one."""


@dataclasses.dataclass
class Response:
    status: int
    head: bytes
    # As much of it as was received, without the sizes of chunks.
    body: bytes
    is_complete: bool


def read_response(data):
    """Reads an HTTP/1.1 response, up to the end of the connection (RFC 9112, 6.3). None if not even its head is complete."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    if not (match := re.match(rb"HTTP/1\.1 (\d{3}) [^\r\n]*(?:\r\n|\Z)", head)):
        raise Malformed(f"it begins with {head[:40]!r}")
    status = int(match[1])
    if status < 200:
        return read_response(body)
    if re.search(rb"\r\ntransfer-encoding: *chunked *(?:\r\n|\Z)", head, re.IGNORECASE):
        return Response(status, head, *_dechunked(body))
    lengths = re.findall(rb"\r\ncontent-length: *(\d+) *(?=\r\n|\Z)", head, re.IGNORECASE)
    if len(lengths) > 1 or lengths and len(body) > int(lengths[0]):
        raise Malformed(f"its length is {b' and '.join(lengths).decode()}, and it has {len(body)} bytes")
    # Without a length, it ends with the connection.
    return Response(status, head, body, not lengths or len(body) == int(lengths[0]))


def _dechunked(data):
    """The content of chunks, and whether the last of them is there."""
    content = b""
    while match := re.match(rb"([0-9A-Fa-f]+)(?:;[^\r\n]*)?\r\n", data):
        size, rest = int(match[1], 16), data[match.end():]
        if size == 0:
            end = re.match(rb"(?:[^\r\n]+\r\n)*\r\n", rest)
            if end and end.end() < len(rest):
                raise Malformed(f"there is something after the last chunk: {rest[end.end():][:40]!r}")
            return content, end is not None
        content, data = content + rest[:size], rest[size + 2:]
        if not b"\r\n".startswith(rest[size:size + 2]):
            raise Malformed(f"a chunk of {size} bytes goes on with {rest[size:size + 2]!r}")
    if not re.fullmatch(rb"(?:[0-9A-Fa-f]+(?:;[^\r\n]*)?\r?)?", data):
        raise Malformed(f"there is no chunk's size: {data[:40]!r}")
    return content, False
