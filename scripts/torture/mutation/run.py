"""Runs the tests against each mutant.

`run.py insert FRESH TREE` puts the mutants into the sources of a fresh copy that will be at TREE, `run.py copy FRESH TREE` brings what differs
there, and `run.py test TREE [NUMBER...]` runs the tests.
"""

import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import mutants

LONGEST = float(os.environ.get("MUTATION_TIMEOUT", "300"))
# Whether all tests are run for a defect that the related ones miss, except the end-to-end tests.
ALL = os.environ.get("MUTATION_ALL", "1") != "0"
# Whether to run the related tests without a defect first.
BASELINE = os.environ.get("MUTATION_BASELINE", "1") != "0"


def tests(tree, patterns, seconds):
    """Whether the tests passed; None for a time-out. With the names of the tests that failed."""
    # Not with `swift test`, which plans a build first, each time.
    command = [str(tree / ".build/debug/flashback-exporterPackageTests.xctest"), "--testing-library", "swift-testing"]
    for pattern in patterns:
        command += ["--filter", pattern]
    if not patterns:
        command += ["--skip", "EndToEndTests"]
    process = subprocess.Popen(
        command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, []
    failed = re.findall(r"Test (\w+)\(.*?\) (?:failed|recorded)", output)
    if process.returncode and not failed and "Test run with" not in output:
        # A crash is noticed, too; but say so.
        failed = ["the tests crashed" if "signal" in output or "Fatal error" in output else output.strip().splitlines()[-1]]
    ran = re.search(r"Test run with (\d+) tests?", output)
    if not process.returncode and (ran is None or ran.group(1) == "0"):
        raise SystemExit(f"no test ran for {patterns}: {output[-500:]}")
    return process.returncode == 0, list(dict.fromkeys(failed))


def copy(fresh, tree):
    for name in os.listdir(fresh):
        wanted = {p.relative_to(fresh) for p in (fresh / name).rglob("*") if p.is_file()} or {pathlib.Path(name)}
        for path in [p for p in (tree / name).rglob("*") if p.is_file()]:
            if path.relative_to(tree) not in wanted:
                path.unlink()
        for path in wanted:
            target = tree / path
            if not target.exists() or target.read_bytes() != (fresh / path).read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(fresh / path, target)


def main():
    action, tree = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    entries = mutants.load()
    if action == "insert":
        complaints = mutants.insert(entries, tree / "Sources", pathlib.Path(sys.argv[3]).resolve() / ".mutant")
        for complaint in complaints:
            print(f"mutation: {complaint}", file=sys.stderr)
        sys.exit(1 if complaints else 0)
    if action == "copy":
        return copy(tree, pathlib.Path(sys.argv[3]).resolve())
    switch = tree / ".mutant"
    chosen = [int(word) for word in sys.argv[3:]] or list(range(1, len(entries) + 1))
    every = sorted({suite for number in chosen for suite in entries[number - 1]["suites"]})
    switch.write_text("0")
    passed, failed = tests(tree, every, 1800) if BASELINE else (True, [])
    if not passed:
        sys.exit(f"mutation: the tests fail without a mutant: {' '.join(failed[:5]) or 'time-out'}")
    outcomes = collections.Counter()
    missed = []
    for number in chosen:
        mutant = entries[number - 1]
        switch.write_text(str(number))
        start = time.monotonic()
        passed, failed = tests(tree, mutant["suites"], LONGEST)
        where = "related"
        if passed and ALL:
            passed, failed = tests(tree, [], 4 * LONGEST)
            where = "other"
        if passed:
            missed.append(mutant["name"])
            outcome = "MISSED"
        else:
            outcome = f"caught by {where} tests: " + (", ".join(failed[:3]) if failed else "time-out")
        outcomes["caught" if not passed else "missed"] += 1
        print(f"{number} | {mutant['area']} | {mutant['name']} | {outcome} | {time.monotonic() - start:.0f} s", flush=True)
    switch.write_text("0")
    print(f"mutation: {len(chosen)} defects, {outcomes['caught']} caught, {outcomes['missed']} missed")
    sys.exit(1 if missed else 0)


main()
