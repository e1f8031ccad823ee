"""SIGKILL before each system call between the answer to a token renewal and the first use of the new access token."""

import collections
import os
import pathlib
import re
import shutil
import tempfile

import programs
from tracer import Traced

# Only system calls whose text matches this are crash points.
CHOSEN = os.environ.get("CRASH_CALLS", "")
# The file that a new token is written to, and what puts it on the disk: without a crash before each of these, nothing has been shown.
NEW = "token.new"
ON_DISK = ("openat", "write", "fsync", "rename")


class Run:
    """One start of the exporter, whose first request is a renewal."""

    def __init__(self, simulator, directory):
        self.simulator, self.directory = simulator, pathlib.Path(directory)
        self.token = simulator.log_in()
        self.path = programs.write_secret(self.directory / "token", self.token)

    def trace(self, stop_before=None):
        """The system calls in the window, each numbered among those that look the same.

        With `stop_before`, the program is killed before that one. Returns whether it was.
        """
        log = os.open(self.directory / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        traced = Traced(
            programs.Exporter.command(self.simulator.url, f"--flashback.refresh-token-file={self.path}"), programs.environment(), log)
        os.close(log)
        is_open = False
        seen = collections.Counter()
        calls = []

        def after(call):
            nonlocal is_open
            if b"refreshToken" in call.received:
                is_open = True

        def before(call):
            if not is_open:
                return False
            name = str(call)
            if name.isdigit():
                name = f"system call {name}"
            step = (name, seen[name])
            seen[name] += 1
            calls.append(step)
            if b"uthorization: Bearer" in call.sent and name.startswith("sendto"):
                return True
            return step == stop_before

        traced.run(before, after)
        traced.kill()
        self.calls = calls
        return bool(calls) and calls[-1] == stop_before

    def content(self):
        """The state of the disk: nothing new, a new token beside the file, or a new token in the file."""
        if self.path.read_text().strip() != self.token:
            return "in the file"
        left = self.path.with_name(NEW)
        if left.exists() and left.read_text().endswith("\n"):
            return "beside the file"
        return "nowhere"

    def survives(self):
        """Whether a restart can read the account."""
        with programs.Exporter(self.simulator.url, f"--flashback.refresh-token-file={self.path}") as exporter:
            is_up = exporter.value("flashback_up") == 1
            self.restarted = exporter.output()
            if is_up and self.path.with_name(NEW).exists():
                raise AssertionError("the new file is still beside the old one")
            return is_up


def concerns_file(step):
    """Whether a call reads or writes the token's file."""
    return step[0].startswith(ON_DISK) and "token" in step[0]


def judge(steps, missed, results):
    """What makes a result worthless. results: how many crashes there were, by where the new token was and whether the account survived."""
    for call in ON_DISK:
        if re.search(CHOSEN, f"{call} {NEW}") and not any(name.startswith(call) and NEW in name for name, _ in steps):
            yield f"no {call} of {NEW} was seen between the answer and the use of the token"
    for name, number in filter(concerns_file, missed):
        yield f"there was no crash before {name} ({number + 1}), which concerns the token's file"
    if not results.total():
        yield "there was no crash"


def crash(log):
    """Returns a summary and the failures."""
    failures = []
    results = collections.Counter()
    with programs.Simulator("--buckets=1") as simulator, tempfile.TemporaryDirectory() as base:

        def new():
            directory = pathlib.Path(base) / "account"  # Always the same name, so that the calls look the same.
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(mode=0o700)
            return Run(simulator, directory)

        # Threads are scheduled differently each time, so combine several runs. Chosen calls are made by the one thread that renews.
        steps = []
        for _ in range(1 if CHOSEN else 5):
            run = new()
            run.trace()
            steps += [step for step in run.calls if step not in steps and re.search(CHOSEN, step[0])]
        missed = []
        for step in steps:
            for _ in range(20 if concerns_file(step) else 5):
                run = new()
                if run.trace(stop_before=step):
                    break
            else:
                missed.append(step)  # Another thread's call that is not always made.
                log(f"not reached: {step[0]} ({step[1] + 1})")
                continue
            where = run.content()
            survives = run.survives()
            results[where, survives] += 1
            log(f"before {step[0]} ({step[1] + 1}): the new token is {where}, the account {'survives' if survives else 'is lost'}")
            if survives != (where != "nowhere"):
                failures.append(f"crash before {step[0]}: the new token is {where} and the account is {'' if survives else 'not '}read")
            if not survives and "HTTP 401" not in run.restarted:
                failures.append("a lost account is not reported as HTTP 401")
        failures += judge(steps, missed, results)
    survived = sum(number for (_, survives), number in results.items() if survives)
    summary = (
        f"{results.total()} crashes, one before each system call from the answer to a renewal to the use of its token: {survived} survived "
        f"({results['in the file', True]} with the new token in the file, {results['beside the file', True]} beside it), "
        f"{results.total() - survived} needed a new log-in, before its first byte was written; {len(missed)} calls were not repeated")
    return summary, failures
