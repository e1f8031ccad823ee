"""The exporter and the simulator as processes: starts them on ports chosen by the kernel, sends requests, and measures them.

The environment variable PROGRAMS names the directory of both; programs.sh sets it.
"""

import contextlib
import functools
import gzip
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

# The simulator always accepts this access token.
TOKEN = "simulated-token"
EMAIL, PASSWORD = "operator@example.com", "simulated-password"

TEXT = "text/plain;version=0.0.4"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def path(name):
    """The path of flashback-exporter or flashback-simulator."""
    return os.path.join(os.environ["PROGRAMS"], name)


def sanitized():
    """Whether the programs run under a sanitizer, which multiplies their memory and keeps freed memory."""
    return any(name.endswith("SAN_OPTIONS") for name in os.environ)


def environment():
    """The part of this process's environment that programs get: the options of sanitizers, but neither secrets nor proxies."""
    passed = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
    return {"LANG": "C.UTF-8", **passed}


class Program:
    """A running program, with its output in a file."""

    def __init__(self, arguments, variables=None, log=None):
        """Starts it.

        variables: added to environment().
        log: the file that its output is appended to. Without it, the output is deleted with this object.
        """
        output = open(log, "ab") if log else tempfile.NamedTemporaryFile("ab", prefix="program-", suffix=".log")
        self._output, self._begin = output, output.tell()
        # In its own session, so that Ctrl-C reaches only the script, which ends the program itself.
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**environment(), **(variables or {})},
            start_new_session=True)  # fmt: skip
        self.pid = self.process.pid

    # Its output.

    def output(self):
        with open(self._output.name, "rb") as file:
            file.seek(self._begin)
            return file.read().decode("utf-8", "replace")

    def find(self, pattern, seconds=30):
        """The first match of a pattern in the output; None if it does not come in time or before the program ends."""
        end = time.monotonic() + seconds
        while True:
            is_last = self.process.poll() is not None or time.monotonic() >= end
            match = re.search(pattern, self.output())
            if match or is_last:
                return match
            time.sleep(0.02)

    def wait_for(self, pattern, seconds=60):
        """Like find(), but fails without a match."""
        if match := self.find(pattern, seconds):
            return match
        raise RuntimeError(f"no {pattern!r} from {self.process.args[0]} within {seconds} s; it wrote: {self.output()[-2000:]}")

    # Its end.

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=30):
        """The exit status, negative for a signal; None if the program is still running by then."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)

    def terminate(self, seconds=30):
        """Sends SIGTERM. Returns the exit status as wait() does, and how long that took in seconds."""
        start = time.monotonic()
        self.signal(signal.SIGTERM)
        return self.wait(seconds), time.monotonic() - start

    def stop(self):
        """Ends the program if it is still running."""
        if self.wait(0) is None and self.terminate()[0] is None:
            self.process.kill()
            self.process.wait()
        self._output.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # Information from the kernel.

    def status(self, name):
        """A size in /proc/PID/status in bytes, such as VmRSS or VmHWM."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text("utf-8", "replace")
        return int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)[1]) * 1024

    def memory(self):
        """Its exact resident memory in bytes, and the part that is not from files, whose pages other processes may share."""
        text = pathlib.Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii")
        return tuple(int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)[1]) * 1024 for name in ("Rss", "Anonymous"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def dump(self):
        """Yields the contents of its writable memory, piece by piece, with some overlap: what a core dump would contain.

        Raises OSError for memory that is there and cannot be read.
        """
        with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:
            for start, end in self._writable_memory():
                overlap = b""
                while start < end:
                    memory.seek(start)
                    try:
                        piece = memory.read(min(end - start, 16 << 20))
                    except OSError:
                        # The program runs, and may have given it back.
                        if any(begin <= start < end for begin, end in self._writable_memory()):
                            raise
                        break
                    if not piece:
                        raise OSError(f"the memory of process {self.pid} is gone")
                    yield overlap + piece
                    overlap = piece[-4096:]
                    start += len(piece)

    def _writable_memory(self):
        with open(f"/proc/{self.pid}/maps", encoding="utf-8", errors="replace") as maps:
            lines = [line.split() for line in maps]
        return [tuple(int(address, 16) for address in line[0].split("-")) for line in lines if line[1].startswith("rw")]


class Server(Program):
    """A listening program. LISTENING matches the line that it then writes, with its address as the first group."""

    LISTENING = None

    @functools.cached_property
    def address(self):
        return self.wait_for(self.LISTENING)[1]

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])


class Simulator(Server):
    LISTENING = r"Listening on http://(\S+)\n"

    def __init__(self, *arguments, latency="0s", jitter="0s", email=EMAIL, log=None):
        flags = ["--web.listen-address=127.0.0.1:0", f"--latency={latency}", f"--jitter={jitter}", f"--email={email}"]
        self.email = email
        super().__init__([path("flashback-simulator"), *flags, *arguments], log=log)

    @property
    def url(self):
        return f"http://{self.address}"

    def log_in(self):
        """The refresh token of a new session."""
        body = json.dumps({"email": self.email, "password": PASSWORD})
        # More than one attempt, because it can simulate errors.
        for _ in range(50):
            status, content = request(self.address, "POST", "/user/login", {"Content-Type": "application/json"}, body)
            if status == 200:
                return json.loads(content)["refreshToken"]
            time.sleep(0.1)
        raise RuntimeError(f"cannot log in to the simulator: HTTP {status}: {content[:300]!r}")


class Exporter(Server):
    """An exporter that serves."""

    LISTENING = r'msg=listening [^\n]*address="?([^\s"]+)'

    def __init__(self, url, *arguments, token=None, variables=None, log=None):
        """token: the access token, if no flag specifies it."""
        secret = {"FLASHBACK_TOKEN": token} if token else {}
        super().__init__(self.command(url, *arguments), {**secret, **(variables or {})}, log)

    @staticmethod
    def command(url, *arguments):
        return [path("flashback-exporter"), "--web.listen-address=127.0.0.1:0", f"--flashback.url={url}", *arguments]

    def scrape(self, accept=TEXT, timeout=10, compressed=True):
        """Scrapes as Prometheus does. Returns the body and the duration in seconds."""
        headers = {"Accept": accept, "X-Prometheus-Scrape-Timeout-Seconds": str(timeout)}
        if compressed:
            headers["Accept-Encoding"] = "gzip"
        start = time.monotonic()
        status, body = request(self.address, "GET", "/metrics", headers, timeout=timeout + 30)
        if status != 200:
            raise RuntimeError(f"the scrape was answered {status}: {body[:300]!r}")
        return body, time.monotonic() - start

    def value(self, family):
        """Scrapes. Returns the first sample of a family; None if there is none."""
        match = re.search(rf"^{family}(?:\{{.*\}})? (\S+)$", self.scrape()[0].decode(), re.MULTILINE)
        return match and float(match[1])


def request(address, method, target, headers=None, body=None, timeout=60):
    """Sends one request. Returns the status and the body, decompressed."""
    connection = http.client.HTTPConnection(address, timeout=timeout)
    try:
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        return response.status, gzip.decompress(content) if response.getheader("Content-Encoding") == "gzip" else content
    finally:
        connection.close()


# Further helpers for scripts that run the programs.


def write_secret(file, text):
    """Writes a file that only its owner can read. Returns its path."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text + "\n")
    return pathlib.Path(file)


def eventually(condition, seconds=30):
    """Whether a condition becomes true within a time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True


def in_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def say(text):
    """Reports progress on standard error: standard output contains only results."""
    print(text, file=sys.stderr, flush=True)
