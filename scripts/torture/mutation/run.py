"""Runs the tests against each mutant.

`run.py check` reports mutants that do not fit the sources, or that name suites that do not exist. `run.py prepare TREE` makes TREE a copy of this
checkout with all mutants in it, and `run.py test TREE [NUMBER...]` runs the tests that have been built there.
"""

import collections
import os
import pathlib
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time

import mutants

ROOT = pathlib.Path(__file__).resolve().parents[3]
LONGEST = float(os.environ.get("MUTATION_TIMEOUT", "300"))
# Whether to run all tests, except the end-to-end tests, for a defect that the related tests miss.
ALL = os.environ.get("MUTATION_ALL", "1") != "0"
# Time limits for the related tests without a defect, and for all tests.
LONGEST_BASELINE = 1800

FAILURE = re.compile(r"Test (\w+)\(.*\) recorded an issue")
SUMMARY = re.compile(r"Test run with (\d+) tests?")


class Run(collections.namedtuple("Run", "failed, end")):
    """A run of tests: the names of the tests that failed, and its end, one of "passed", "failed", "crashed" and "timed out"."""


def tests(tree, arguments, seconds, until_failure=False):
    """Runs tests, with `until_failure` only until the first failure: some defects make other tests wait forever."""
    # Not with `swift test`, which plans a build each time.
    command = [str(tree / ".build/debug/flashback-exporterPackageTests.xctest"), "--testing-library", "swift-testing"]
    process = subprocess.Popen(
        command + arguments + ["--skip", "EndToEndTests"], cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True)
    try:
        text, failed, ended = follow(process, seconds, until_failure)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    if not ended:
        return Run(failed, "failed" if failed else "timed out")
    if process.returncode == 0:
        summary = SUMMARY.search(text)
        if summary is None or summary[1] == "0":
            raise SystemExit(f"mutation: error: no test ran for {' '.join(arguments)}: {text[-500:]}")
        return Run([], "passed")
    if failed:
        return Run(failed, "failed")
    if process.returncode < 0:
        return Run([], "crashed")
    raise SystemExit(f"mutation: error: the tests ended with status {process.returncode} without a failure: {text[-500:]}")


def follow(process, seconds, until_failure):
    """The output of a process, the tests that failed, and whether it ended by itself within the time."""
    deadline = time.monotonic() + seconds
    output, failed, seen = bytearray(), {}, 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not (failed and until_failure):
            if not selector.select(max(0, deadline - time.monotonic())):
                break
            chunk = os.read(process.stdout.fileno(), 1 << 16)
            if not chunk:
                process.wait()
                return output.decode(errors="replace"), list(failed), True
            output += chunk
            lines = slice(seen, output.rfind(b"\n") + 1)
            failed |= dict.fromkeys(FAILURE.findall(output[lines].decode(errors="replace")))
            seen = lines.stop
    return output.decode(errors="replace"), list(failed), False


def suites(names):
    """The arguments that select suites. Their names alone would also select others that end with them."""
    return [word for name in names for word in ("--filter", rf"[./]{name}/")]


class Judge:
    """Decides whether the tests detect a defect."""

    def __init__(self, tree):
        self.tree = tree
        self.switch = tree / ".mutant"

    def with_mutant(self, number, *arguments, **options):
        self.switch.write_text(str(number))
        try:
            return tests(self.tree, *arguments, **options)
        finally:
            self.switch.write_text("0")

    def outcome(self, number, mutant):
        """"caught", "missed" or "undecided", and by what."""
        related = suites(mutant["suites"])
        run = self.with_mutant(number, related, LONGEST, until_failure=True)
        if run.end == "timed out":
            # The machine may have been busy.
            run = self.with_mutant(number, related, 4 * LONGEST, until_failure=True)
            if run.end == "timed out":
                return "undecided", f"no test failed within {5 * LONGEST:.0f} s"
        if run.end != "passed":
            return "caught", ", ".join(run.failed) or "a crash"
        if not ALL:
            return "missed", "the related tests passed"
        # One at a time, as in scripts/test.sh: not all tests tolerate the load of others.
        run = self.with_mutant(number, ["--no-parallel"], LONGEST_BASELINE)
        if run.failed:
            names = [word for name in run.failed for word in ("--filter", rf"/{name}\(")]
            innocent = self.with_mutant(0, names, LONGEST_BASELINE).failed
            run = run._replace(failed=[name for name in run.failed if name not in innocent])
        if run.failed:
            return "caught", "tests of other suites: " + ", ".join(run.failed[:3])
        if run.end in ("crashed", "timed out"):
            return "undecided", f"all tests: {run.end}, none of them failed"
        return "missed", "all tests passed, or fail without the defect, too"


