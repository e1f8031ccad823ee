"""The exporter and the simulator as processes: starting them on ports that the kernel chooses, asking them, and measuring them.

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

# The simulator accepts this access token always.
TOKEN = "simulated-token"
EMAIL, PASSWORD = "operator@example.com", "simulated-password"

TEXT = "text/plain;version=0.0.4"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def path(name):
    """The path of flashback-exporter or flashback-simulator."""
    return os.path.join(os.environ["PROGRAMS"], name)


def sanitized():
    """Whether the programs run under a sanitizer, which multiplies their memory and keeps what they have freed."""
    return any(name.endswith("SAN_OPTIONS") for name in os.environ)


def environment():
    """What programs get of this process's environment: neither its secrets nor its proxies, but the options of sanitizers."""
    passed = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
    return {"LANG": "C.UTF-8", **passed}


class Program:
    """A program that runs, with its output in a file."""

    def __init__(self, arguments, variables=None, log=None):
        """Starts it.

        variables: added to environment().
        log: the file that its output is appended to. Without it, the output is deleted with this object.
        """
        output = open(log, "ab") if log else tempfile.NamedTemporaryFile("ab", prefix="program-", suffix=".log")
        self._output, self._begin = output, output.tell()
        # In a session of its own, so that a Ctrl-C reaches only the script, which ends the program itself.
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
        """Like find(), for a match without which nothing else makes sense."""
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

    # What the kernel knows about it.

    def status(self, name):
        """A size in /proc/PID/status in bytes, such as VmRSS or VmHWM."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text("utf-8", "replace")
        return int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)[1]) * 1024

    def memory(self):
        """Its exact resident memory in bytes, and what of it is not from files: those pages may be shared with other processes."""
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


class Server(Program):
    """A program that listens. LISTENING is what it writes then, with its address as the first group."""

    LISTENING = None

    @functools.cached_property
    def address(self):
        return self.wait_for(self.LISTENING)[1]

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])


class Simulator(Server):
    LISTENING = r"Listening on http://(\S+)\n"

    def __init__(self, *arguments, latency="0s", jitter="0s", log=None):
        flags = ["--web.listen-address=127.0.0.1:0", f"--latency={latency}", f"--jitter={jitter}"]
        super().__init__([path("flashback-simulator"), *flags, *arguments], log=log)

    @property
    def url(self):
        return f"http://{self.address}"

    def log_in(self):
        """The refresh token of a new session."""
        body = json.dumps({"email": EMAIL, "password": PASSWORD})
        # More than once, since it simulates errors on request.
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
        """token: the access token, if no flag says where it is."""
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


# What scripts that run them also need.


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
    """Tells the progress: the standard output has the results alone."""
    print(text, file=sys.stderr, flush=True)
