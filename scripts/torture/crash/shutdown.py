"""SIGTERM in every phase: the end comes within five seconds, with the right status, and leaves no partial file and no response that
looks complete and is not."""

import os
import pathlib
import shutil
import socket
import tempfile
import time

from programs import EXPORTER, HUP, TERM, Exporter, Program, Simulator, arguments, environment, eventually, sample, write_token
from proxy import Proxy
from tracer import Traced

LONGEST = 5.0
# What a shell reports for a program that SIGTERM ended: a command that has not done its work must not report success.
INTERRUPTED = 143
# So many system calls of each phase are interrupted that has many.
POINTS = int(os.environ.get("CRASH_POINTS", "15"))


class Checks:
    def __init__(self, log):
        self.log, self.count, self.failures, self.slowest = log, 0, [], 0.0

    def end(self, what, status, seconds, expected=(0,)):
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


def terminate(program):
    start = time.monotonic()
    program.send(TERM)
    status = program.end(30)
    return status, time.monotonic() - start


def starting(checks, simulator, base, count):
    """At system calls spread over the time from the program's first to its first log line."""

    def run(stop_at):
        directory = pathlib.Path(base) / "starting"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        path = write_token(directory, simulator.login())
        log = os.open(pathlib.Path(base) / "starting.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        traced = Traced(arguments(simulator.port, "--flashback.refresh-token-file", str(path)), environment(), log)
        os.close(log)
        calls, sent = 0, None

        def before(call):
            nonlocal calls, sent
            calls += 1
            if calls == stop_at:
                os.kill(call.process, TERM)
                sent = time.monotonic()
            return stop_at is None and b"listening" in call.sent

        status = traced.run(before, seconds=60)
        if stop_at is None:
            traced.kill()
            return calls
        left = sorted(p.name for p in directory.iterdir())
        checks.expect(left == ["token"], f"SIGTERM at system call {stop_at} leaves {left}")
        return status, time.monotonic() - (sent or time.monotonic())

    last = run(None)
    untrapped = 0
    for number in range(count):
        status, seconds = run(1 + number * last // count)
        if status == -TERM:
            untrapped += 1  # Before the program has done anything.
        checks.end(f"at system call {1 + number * last // count} of {last}", status, seconds, (0, -TERM))
    return untrapped


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


def request(port, buffer=None):
    connection = socket.socket()
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.connect(("127.0.0.1", port))
    connection.settimeout(60)
    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n")
    return connection


def serving(checks, simulator, base):
    token = write_token(base, "simulated-token", "access-token")
    flags = ["--flashback.token-file", str(token)]
    phases = {
        "while the buckets are listed": ("GET /bucket",),
        "in the middle of a collection": ("/status",),
        "while daily statistics are read": ("POST", "/stats"),
    }
    for what, words in phases.items():
        for scrapes in (False, True):
            with Proxy(simulator.port) as proxy:
                proxy.hold(*words)
                with Exporter(proxy.port, *flags) as exporter:
                    port = exporter.port()
                    connection = request(port) if scrapes else None
                    checks.expect(proxy.wait(), f"no request {words}")
                    status, seconds = terminate(exporter)
                    checks.end(what + (", with a scrape" if scrapes else ""), status, seconds)
                    if connection:
                        data = read_raw(connection)
                        checks.expect(completeness(data) is not False or b"flashback_up" not in data[-64:], f"{what}: bad end")
                        if completeness(data):
                            checks.expect(data.endswith(b"\n"), f"{what}: a complete response ends in the middle of a line")
                        connection.close()


def sending(checks, base):
    """A client that reads so slowly that its response cannot be finished."""
    token = write_token(base, "simulated-token", "access-token")
    with Simulator("--buckets", "3000") as simulator:
        with Exporter(simulator.port, "--flashback.token-file", str(token)) as exporter:
            checks.expect(
                eventually(lambda: exporter.scrape(60).count("\nflashback_bucket_info{") == 3000, 120), "3,000 buckets are not read")
            connection = request(exporter.port(), buffer=4096)
            begun = connection.recv(1024)
            status, seconds = terminate(exporter)
            checks.end("while a response is sent", status, seconds)
            data = begun + read_raw(connection)
            checks.expect(completeness(data) is False, "a response that was cut off looks complete")
            connection.close()


def renewing(checks, simulator, base):
    for answers in (True, False):
        path = write_token(base, simulator.login(), "refresh-token")
        with Proxy(simulator.port) as proxy:
            proxy.hold("POST", "/user/refresh")
            with Exporter(proxy.port, "--flashback.refresh-token-file", str(path)) as exporter:
                exporter.port()
                checks.expect(proxy.wait(), "no renewal")
                start = time.monotonic()
                exporter.send(TERM)
                if answers:
                    time.sleep(2)
                    proxy.release()
                status = exporter.end(60)
                checks.end(
                    "during a renewal that is answered two seconds later" if answers else "during a renewal that is not answered",
                    status, time.monotonic() - start)
        if answers:
            with Exporter(simulator.port, "--flashback.refresh-token-file", str(path)) as exporter:
                checks.expect(exporter.value("flashback_up") == 1, "the token of a renewal during the end was not saved")


def reloading(checks, simulator, base):
    configuration = pathlib.Path(base) / "exporter.yml"
    for holds in (True, False):
        path = write_token(base, simulator.login(), "reload-token")

        def configure(port, concurrency):
            configuration.write_text(
                f"flashback:\n  url: http://127.0.0.1:{port}\n  refresh-token-file: {path}\n  concurrency: {concurrency}\n")

        with Proxy(simulator.port) as proxy:
            if holds:
                proxy.hold("POST", "/user/refresh")
            configure(proxy.port, 8)
            with Program([EXPORTER, "--web.listen-address", "127.0.0.1:0", "--config.file", str(configuration)]) as exporter:
                checks.expect(exporter.line("listening") is not None, f"the exporter does not start: {exporter.output}")
                if holds:
                    checks.expect(proxy.wait(), "no renewal")
                configure(proxy.port, 9)
                exporter.send(HUP)
                if holds:
                    time.sleep(0.5)  # The reload now waits for the renewal.
                status, seconds = terminate(exporter)
                checks.end("during a reload" + (" that waits for a renewal" if holds else ""), status, seconds)


COMMANDS = {
    "collect": ["--output"], "record": ["--output"], "check": None,
    "backfill": ["--from", "2026-01-01", "--to", "2026-01-03", "--output"],
}


def commands(checks, simulator, base):
    token = write_token(base, "simulated-token", "access-token")
    for name, options in COMMANDS.items():
        for words in (("GET /bucket",), ("/status",) if name != "backfill" else ("POST", "/stats")):
            directory = pathlib.Path(base) / "output"
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            output = [*options, str(directory / "file")] if options else []
            with Proxy(simulator.port) as proxy:
                proxy.hold(*words)
                with Program(
                    [EXPORTER, name, "--flashback.url", f"http://127.0.0.1:{proxy.port}", "--flashback.token-file", str(token), *output]
                ) as program:
                    if not proxy.wait(20):
                        continue  # Not a request of this command.
                    status, seconds = terminate(program)
                    checks.end(f"during {name} at {' '.join(words)}", status, seconds, (INTERRUPTED,))
                    left = sorted(p.name for p in directory.iterdir())
                    checks.expect(set(left) <= {"file.part"}, f"{name}: a signal leaves {left}")


def writing(checks, simulator, base):
    """At each system call from the creation of the output to the end of the command."""
    token = write_token(base, "simulated-token", "access-token")
    for name, options in COMMANDS.items():
        if options is None:
            continue

        def run(stop_at):
            directory = pathlib.Path(base) / "output"
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            log = os.open(os.devnull, os.O_WRONLY)
            traced = Traced(
                [EXPORTER, name, "--flashback.url", f"http://127.0.0.1:{simulator.port}", "--flashback.token-file", str(token),
                 *options, str(directory / "file")], environment(), log)
            os.close(log)
            calls, sent = None, None

            def before(call):
                nonlocal calls, sent
                if calls is None:
                    if call.name == "openat" and call.subject.endswith(".tmp"):
                        calls = 0
                    else:
                        return
                calls += 1
                if calls == stop_at:
                    os.kill(call.process, TERM)
                    sent = time.monotonic()

            status = traced.run(before, seconds=60)
            left = {p.name: p.read_bytes() for p in directory.iterdir()}
            return calls or 0, sent, status, left

        last, _, status, complete = run(None)
        checks.expect(status == 0 and "file" in complete, f"{name}: status {status} without a signal")
        for number in range(1, last + 1, max(1, last // POINTS)):
            _, sent, status, left = run(number)
            if sent is None:
                continue
            checks.end(f"at system call {number} of {last} while {name} writes", status, time.monotonic() - sent, (0, INTERRUPTED))
            rest = set(left) - {"file", "file.part"}
            checks.expect(not rest, f"{name}: SIGTERM at system call {number} leaves {sorted(rest)}")
            if "file" in left:
                checks.expect(
                    len(left["file"]) >= 0.9 * len(complete["file"]) and left["file"].endswith(b"\n"),
                    f"{name}: SIGTERM at system call {number} leaves a part of the file")
            if status == 0:
                checks.expect("file" in left, f"{name}: status 0 without the file, after SIGTERM at system call {number}")


def demo(checks):
    with Program([EXPORTER, "demo", "--web.listen-address", "127.0.0.1:0"]) as program:
        checks.expect(program.line("listening") is not None, "the demo does not start")
        checks.end("during the demo", *terminate(program))


def run(log, starts=POINTS):
    checks = Checks(log)
    with Simulator("--buckets", "20") as simulator, tempfile.TemporaryDirectory() as base:
        untrapped = starting(checks, simulator, base, starts)
        serving(checks, simulator, base)
        sending(checks, base)
        renewing(checks, simulator, base)
        reloading(checks, simulator, base)
        commands(checks, simulator, base)
        writing(checks, simulator, base)
        demo(checks)
    summary = (
        f"{checks.count} SIGTERMs in all phases, the slowest end after {checks.slowest:.1f} s; {untrapped} of {starts} during the start "
        "came before the program traps signals and ended it by the signal")
    return summary, checks.failures