def test(tree, entries, numbers):
    judge = Judge(tree)
    names = sorted({suite for number in numbers for suite in entries[number - 1]["suites"]})
    start = time.monotonic()
    baseline = judge.with_mutant(0, suites(names), LONGEST_BASELINE)
    if baseline.end != "passed":
        sys.exit(f"mutation: error: the tests {baseline.end} without a defect: {' '.join(baseline.failed[:5])}")
    print(f"all related tests pass without a defect | {time.monotonic() - start:.0f} s", flush=True)
    outcomes = collections.Counter()
    for number in numbers:
        mutant = entries[number - 1]
        before = time.monotonic()
        outcome, reason = judge.outcome(number, mutant)
        outcomes[outcome] += 1
        print(
            f"{number} | {mutant['area']} | {mutant['name']} | {outcome}: {reason} | {time.monotonic() - before:.0f} s", flush=True)
    print(
        f"mutation: {len(numbers)} defects, {outcomes['caught']} caught, {outcomes['missed']} missed, {outcomes['undecided']} undecided "
        f"in {(time.monotonic() - start) / 60:.0f} minutes")
    sys.exit(0 if outcomes["caught"] == len(numbers) else 1)


def copy(tree, changed):
    """Creates a copy of this checkout with some changed files. Unchanged files keep their times, so that they are not compiled again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\0") if name and os.path.lexists(ROOT / name)]
    # The versions of the dependencies are not in the repository.
    if (ROOT / "Package.resolved").exists():
        names.append("Package.resolved")
    wanted = {tree / name for name in names} | {tree / name for name in changed}
    for folder in {tree / pathlib.Path(name).parts[0] for name in names if "/" in name}:
        for path in folder.rglob("*"):
            if (path.is_file() or path.is_symlink()) and path not in wanted and ".build" not in path.parts:
                path.unlink()
    for name in names:
        source, target = ROOT / name, tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            if not (target.is_symlink() and target.readlink() == source.readlink()):
                target.unlink(missing_ok=True)
                target.symlink_to(source.readlink())
        elif name not in changed and not (target.exists() and target.read_bytes() == source.read_bytes()):
            shutil.copy(source, target)
    for name, text in changed.items():
        if not ((tree / name).exists() and (tree / name).read_text() == text):
            (tree / name).write_text(text)


def complain(complaints):
    for complaint in complaints:
        print(f"mutation: error: {complaint}", file=sys.stderr)
    if complaints:
        sys.exit(1)


def main():
    # Ends the tests, which run in their own session, together with this program.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    action = sys.argv[1]
    entries = mutants.load()
    if action == "check":
        complain(mutants.changed(entries, ROOT / "Sources", "")[1] + mutants.unknown_suites(entries, ROOT / "Tests"))
        print(f"mutation: {len(entries)} defects fit the sources")
        return
    tree = pathlib.Path(sys.argv[2]).resolve()
    if action == "prepare":
        changed, complaints = mutants.changed(entries, ROOT / "Sources", tree / ".mutant")
        complain(complaints)
        copy(tree, {f"Sources/{name}": text for name, text in changed.items()})
    else:
        test(tree, entries, [int(word) for word in sys.argv[3:]] or list(range(1, len(entries) + 1)))


if __name__ == "__main__":
    main()
