"""Does what an engine does with the image that deploy/Dockerfile makes, as far as it takes without one:

    unshare --mount --pid --fork --mount-proc container.py DOCKERFILE PROGRAM run OPTION… IMAGE ARGUMENT…

Takes the arguments of "docker", and runs PROGRAM in the place of the image's as the user that --user or the image names, with the
volumes mounted, as process 1. Runs the image's health check beside it once the exporter listens, and prints how that ended. The network is
the machine's: another port is chosen in the place of the exporter's. Variables FLASHBACK_EXPORTER_… are handed on, since a test's API
is not where Flashback's is.
"""

import argparse
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time

INSTALLED = "/usr/local/bin/flashback-exporter"


def instructions(dockerfile):
    """Those of the last stage, each with its latest value."""
    text = dockerfile.replace("\\\n", " ")
    last = text.rpartition("\nFROM ")[2]
    return dict(line.split(" ", 1) for line in last.splitlines()[1:] if re.match(r"[A-Z]+ ", line))


def options(words):
    parser = argparse.ArgumentParser(prog="docker run", allow_abbrev=False)
    parser.add_argument("--rm", action="store_true")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--publish", action="append", default=[])
    parser.add_argument("--cap-drop", action="append", default=[])
    parser.add_argument("--security-opt", action="append", default=[])
    parser.add_argument("--user")
    parser.add_argument("--volume", action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser.parse_args(words)


def mount(volume):
    source, target, *flags = volume.split(":")
    # An empty directory of this process' own over what the machine has there.
    top = os.path.dirname(target)
    while not os.path.isdir(top):
        top = os.path.dirname(top)
    handle = os.open(source, os.O_RDONLY | os.O_PATH)
    os.set_inheritable(handle, True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", top], check=True)
    os.makedirs(target)
    subprocess.run(["mount", "--bind", f"/proc/self/fd/{handle}", target], check=True, pass_fds=[handle])
    if flags == ["ro"]:
        subprocess.run(["mount", "-o", "remount,bind,ro", target], check=True)
    elif flags:
        sys.exit(f"container.py: unknown flags of a volume: {volume}")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def unprivileged(user, command):
    """A command as a user without capabilities; only root can become another one."""
    if os.environ.get("AS_IS"):
        return command
    uid, _, gid = user.partition(":")
    return [
        "setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs",
        *command,
    ]


def check_health(command, port):
    """Waits until the exporter listens, and runs the check."""
    while True:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    check = subprocess.run(command, capture_output=True, text=True)
    print(f"the health check ended with status {check.returncode}: {check.stdout}{check.stderr}", end="", flush=True)


def main():
    dockerfile, program, docker, *words = sys.argv[1:]
    if docker != "run":
        sys.exit(f"container.py: docker {docker} cannot be done here")
    with open(dockerfile, encoding="utf-8") as file:
        image = instructions(file.read())
    wanted = options(words)
    if not re.fullmatch(r"flashback-exporter(:[\w.]+)?", wanted.image):
        sys.exit(f"container.py: not the image: {wanted.image}")
    user = wanted.user or image["USER"]
    for volume in wanted.volume:
        mount(volume)
    here = {INSTALLED: program}
    entry = [here.get(word, word) for word in json.loads(image["ENTRYPOINT"])]
    check = [here.get(word, word) for word in json.loads(image["HEALTHCHECK"].partition("CMD ")[2])]
    port = free_port()
    arguments = [re.sub(r"^(--web\.listen-address=).*", rf"\g<1>127.0.0.1:{port}", word) for word in wanted.arguments]
    environment = {name: value for name, value in os.environ.items() if name.startswith("FLASHBACK_EXPORTER_")} | {
        "PATH": os.environ["PATH"]
    }
    if arguments == wanted.arguments:
        environment["FLASHBACK_EXPORTER_WEB_LISTEN_ADDRESS"] = f"127.0.0.1:{port}"
    else:
        # Only the exporter's own flag tells the port.
        environment.pop("FLASHBACK_EXPORTER_WEB_LISTEN_ADDRESS", None)
    os.chdir("/")
    if os.fork() == 0:
        os.environ.update(environment)
        check_health(unprivileged(user, check), port)
        os._exit(0)
    command = unprivileged(user, [*entry, *arguments])
    print("run: " + shlex.join(command), flush=True)
    os.execvpe(command[0], command, {**environment, **({"AS_IS": "1"} if os.environ.get("AS_IS") else {})})


if __name__ == "__main__":
    main()
