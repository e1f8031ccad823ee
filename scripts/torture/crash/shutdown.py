"""SIGTERM in every phase: the program ends within five seconds, with the right status, and leaves no partial file and no truncated
response that looks complete."""

import os
import pathlib
import shutil
import signal
import socket
import tempfile
import threading
import time

import commands
import programs
from checks import POINTS, Checks, read_raw
from proxy import Proxy
from tracer import Traced


def starting(checks, simulator, base, count):
    """SIGTERM at system calls spread over the time from the program's first call to its first log line."""

    def run(stop_at):
        directory = pathlib.Path(base) / "starting"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        path = programs.write_secret(directory / "token", simulator.log_in())
        log = os.open(pathlib.Path(base) / "starting.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        traced = Traced(programs.Exporter.command(simulator.url, f"--flashback.refresh-token-file={path}"), programs.environment(), log)
        os.close(log)
        calls, sent = 0, None

        def before(call):
            nonlocal calls, sent
            calls += 1
            if calls == stop_at:
                os.kill(call.process, signal.SIGTERM)
                sent = time.monotonic()
            return stop_at is None and b"listening" in call.sent

        status = traced.run(before, seconds=60)
        if stop_at is None:
            traced.kill()
            checks.expect(status is None, f"the exporter ends before it listens, with status {status}")
            return calls
        checks.expect(sent is not None, f"the start does not reach system call {stop_at}")
        left = sorted(p.name for p in directory.iterdir())
        checks.expect(left == ["token"], f"SIGTERM at system call {stop_at} leaves {left}")
        return status, time.monotonic() - (sent or time.monotonic())

    last = run(None)
    untrapped = 0
    for number in range(count):
        status, seconds = run(1 + number * last // count)
        if status == -signal.SIGTERM:
            untrapped += 1  # Before the program has done anything.
        checks.end(f"at system call {1 + number * last // count} of {last}", status, seconds, (0, -signal.SIGTERM))
    return untrapped


def request(port, accept=programs.TEXT, buffer=None):
    """Sends a scrape. Returns the connection, whose response has not been read."""
    connection = socket.socket()
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.connect(("127.0.0.1", port))
    connection.settimeout(60)
    connection.sendall(
        f"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n".encode())
    return connection


def has_been_read(connection):
    """Whether the server has read all that was sent to it: only then its response is in progress."""
    (_, own), (_, server) = connection.getsockname(), connection.getpeername()
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table]
    queues = [row[4] for row in rows if row[1].endswith(f":{server:04X}") and row[2].endswith(f":{own:04X}")]
    return bool(queues) and queues[0].endswith(":00000000")


def serving(checks, simulator, base):
    token = programs.write_secret(f"{base}/access-token", programs.TOKEN)
    phases = {
        "while the buckets are listed": ("GET /bucket",),
        "in the middle of a collection": ("/status",),
        "while daily statistics are read": ("POST", "/stats"),
    }
    for what, words in phases.items():
        for scrapes, answers in ((False, False), (True, False), (True, True)):
            name = what + (", with scrapes" if scrapes else "") + (", and an answer one second later" if answers else "")
            with Proxy(simulator.port) as proxy:
                proxy.hold(*words)
                with programs.Exporter(proxy.url, f"--flashback.token-file={token}") as exporter:
                    port = exporter.port
                    connections = [request(port, accept) for accept in (programs.TEXT, programs.OPENMETRICS)] if scrapes else []
                    checks.expect(proxy.wait(), f"no request {words}")
                    for connection in connections:
                        checks.expect(programs.eventually(lambda connection=connection: has_been_read(connection)), f"{name}: a scrape is not read")
                    release = threading.Timer(1, proxy.release)
                    if answers:
                        release.start()
                    checks.end(name, *exporter.terminate())
                    release.cancel()
                    for connection in connections:
                        kind = checks.response(name, read_raw(connection))
                        checks.expect(kind == "200" or not answers, f"{name}: a scrape that could be answered was not")
                        connection.close()


def sending(checks, base):
    """A client that reads so slowly that its response cannot be finished."""
    token = programs.write_secret(f"{base}/access-token", programs.TOKEN)
    with programs.Simulator("--buckets=3000") as simulator:
        with programs.Exporter(simulator.url, f"--flashback.token-file={token}") as exporter:
            checks.expect(
                programs.eventually(lambda: exporter.scrape(timeout=60)[0].count(b"\nflashback_bucket_info{") == 3000, 120),
                "3,000 buckets are not read")
            connection = request(exporter.port, buffer=4096)
            begun = connection.recv(1024)
            status, seconds = exporter.terminate()
            checks.end("while a response is sent", status, seconds)
            data = begun + read_raw(connection)
            checks.expect(checks.response("while a response is sent", data) == "cut", "a response that is not read is not cut off")
            connection.close()


def renewing(checks, simulator, base):
    for answers in (True, False):
        path = programs.write_secret(f"{base}/refresh-token", simulator.log_in())
        with Proxy(simulator.port) as proxy:
            proxy.hold("POST", "/user/refresh")
            with programs.Exporter(proxy.url, f"--flashback.refresh-token-file={path}") as exporter:
                exporter.wait_for("msg=listening")
                checks.expect(proxy.wait(), "no renewal")
                start = time.monotonic()
                exporter.signal(signal.SIGTERM)
                if answers:
                    time.sleep(2)
                    proxy.release()
                status = exporter.wait(60)
                checks.end(
                    "during a renewal that is answered two seconds later" if answers else "during a renewal that is not answered",
                    status, time.monotonic() - start)
        if answers:
            with programs.Exporter(simulator.url, f"--flashback.refresh-token-file={path}") as exporter:
                checks.expect(exporter.value("flashback_up") == 1, "the token of a renewal during the end was not saved")


def reloading(checks, simulator, base):
    configuration = pathlib.Path(base) / "exporter.yml"
    for holds in (True, False):
        path = programs.write_secret(f"{base}/reload-token", simulator.log_in())

        def configure(concurrency):
            configuration.write_text(f"flashback: {{refresh-token-file: {path}, concurrency: {concurrency}}}\n")

        with Proxy(simulator.port) as proxy:
            if holds:
                proxy.hold("POST", "/user/refresh")
            configure(8)
            with programs.Exporter(proxy.url, f"--config.file={configuration}") as exporter:
                exporter.wait_for("msg=listening")
                if holds:
                    checks.expect(proxy.wait(), "no renewal")
                configure(9)
                exporter.signal(signal.SIGHUP)
                if holds:
                    time.sleep(0.5)  # The reload now waits for the renewal.
                status, seconds = exporter.terminate()
                checks.end("during a reload" + (" that waits for a renewal" if holds else ""), status, seconds)


def demo(checks):
    with programs.Program([programs.path("flashback-exporter"), "demo", "--web.listen-address=127.0.0.1:0"]) as program:
        program.wait_for("msg=listening")
        checks.end("during the demo", *program.terminate())


def run(log, starts=POINTS):
    checks = Checks(log)
    done = {}
    with programs.Simulator("--buckets=20") as simulator, tempfile.TemporaryDirectory() as base:

        def count(phase, interrupt, *arguments):
            before = checks.count
            result = interrupt(checks, *arguments)
            done[phase] = checks.count - before
            checks.expect(done[phase] > 0, f"no SIGTERM in the phase: {phase}")
            return result

        untrapped = count("start", starting, simulator, base, starts)
        count("scrapes", serving, simulator, base)
        count("sending", sending, base)
        count("renewals", renewing, simulator, base)
        count("reloads", reloading, simulator, base)
        count("commands that request", commands.requesting, simulator, base)
        count("commands that write", commands.writing, simulator, base)
        count("demo", demo)
    summary = (
        f"{checks.count} SIGTERMs ({', '.join(f'{number} {phase}' for phase, number in done.items())}), the slowest end after "
        f"{checks.slowest:.1f} s; {untrapped} during the start came before the program traps signals and ended it by the signal; responses to "
        f"scrapes: {checks.responses['200']} complete, {checks.responses['cut']} cut, {checks.responses['none']} not begun")
    return summary, checks.failures
