"""SIGTERM during the commands that write a file: the file must be complete or missing."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import time

import exposition
import programs
from checks import POINTS
from proxy import Proxy
from tracer import Traced

# A shell's status for a program that SIGTERM ended: an interrupted command must not report success.
INTERRUPTED = 143

# Requests whose answers are held, by words of their first lines.
LIST, STATUS, DAILY = ("GET /bucket",), ("/status",), ("POST", "/stats")


@dataclasses.dataclass
class Command:
    """output: the options before the name of the output; empty if there is no output."""

    output: list
    phases: list


COMMANDS = {
    "collect": Command(["--output"], [LIST, STATUS]),
    "record": Command(["--output"], [LIST, STATUS]),
    "check": Command([], [LIST, STATUS]),
    "backfill": Command(["--from", "2026-01-01", "--to", "2026-01-03", "--output"], [LIST, DAILY]),
}


def command(name, url, token, *options):
    return [programs.path("flashback-exporter"), name, f"--flashback.url={url}", f"--flashback.token-file={token}", *options]


def emptied(base):
    """The directory for the output, without what was in it."""
    directory = pathlib.Path(base) / "output"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    return directory


def reaches(program, proxy, seconds=20):
    """Whether a program makes the request whose answer the proxy holds."""
    end = time.monotonic() + seconds
    while not proxy.wait(0.1):
        if program.wait(0) is not None or time.monotonic() > end:
            return proxy.wait(0)
    return True


def requesting(checks, simulator, base):
    """SIGTERM while the command waits for the API's answer."""
    token = programs.write_secret(f"{base}/access-token", programs.TOKEN)
    for name, each in COMMANDS.items():
        for words in each.phases:
            directory = emptied(base)
            output = [*each.output, str(directory / "file")] if each.output else []
            with Proxy(simulator.port) as proxy:
                proxy.hold(*words)
                with programs.Program(command(name, proxy.url, token, *output)) as program:
                    if not checks.expect(reaches(program, proxy), f"{name} makes no request {' '.join(words)}"):
                        continue
                    status, seconds = program.terminate()
                    checks.end(f"during {name} at {' '.join(words)}", status, seconds, (INTERRUPTED,))
                    left = sorted(p.name for p in directory.iterdir())
                    checks.expect(set(left) <= {"file.part"}, f"{name}: a signal leaves {left}")


def writing(checks, simulator, base):
    """SIGTERM at each system call from the creation of the output to the end of the command."""
    token = programs.write_secret(f"{base}/access-token", programs.TOKEN)
    for name, each in COMMANDS.items():
        if not each.output:
            continue

        def run(stop_at):
            directory = emptied(base)
            log = os.open(os.devnull, os.O_WRONLY)
            traced = Traced(command(name, simulator.url, token, *each.output, str(directory / "file")), programs.environment(), log)
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
        checks.expect(status == 0 and "file" in complete, f"{name}: status {status} without a signal, and {sorted(complete)}")
        checks.expect(last > 0, f"{name}: its output is not begun under a temporary name")
        numbers = range(1, last + 1, max(1, last // POINTS))
        missed = 0
        for number in numbers:
            # The number of calls varies: the last ones may not be reached at once.
            for _ in range(3):
                _, sent, status, left = run(number)
                if sent is not None:
                    break
            else:
                missed += 1
                continue
            checks.end(f"at system call {number} of {last} while {name} writes", status, time.monotonic() - sent, (0, INTERRUPTED))
            rest = set(left) - {"file", "file.part"}
            checks.expect(not rest, f"{name}: SIGTERM at system call {number} leaves {sorted(rest)}")
            if "file" in left:
                checks.expect(
                    is_whole(name, left["file"], complete.get("file", b"")),
                    f"{name}: SIGTERM at system call {number} leaves a part of the file")
            if status == 0:
                checks.expect("file" in left, f"{name}: status 0 without the file, after SIGTERM at system call {number}")
        checks.expect(missed <= len(numbers) // 4, f"{name}: {missed} of {len(numbers)} system calls were not reached")


def is_whole(name, content, complete):
    """Whether a file is as whole as the one of another run, whose values may differ."""
    if not content.endswith(b"\n") or content.count(b"\n") != complete.count(b"\n"):
        return False
    try:
        if name == "collect":
            exposition.parse_text(content)
        elif name == "record":
            for line in content.splitlines():
                json.loads(line)
        else:
            return content.endswith(b"\n# EOF\n")
    except (exposition.Malformed, ValueError):
        return False
    return True
