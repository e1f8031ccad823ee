"""SIGTERM during the commands that write a file: it is complete, or there is none."""

import os
import pathlib
import shutil
import signal
import time

import programs
from checks import POINTS
from proxy import Proxy
from tracer import Traced

# What a shell reports for a program that SIGTERM ended: a command that has not done its work must not report success.
INTERRUPTED = 143

# With the options before the name of the output; None if there is no output.
COMMANDS = {
    "collect": ["--output"], "record": ["--output"], "check": None,
    "backfill": ["--from", "2026-01-01", "--to", "2026-01-03", "--output"],
}


def command(name, url, token, *options):
    return [programs.path("flashback-exporter"), name, f"--flashback.url={url}", f"--flashback.token-file={token}", *options]


def requesting(checks, simulator, base):
    """While the API's answer is awaited."""
    token = programs.write_secret(f"{base}/access-token", programs.TOKEN)
    for name, options in COMMANDS.items():
        for words in (("GET /bucket",), ("/status",) if name != "backfill" else ("POST", "/stats")):
            directory = pathlib.Path(base) / "output"
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            output = [*options, str(directory / "file")] if options else []
            with Proxy(simulator.port) as proxy:
                proxy.hold(*words)
                with programs.Program(command(name, proxy.url, token, *output)) as program:
                    if not proxy.wait(20):
                        continue  # Not a request of this command.
                    status, seconds = program.terminate()
                    checks.end(f"during {name} at {' '.join(words)}", status, seconds, (INTERRUPTED,))
                    left = sorted(p.name for p in directory.iterdir())
                    checks.expect(set(left) <= {"file.part"}, f"{name}: a signal leaves {left}")


def writing(checks, simulator, base):
    """At each system call from the creation of the output to the end of the command."""
    token = programs.write_secret(f"{base}/access-token", programs.TOKEN)
    for name, options in COMMANDS.items():
        if options is None:
            continue

        def run(stop_at):
            directory = pathlib.Path(base) / "output"
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            log = os.open(os.devnull, os.O_WRONLY)
            traced = Traced(command(name, simulator.url, token, *options, str(directory / "file")), programs.environment(), log)
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
                    os.kill(call.process, signal.SIGTERM)
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
