"""SIGKILL before each system call between the answer to a token renewal and the first use of the new access token."""

import collections
import os
import pathlib
import shutil
import tempfile

import programs
from tracer import Traced


class Run:
    """One start of the exporter, whose first request is a renewal."""

    def __init__(self, simulator, directory):
        self.simulator, self.directory = simulator, pathlib.Path(directory)
        self.token = simulator.log_in()
        self.path = programs.write_secret(self.directory / "token", self.token)

    def trace(self, stop_before=None):
        """The system calls in the window, each with its number among those that look the same.

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
        """What is on the disk: nothing new, a new token beside the file, or a new token in the file."""
        if self.path.read_text().strip() != self.token:
            return "in the file"
        left = self.path.with_name("token.new")
        if left.exists() and left.read_text().endswith("\n"):
            return "beside the file"
        return "nowhere"

    def survives(self):
        """Whether a restart can read the account."""
        with programs.Exporter(self.simulator.url, f"--flashback.refresh-token-file={self.path}") as exporter:
            is_up = exporter.value("flashback_up") == 1
            self.restarted = exporter.output()
            if is_up and (self.path.with_name("token.new").exists()):
                raise AssertionError("the new file is still beside the old one")
            return is_up


def crash(log):
    """Returns the failures."""
    failures = []
    results = collections.Counter()
    with programs.Simulator("--buckets=1") as simulator, tempfile.TemporaryDirectory() as base:

        def new():
            directory = pathlib.Path(base) / "account"  # Always the same name, so that the calls look the same.
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir(mode=0o700)
            return Run(simulator, directory)

        # Threads run differently each time: the union of several runs.
        steps = {}
        for _ in range(5):
            run = new()
            run.trace()
            for step in run.calls:
                steps.setdefault(step, len(steps))
        written = [s for s in steps if s[0].startswith("rename")]
        if not written:
            failures.append("no rename was seen between the answer and the use of the token")
        lost, missed = [], 0
        for step in steps:
            for _ in range(5):
                run = new()
                if run.trace(stop_before=step):
                    break
            else:
                missed += 1  # Another thread's call that is not always made.
                log(f"not reached: {step[0]} ({step[1] + 1})")
                continue
            where = run.content()
            survives = run.survives()
            results[where, survives] += 1
            log(f"before {step[0]} ({step[1] + 1}): the new token is {where}, the account {'survives' if survives else 'is lost'}")
            if survives != (where != "nowhere"):
                failures.append(f"crash before {step[0]}: the new token is {where} and the account is {'' if survives else 'not '}read")
            if not survives:
                lost.append(step[0])
                if "HTTP 401" not in run.restarted:
                    failures.append("a lost account is not reported as HTTP 401")
    total = sum(results.values())
    summary = (
        f"{total} crashes, one before each system call from the answer to a renewal to the use of its token: "
        f"{results['in the file', True]} found the new token in the file, {results['beside the file', True]} beside it, "
        f"{len(lost)} before its first byte was written, which needs a new log-in; {missed} calls were not repeated")
    return summary, failures
