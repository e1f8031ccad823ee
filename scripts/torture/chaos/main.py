"""Runs the exporter against a faulty API, network, name service and disk, and judges every scrape by the API's actual answers."""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import programs  # noqa: E402
from judge import Broken  # noqa: E402
from run import Run  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=150)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--slack", type=float, default=2, help="seconds by which a busy machine may be late")
    parser.add_argument(
        "--namespace", action="store_true", help="the process has a mount namespace of its own, where it may change /etc/hosts and mount disks"
    )
    options = parser.parse_args()
    if options.cycles < 1:
        parser.error("--cycles must be at least 1")
    directory = tempfile.mkdtemp(prefix="flashback-chaos.")
    if options.namespace:
        bind(directory)
    programs.say(f"seed {options.seed}{'' if options.namespace else ', without a namespace: no loss of the name, no full disk'}")
    run = Run(directory, options.seed, options.slack, options.namespace)
    # Ends the programs before exiting.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    problem = None
    try:
        run.run(options.cycles)
    except Broken as error:
        problem = error
    run.summarize()
    if problem:
        programs.say(f"broken in cycle {run.cycles}: {problem}; logs are in {directory}")
        for event in run.history[-12:]:
            programs.say(f"    {event}")
    else:
        if options.namespace:
            subprocess.run(["umount", f"{directory}/disk"], check=False)
        shutil.rmtree(directory, ignore_errors=True)
    print(f"chaos (programs): {run.cycles} cycles, seed {options.seed}: {'broken: ' + str(problem) if problem else 'all held'}", flush=True)
    return 1 if problem else 0


def bind(directory):
    """Gives this namespace a name service that uses only /etc/hosts."""
    for name, text in (("hosts", "127.0.0.1 localhost\n"), ("resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")):
        with open(f"{directory}/{name}", "w", encoding="ascii") as file:
            file.write(text)
        subprocess.run(["mount", "--bind", f"{directory}/{name}", f"/etc/{name}"], check=True)


if __name__ == "__main__":
    sys.exit(main())
