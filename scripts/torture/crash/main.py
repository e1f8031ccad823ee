"""Every crash point of a renewal, SIGTERM in every phase, and a disk to which the token cannot be written."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import programs  # noqa: E402
import renewal  # noqa: E402
import shutdown  # noqa: E402
import storage  # noqa: E402

PARTS = {"renewal": renewal.crash, "shutdown": shutdown.run, "storage": storage.run}


def main():
    names = sys.argv[1:] or list(PARTS)
    if unknown := set(names) - set(PARTS):
        sys.exit(f"crash.sh: error: there is no part {unknown.pop()!r}; there are {', '.join(PARTS)}")
    summaries, failures = [], []
    for name in names:
        summary, broken = PARTS[name](lambda line: programs.say(f"  {line}"))
        summaries.append(summary)
        failures += broken
    for failure in failures:
        programs.say(f"crash: broken: {failure}")
    held = "everything held" if not failures else f"{len(failures)} promises were broken"
    print(f"crash: {'; '.join(summaries)}; {held}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
