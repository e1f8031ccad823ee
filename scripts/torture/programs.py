"""Runs the exporter and the simulator for the parts of scripts/torture.sh, and looks at them from outside."""

import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time


class Program:
    """A running program whose output is kept in a file."""

    def __init__(self, name, arguments, log, environment=None, address=None):
        """Starts the program.

        address: matches the address that it prints when it listens; None where it is not waited for.
        """
        self.log = log
        with open(log, "ab") as output:
            start = output.tell()
            self.process = subprocess.Popen(
                [name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        self.pid = self.process.pid
        self.address = self._wait_for(address, start) if address else None

    def _wait_for(self, pattern, start, timeout=60):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            text = self.output(start)
            if match := re.search(pattern, text):
                return match.group(1)
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args[0]} ended with status {self.process.returncode}: {text[-2000:]}")
            time.sleep(0.02)
        raise RuntimeError(f"{self.process.args[0]} did not start listening within {timeout} s: {self.output(start)[-2000:]}")

    def output(self, start=0):
        with open(self.log, "rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace")

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, timeout=30):
        """Ends the program with SIGTERM. Returns its status and how long it took."""
        start = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode, time.monotonic() - start

    # What the kernel knows about it.

    def memory(self):
        """Its resident memory in bytes, and what of it is not from files: these pages may be shared with other processes."""
        sizes = {}
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if match := re.match(r"(Rss|Anonymous):\s+(\d+) kB", line):
                    sizes[match[1]] = int(match[2]) * 1024
        return sizes["Rss"], sizes["Anonymous"]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def dump(self):
        """Yields the contents of its writable memory, piece by piece, with some overlap: what a core dump would contain."""
        with open(f"/proc/{self.pid}/maps", encoding="utf-8", errors="replace") as maps:
            ranges = [line.split()[:2] for line in maps]
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            for addresses, permissions in ranges:
                if not permissions.startswith("rw"):
                    continue
                start, end = (int(address, 16) for address in addresses.split("-"))
                while start < end:
                    size = min(end - start, 16 << 20)
                    with contextlib.suppress(OSError, ValueError, OverflowError):
                        memory.seek(start)
                        yield memory.read(size)
                    start += size if start + size >= end else size - 4096


def exporter(directory, programs, url, arguments=(), environment=None, name="exporter"):
    """Starts an exporter on a port of the kernel's choice."""
    return Program(
        f"{programs}/flashback-exporter",
        ["--web.listen-address=127.0.0.1:0", f"--flashback.url={url}", *arguments],
        f"{directory}/{name}.log",
        environment,
        address=r"msg=listening [^\n]*address=\"?([^\s\"]+)",
    )


def simulator(directory, programs, arguments=(), name="simulator"):
    """Starts a simulator on a port of the kernel's choice."""
    return Program(
        f"{programs}/flashback-simulator",
        ["--web.listen-address=127.0.0.1:0", *arguments],
        f"{directory}/{name}.log",
        address=r"Listening on https?://(\S+)",
    )


def request(address, method, path, headers=None, body=None, timeout=60):
    """Sends one request. Returns the status, the header fields and the body, decompressed."""
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        if response.getheader("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return response.status, response.headers, content
    finally:
        connection.close()


TEXT = "text/plain;version=0.0.4"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def scrape(address, accept=TEXT, timeout=10, path="/metrics", compressed=True):
    """Scrapes as Prometheus does. Returns the content type, the body and the duration in seconds."""
    headers = {"Accept": accept, "X-Prometheus-Scrape-Timeout-Seconds": str(timeout)}
    if compressed:
        headers["Accept-Encoding"] = "gzip"
    start = time.monotonic()
    status, fields, body = request(address, "GET", path, headers, timeout=timeout + 20)
    if status != 200:
        raise RuntimeError(f"the scrape was answered {status}: {body[:300]!r}")
    return fields["Content-Type"], body, time.monotonic() - start


def log_in(address, email="operator@example.com", password="simulated-password"):
    """Logs in to the simulator, again while it simulates errors. Returns the answer's fields."""
    body = json.dumps({"email": email, "password": password})
    for _ in range(50):
        status, _, content = request(address, "POST", "/user/login", {"Content-Type": "application/json"}, body)
        if status == 200:
            return json.loads(content)
        time.sleep(0.1)
    raise RuntimeError(f"cannot log in to the simulator: HTTP {status}: {content[:300]!r}")


def write_secret(path, text):
    """Writes a file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def in_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def say(text):
    """Tells the progress: the standard output has the summary alone."""
    print(text, file=sys.stderr, flush=True)
