"""What a program that got SIGTERM must do: a list of what it did not, and whether a response is complete."""

import os

LONGEST = 5.0
# How many system calls are interrupted of a phase that has more.
POINTS = int(os.environ.get("CRASH_POINTS", "15"))


class Checks:
    """log: receives a line about each."""

    def __init__(self, log):
        self.log, self.count, self.failures, self.slowest = log, 0, [], 0.0

    def end(self, what, status, seconds, expected=(0,)):
        """Judges the end of a program: its status, None if it is still running, and how long it took."""
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


def read_raw(connection):
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except OSError:
        pass
    return data


def completeness(data):
    """Whether an HTTP/1.1 response is complete: None without one, else whether its end is as announced."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    fields = head.lower()
    if b"transfer-encoding: chunked" in fields:
        return body.endswith(b"0\r\n\r\n")
    length = int(fields.split(b"content-length:")[1].split(b"\r\n")[0])
    return len(body) == length
