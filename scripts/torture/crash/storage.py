"""A full disk, a read-only directory and a deleted directory for the file of the refresh token."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from programs import Exporter, Simulator, eventually, write_secret

LOST = "a restart will need another"


def mount(path, *options):
    subprocess.run(["mount", *options, str(path)], check=True)


class Place:
    """A directory for the token, with faults that can be switched on and off."""

    def __init__(self, base, name):
        self.name, self.path = name, pathlib.Path(base) / name.replace(" ", "-")
        self.path.mkdir()
        if name != "deleted directory":
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", str(self.path)], check=True)

    def fail(self):
        if self.name == "full disk":
            with open(self.path / "ballast", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
        elif self.name == "read-only directory":
            mount(self.path, "-o", "remount,ro")
        else:
            shutil.rmtree(self.path)

    def mend(self):
        if self.name == "full disk":
            (self.path / "ballast").unlink()
        elif self.name == "read-only directory":
            mount(self.path, "-o", "remount,rw")
        else:
            self.path.mkdir()

    def remove(self):
        subprocess.run(["umount", "-l", str(self.path)], check=False, stderr=subprocess.DEVNULL)


def tells(exporter, value):
    """Whether the metric gets a value: the log's line comes a moment earlier."""
    return eventually(lambda: exporter.value("flashback_api_token_unsaved") == value, 5)


def trouble(base, name, log):
    failures = []

    def expect(condition, what):
        log(f"{name}: {what}: {'yes' if condition else 'NO'}")
        if not condition:
            failures.append(f"{name}: not so: {what}")

    place = Place(base, name)
    try:
        with Simulator("--buckets=1", "--access-token-lifetime=12s") as simulator:
            flags = [f"--flashback.refresh-token-file={place.path}/token", "--cache.ttl=1s"]
            write_secret(place.path / "token", simulator.log_in())
            with Exporter(simulator.url, *flags) as exporter:
                expect(exporter.value("flashback_up") == 1, "the exporter works before")
                expect(exporter.value("flashback_api_token_unsaved") == 0, "the metric is 0 before")
                place.fail()

                def unsaved():
                    exporter.scrape()
                    return LOST in exporter.output()

                expect(eventually(unsaved, 60), "the log says that the token could not be saved")
                lines = [line for line in exporter.output().splitlines() if LOST in line]
                expect(len(lines) == 1, "in one line")
                expect(tells(exporter, 1), "the metric is 1")
                count = exporter.output().count('msg="access token renewed"')

                def renewed_again():
                    exporter.scrape()
                    return exporter.output().count('msg="access token renewed"') > count

                expect(eventually(renewed_again, 60), "the token is renewed again, from memory")
                expect(exporter.value("flashback_up") == 1, "the account can be read")
                place.mend()

                def saved():
                    exporter.scrape()
                    return "saved the new refresh token" in exporter.output()

                expect(eventually(saved, 60), "the token is saved once that works")
                expect(tells(exporter, 0), "the metric is 0 again")
                expect(exporter.terminate(10)[0] == 0, "the exporter ends with status 0")
            left = sorted(p.name for p in place.path.iterdir())
            expect(left == ["token"], "no other file is left")
            if left != ["token"]:
                return failures
            with Exporter(simulator.url, *flags) as exporter:
                expect(exporter.value("flashback_up") == 1, "a restart needs no new token")
            if name == "deleted directory":
                return failures
            place.fail()
            with Exporter(simulator.url, *flags) as exporter:
                if name == "full disk":
                    expect(exporter.find("could not be saved now") is not None, "a start with it warns")
                    expect(exporter.value("flashback_up") == 1, "a start with it works")
                    place.mend()
                else:
                    expect(exporter.wait() == 2, "a start with it is refused with status 2")
                    expect("cannot replace the file" in exporter.output(), "and says why")
                    expect(len(exporter.output().splitlines()) == 1, "in one line")
        return failures
    finally:
        place.remove()


def run(log):
    names = ["full disk", "read-only directory", "deleted directory"]
    failures = []
    base = tempfile.mkdtemp()
    try:
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            for result in pool.map(lambda name: trouble(base, name, log), names):
                failures += result
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return f"{', '.join(names)} during a renewal: said in one line and in a metric, and saved once that works", failures
