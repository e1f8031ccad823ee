"""Every crash point of a renewal, SIGTERM in every phase, and a disk that does not take the token."""

import sys

import renewal
import shutdown
import storage

PARTS = {"renewal": renewal.crash, "shutdown": shutdown.run, "storage": storage.run}


def main():
    names = sys.argv[1:] or list(PARTS)
    summaries, failures = [], []
    for name in names:
        summary, broken = PARTS[name](lambda line: print(f"  {line}", flush=True))
        summaries.append(summary)
        failures += broken
    for failure in failures:
        print(f"crash: broken: {failure}")
    held = "everything held" if not failures else f"{len(failures)} promises were broken"
    print(f"crash: {'; '.join(summaries)}; {held}")
    sys.exit(1 if failures else 0)


main()
