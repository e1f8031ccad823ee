"""The outcome of a suite, and the document that lists all outcomes."""

import datetime
import re
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a suite found."""

    suite: str
    version: str
    # What was tested, as a phrase for the table.
    subject: str
    cases: int = 0
    passed: int = 0
    # Known deviations that occurred: the suite's message, and the reason.
    deviations: list = field(default_factory=list)
    # Everything else that did not pass.
    failures: list = field(default_factory=list)

    def count(self, name, has_passed, said="", reason=None):
        """Counts a case. With a reason, a case that did not pass is a known deviation."""
        self.cases += 1
        if has_passed:
            self.passed += 1
        elif reason:
            self.deviations.append((f"{name}: {said}" if said else name, reason))
        else:
            self.failures.append(f"{name}: {said}" if said else name)

    def row(self):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        return f"| {self.suite} | {self.version} | {self.subject} | {self.cases:,} | {self.passed:,} | {today} |"

    def reasons(self):
        """One row for each reason."""
        grouped = {}
        for said, reason in self.deviations:
            grouped.setdefault(reason, []).append(said)
        rows = []
        for reason, said in grouped.items():
            different = list(dict.fromkeys(said))
            shown = "; ".join(different[:3]) + (f"; and {len(different) - 3} more" if len(different) > 3 else "")
            rows.append(f"| {self.suite} | {len(said)} | {cell(shown)} | {cell(reason)} |")
        return rows


def cell(text):
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;")


HEAD = """# Conformance

What the test suites of other projects find in the exporter. `./scripts/conformance.sh` fetches these suites, runs them against a release build, writes
this document, and fails where a suite finds something that is not listed here. With the names of suites it runs only these, and leaves the
other rows as they are. It needs Swift, Debian or Ubuntu, and access to their packages, to PyPI and to GitHub.

| suite | version | what it tests here | cases | passed | on |
|---|---|---|---|---|---|
"""

MIDDLE = """
## Deviations

Each case that did not pass, and the reason.

| suite | cases | what it says | reason |
|---|---|---|---|
"""


def write(path, outcomes, order):
    """Writes the document. Keeps the rows of suites that were not run."""
    try:
        with open(path, encoding="utf-8") as file:
            old = file.read().split(MIDDLE.split("\n", 2)[1])
    except FileNotFoundError:
        old = ["", ""]
    ran = {outcome.suite: outcome for outcome in outcomes}
    rows, reasons = [], []
    for suite in order:
        if suite in ran:
            rows.append(ran[suite].row())
            reasons += ran[suite].reasons()
        else:
            for part, lines in zip(old, (rows, reasons)):
                lines += [line for line in part.splitlines() if line.startswith(f"| {suite} |")]
    text = HEAD + "\n".join(rows) + "\n"
    if reasons:
        text += MIDDLE + "\n".join(reasons) + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
