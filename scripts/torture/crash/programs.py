"""The exporter and the simulated API as a harness starts them, and what can be asked of them."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

EXPORTER = os.environ["EXPORTER"]
SIMULATOR = os.environ["SIMULATOR"]


def environment():
    """Neither the machine's proxies nor its secrets."""
    return {"PATH": os.environ["PATH"]}


class Program:
    """A program whose output is collected."""

    def __init__(self, arguments):
        self.process = subprocess.Popen(
            arguments, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.output = ""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while True:
            data = os.read(self.process.stdout.fileno(), 65536)
            with self._changed:
                self.output += data.decode(errors="replace")
                self._changed.notify_all()
            if not data:
                return

    def line(self, text, seconds=30):
        """The first line with a text; None when it does not come."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for line in self.output.split("\n")[:-1]:
                    if text in line:
                        return line
                rest = deadline - time.monotonic()
                if rest <= 0 or (not self._reader.is_alive() and self.process.poll() is not None):
                    return None
                self._changed.wait(min(rest, 0.2))

    def send(self, number):
        self.process.send_signal(number)

    def end(self, seconds=30):
        """The exit status, negative for a signal; None when it is still running."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join()
        return status

    def stop(self):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Simulator(Program):
    def __init__(self, *arguments):
        super().__init__(
            [SIMULATOR, "--web.listen-address", "127.0.0.1:0", "--latency", "1ms", "--jitter", "0s", *arguments])
        self.port = int(self.line("Listening on").rsplit(":", 1)[1])

    def login(self):
        """A new session's refresh token."""
        for line in self.output.splitlines():
            if line.startswith("E-mail: "):
                email = line.removeprefix("E-mail: ")
            if line.startswith("Password: "):
                password = line.removeprefix("Password: ")
        body = json.dumps({"email": email, "password": password})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/user/login", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["refreshToken"]


def arguments(port, *others):
    return [EXPORTER, "--web.listen-address", "127.0.0.1:0", "--flashback.url", f"http://127.0.0.1:{port}", *others]


class Exporter(Program):
    def __init__(self, port, *others):
        super().__init__(arguments(port, *others))
        self.api_port = port

    def port(self, seconds=30):
        line = self.line("listening", seconds)
        if line is None:
            raise AssertionError(f"the exporter does not listen: {self.output}")
        return int(line.split("address=")[1].split()[0].strip('"').rsplit(":", 1)[1])

    def scrape(self, timeout=10, path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=timeout + 30)
        connection.request("GET", path, headers={"X-Prometheus-Scrape-Timeout-Seconds": str(timeout)})
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def value(self, name, timeout=10):
        """The first sample of a family without labels; None when there is none."""
        return sample(self.scrape(timeout), name)


def sample(text, name):
    for line in text.splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            return float(line.rsplit(" ", 1)[1])
    return None


def eventually(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def write_token(directory, token, name="token"):
    path = pathlib.Path(directory) / name
    path.write_text(token + "\n")
    path.chmod(0o600)
    return path


TERM, HUP, KILL = signal.SIGTERM, signal.SIGHUP, signal.SIGKILL
