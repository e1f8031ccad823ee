"""Starts the programs under test for the scripts beside this directory, on ports that the kernel chooses."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time

TOKEN = "simulated-token"


class Program:
    """A program that runs, with its log in a file."""

    def __init__(self, arguments, environment=None):
        # Neither the caller's secrets nor its proxies.
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environment or {})}
        self.log = tempfile.NamedTemporaryFile("w+b", prefix="program-", suffix=".log")
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env=environment)
        self.pid = self.process.pid

    def text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for(self, pattern, timeout=60):
        """The first match of a pattern in what the program writes."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            ended = self.process.poll() is not None
            match = re.search(pattern, self.text())
            if match:
                return match
            if ended:
                break
            time.sleep(0.02)
        raise RuntimeError(f"no line with {pattern!r} from {self.process.args[0]}; it wrote: {self.text()[-2000:]}")

    def stop(self):
        """Asks the program to end, and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        return self.process.returncode

    # What the system says about it.

    def status(self, name):
        """A value of /proc/PID/status in bytes, such as VmRSS."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(name + ":"):
                    return int(line.split()[1]) * 1024
        raise KeyError(name)

    def resident(self):
        return self.status("VmRSS")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(arguments, environment=None):
    program = Program(arguments, environment)
    try:
        yield program
    finally:
        program.stop()


@contextlib.contextmanager
def simulator(*arguments):
    """Yields the simulator, with its address as `url`."""
    flags = ["--web.listen-address", "127.0.0.1:0", "--latency", "0s", "--jitter", "0s"]
    with running([os.environ["SIMULATOR"], *flags, *arguments]) as program:
        program.url = program.wait_for(r"Listening on (\S+)\n").group(1)
        yield program


@contextlib.contextmanager
def exporter(url, *arguments):
    """Yields the exporter for the API at `url`, with its port as `port`."""
    flags = ["--web.listen-address", "127.0.0.1:0", "--flashback.url", url]
    with running([os.environ["EXPORTER"], *flags, *arguments], {"FLASHBACK_TOKEN": TOKEN}) as program:
        program.port = int(program.wait_for(r'msg=listening address="?[^ "]*:(\d+)').group(1))
        yield program


def certificates(directory):
    """Makes an authority and the certificate of localhost, and a web configuration with it. Returns the path of the authority."""
    path = lambda name: os.path.join(directory, name)  # noqa: E731
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run = lambda *arguments: subprocess.run(["openssl", *arguments], check=True, capture_output=True)  # noqa: E731
    run("req", "-x509", *key, "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days", "90", "-subj", "/CN=authority of tests",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", "-new", *key, "-keyout", path("server.key"), "-out", path("server.csr"), "-subj", "/CN=localhost")
    with open(path("extensions"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n")
    run("x509", "-req", "-in", path("server.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "90",
        "-out", path("server.crt"), "-extfile", path("extensions"))
    with open(path("web.yml"), "w", encoding="ascii") as file:
        file.write("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
    with open(path("web-headers.yml"), "w", encoding="ascii") as file:
        file.write("tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
                   "http_server_config: {headers: {Strict-Transport-Security: max-age=31536000}}\n")
    return path("ca.pem")
