"""Runs the exporter against a faulty API, network, name service and disk, and judges every scrape by what the API has really told it."""

import argparse
import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

import exposition
import faulty_api
import programs

CANARY = "c4n4ry"
# In seconds. Every scrape finds something due.
TTL, MAX_STALE, TIMEOUT = 0.4, 10, 2
# Measured peaks are far below; the largest is that of a compressed list that is as long as a list may be.
BOUNDS = {"peak memory in MiB": 300, "descriptors": 96, "threads": 24}
COLLECTORS = {
    "list": ("flashback_bucket_info", "buckets"),
    "totals": ("flashback_bucket_requests_total", "totals"),
    "available": ("flashback_bucket_available", "available"),
    "status": ("flashback_bucket_node_status", "status"),
    "daily": ("flashback_bucket_node_daily_uptime_ratio", "daily"),
}
HOST = "chaos-api.test"


class Broken(Exception):
    """A promise that was not kept."""


class Chaos:
    def __init__(self, options, directory, seed):
        self.options, self.directory, self.seed = options, directory, seed
        self.random = random.Random(seed)
        self.history = []
        self.highest = {}
        self.told = 0
        self.known_since = 0.0
        self.cycles = self.scrapes = self.dumps = self.recoveries = 0
        self.slowest_recovery = self.slowest_stop = 0.0
        self.starts = 0
        self.peak = {name: 0 for name in BOUNDS}
        self.log = ""

    # What runs.

    def run(self, cycles):
        self.simulator = programs.simulator(
            self.directory,
            self.options.programs,
            ["--buckets=5", "--nodes=2", "--latency=2ms", "--jitter=5ms", f"--canary={CANARY}", "--access-token-lifetime=40s", f"--seed={self.seed}"],
        )  # fmt: skip
        self.api = faulty_api.FaultyAPI(self.simulator.address, self.seed)
        self.certificates()
        self.token = f"{self.directory}/{'disk/' if self.options.namespace else ''}refresh-token"
        if self.options.namespace:
            # A disk that can be filled.
            os.makedirs(f"{self.directory}/disk")
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", f"{self.directory}/disk"], check=True)
            self.resolve(True)
        self.exporter = self.simulator
        try:
            self.log_in()
            self.write_configuration()
            self.start()
            while self.cycles < cycles:
                for _ in range(min(40, cycles)):
                    self.disturb()
                    self.cycle(self.random.uniform(0.4, 0.9))
                self.calm()
                self.look_into_memory()
            self.stop()
        finally:
            for program in (self.exporter, self.simulator):
                program.stop()
            self.api.drop_connections()

    def start(self):
        self.starts += 1
        self.started = os.path.getsize(f"{self.directory}/exporter.log") if self.starts > 1 else 0
        host = HOST if self.options.namespace else "127.0.0.1"
        self.exporter = programs.exporter(
            self.directory,
            self.options.programs,
            f"https://{host}:{self.api.port}",
            [f"--config.file={self.directory}/exporter.yml", "--log.level=debug", "--web.enable-lifecycle", f"--flashback.ca-file={self.directory}/ca.pem",
             f"--flashback.refresh-token-file={self.token}"],
            # Freed memory is overwritten, so that what is found in the memory is in use. glibc does not overwrite what it caches for
            # a thread.
            {"MALLOC_PERTURB_": "165", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0", "no_proxy": "*"},
        )  # fmt: skip
        self.forget()

    def stop(self):
        status, seconds = self.exporter.stop()
        self.slowest_stop = max(self.slowest_stop, seconds)
        if status != 0 or seconds > 6:
            raise Broken(f"SIGTERM: status {status} after {seconds:.1f} s")

    def forget(self, delay=0):
        """The exporter's knowledge and counters begin anew, the knowledge perhaps only after a delay."""
        self.highest = {}
        self.known_since = time.monotonic() + delay

    def note(self, event):
        self.history.append(f"cycle {self.cycles}: {event}")

    def write_configuration(self, extra=""):
        with open(f"{self.directory}/exporter.yml", "w", encoding="utf-8") as file:
            file.write(
                f"cache: {{ttl: {TTL * 1000:.0f}ms, max-stale: {MAX_STALE}s}}\nscrape: {{timeout: 1s}}\n"
                f"flashback: {{timeout: {TIMEOUT}s, connect-timeout: 1s, concurrency: {self.random.choice([4, 8, 16])}}}\n{extra}"
            )

    def log_in(self):
        programs.write_secret(self.token + ".login", programs.log_in(self.simulator.address)["refreshToken"])
        os.rename(self.token + ".login", self.token)
        self.api.lost_grant = False

    def certificates(self):
        """Makes a certificate that the exporter trusts, another one of the same authority, and one of another authority."""

        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.directory)

        self.contexts = {}
        names = f"subjectAltName=DNS:{HOST},IP:127.0.0.1"
        for authority in ("ca", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={authority}",
                    "-keyout", f"{authority}.key", "-out", f"{authority}.pem")  # fmt: skip
        for name, authority, extension in (
            ("good", "ca", names), ("renewed", "ca", names), ("wrong-name", "ca", "subjectAltName=DNS:other.test"), ("wrong-authority", "other", names)
        ):  # fmt: skip
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=api", "-keyout", f"{name}.key", "-out", f"{name}.csr")
            with open(f"{self.directory}/{name}.ext", "w", encoding="ascii") as file:
                file.write(extension)
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key", "-CAcreateserial", "-days", "2",
                    "-extfile", f"{name}.ext", "-out", f"{name}.pem")  # fmt: skip
            self.contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.contexts[name].load_cert_chain(f"{self.directory}/{name}.pem", f"{self.directory}/{name}.key")
        self.api.context = self.contexts["good"]

    def resolve(self, works):
        """Makes the API's name resolve or not. /etc/hosts is a file of this run, see main()."""
        with open("/etc/hosts", "r+", encoding="ascii") as file:
            file.truncate()
            file.write("127.0.0.1 localhost" + (f" {HOST}" if works else "") + "\n")
        if not works:
            self.api.drop_connections()

    # What goes wrong.

    def disturb(self):
        for episode in self.api.episodes:
            episode["cycles"] -= 1
        self.api.episodes = [episode for episode in self.api.episodes if episode["cycles"] > 0]
        if self.random.random() < 0.5:
            kind = self.random.choice([None, None, "list", "totals", "available", "status", "status", "daily", "refresh", "other"])
            ids = sorted(self.api.list_ids[-1][2]) if self.api.list_ids else [None]
            faults = self.random.sample(self.api.FAULTS, self.random.choice([1, 3, len(self.api.FAULTS)]))
            # After failed renewals the exporter waits up to five minutes, which only costs time here.
            length = 2 if kind in (None, "refresh") else 10
            episode = {
                "kind": kind,
                "bucket": self.random.choice(ids) if self.random.random() < 0.3 else None,
                "share": self.random.choice([0.2, 0.5, 1]),
                "faults": faults,
                "cycles": self.random.randint(1, length),
            }
            self.note(episode)
            self.api.episodes.append(episode)
        events = [
            (0.02, self.change_certificate), (0.02, self.lose_name), (0.02, self.fill_disk), (0.03, self.reload), (0.02, self.freeze),
            (0.01, self.restart), (0.02, self.drop), (0.01, self.replace_token),
        ]  # fmt: skip
        for share, event in events:
            if self.random.random() < share:
                self.note(event.__name__)
                event()

    def change_certificate(self):
        name = self.random.choice(list(self.contexts))
        self.note(name)
        self.api.context = self.contexts[name]
        self.api.drop_connections()

    def lose_name(self):
        if self.options.namespace:
            self.resolve(False)

    def fill_disk(self):
        if self.options.namespace:
            with contextlib.suppress(OSError), open(f"{self.directory}/disk/filler", "wb", buffering=0) as file:
                while True:
                    file.write(bytes(512))

    def reload(self):
        kind = self.random.choice(["same", "broken", "changed"])
        self.note(kind)
        if kind == "changed":
            # The account begins anew, without a token that could not be saved.
            if self.has_unsaved_token():
                self.replace_token()
            self.write_configuration()
        with open(f"{self.directory}/exporter.yml", encoding="utf-8") as file:
            configuration = file.read()
        if kind == "broken":
            self.write_configuration(self.random.choice(["no-such-key: 1\n", "{", "web: {max-requests: many}\n", "\0"]))
        if kind != "changed" and self.random.random() < 0.5:
            self.exporter.signal(signal.SIGHUP)
        else:
            status, _, _ = programs.request(self.exporter.address, "POST", "/-/reload", timeout=30)
            if (status == 200) != (kind != "broken"):
                raise Broken(f"POST /-/reload was answered {status} with a configuration that is {kind}")
        if kind == "changed":
            # The account begins anew if its settings differ; the answers to requests under way are the old one's.
            self.forget(TIMEOUT)
        if kind == "broken":
            time.sleep(0.3)
            with open(f"{self.directory}/exporter.yml", "w", encoding="utf-8") as file:
                file.write(configuration)

    def freeze(self):
        """Stops the process for a while, as a machine that is suspended does, and sends signals that mean nothing."""
        self.exporter.signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(0, 3))
        self.exporter.signal(signal.SIGCONT)
        self.exporter.signal(signal.SIGWINCH)
        self.exporter.signal(signal.SIGPIPE)

    def restart(self):
        self.empty_disk()
        self.stop()
        if self.api.lost_grant or self.has_unsaved_token():
            self.log_in()
        self.start()

    def has_unsaved_token(self):
        """Whether the exporter may hold a token that it could not save, which is lost with the process: docs/operating.md."""
        return "the new refresh token could not be saved" in self.exporter.output(self.started)

    def drop(self):
        self.api.drop_connections()

    def replace_token(self):
        self.empty_disk()
        self.log_in()

    def empty_disk(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{self.directory}/disk/filler")

    # What is right again.

    def calm(self):
        """Ends everything that is wrong, and scrapes until all is known again."""
        self.note("calm")
        self.api.episodes = []
        self.api.context = self.contexts["good"]
        self.empty_disk()
        if self.options.namespace:
            self.resolve(True)
        if self.api.lost_grant:
            self.log_in()
        start = time.monotonic()
        while True:
            series = self.cycle(0.5)
            missing = self.missing(series)
            if not missing:
                break
            # A failed renewal is repeated after five minutes at most.
            if time.monotonic() - start > 330:
                raise Broken(f"not everything is known again after 330 s: {missing}")
        self.recoveries += 1
        programs.say(f"seed {self.seed}: {self.cycles} cycles, all known again after {time.monotonic() - start:.0f} s")
        self.slowest_recovery = max(self.slowest_recovery, time.monotonic() - start)

    def missing(self, series):
        """What is not there although everything can be known."""
        if series.get(("flashback_up", ())) != 1:
            return "flashback_up is not 1"
        found = exposition.buckets(series)
        for family, _ in COLLECTORS.values():
            if len(found.get(family, ())) != 5:
                return f"{family} of {5 - len(found.get(family, ()))} buckets"
        return None

    # One cycle, and its judgement.

    def cycle(self, pause):
        time.sleep(pause)
        self.cycles += 1
        before = self.knowledge()
        start = time.monotonic()
        use_openmetrics = self.random.random() < 0.5
        accept = programs.OPENMETRICS if use_openmetrics else programs.TEXT
        try:
            _, body, seconds = programs.scrape(self.exporter.address, accept, timeout=1.5, compressed=self.random.random() < 0.5)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            raise Broken(f"no answer to a scrape: {error}") from error
        if seconds > 1.5 + self.options.slack:
            raise Broken(f"a scrape took {seconds:.1f} s")
        try:
            series, types = (exposition.parse_openmetrics if use_openmetrics else exposition.parse_text)(body)
        except exposition.Malformed as error:
            raise Broken(f"not readable: {error}") from error
        self.scrapes += 1
        self.judge_secrets(body)
        self.judge_counters(series, types)
        self.judge_up(series, before, start, start + seconds)
        self.judge_buckets(series, before, start)
        self.judge_resources()
        return series

    def knowledge(self):
        with self.api.lock:
            return {"good": dict(self.api.good), "perhaps": dict(self.api.perhaps), "lists": list(self.api.list_ids), "failed": self.api.list_failed_at, "busy": self.api.lists_under_way}

    def judge_secrets(self, body):
        self.log = self.exporter.output(self.told)
        self.told += len(self.log.encode())
        page = b""
        if self.cycles % 20 == 0:
            page = programs.request(self.exporter.address, "GET", "/")[2]
        told = (body + page).decode("utf-8", "replace") + self.log
        with self.api.lock:
            secrets = {CANARY} | {secret[-43:-27] for secret in self.api.secrets if len(secret) >= 43}
            if len(self.api.secrets) > 60:
                self.api.secrets = set()
        for secret in secrets:
            if secret in told:
                where = next((line for line in told.splitlines() if secret in line), "")
                raise Broken(f"a secret is told: {where[:500]}")

    def judge_counters(self, series, types):
        for key, value in series.items():
            family = re.sub(r"_(total|bucket|count|sum)$", "", key[0])
            if types.get(key[0], types.get(family)) not in ("counter", "histogram") or key[0].startswith("process_"):
                continue
            # Both formats, under one name: they differ in how they write the bounds of histograms.
            key = (key[0], tuple((name, str(float(text)) if name == "le" else text) for name, text in key[1]))
            if value < self.highest.get(key, 0):
                raise Broken(f"{key} fell from {self.highest[key]} to {value}")
            self.highest[key] = value

    def served_for(self, series, collector):
        cycles = [value for labels, value in exposition.by_family(series, "flashback_collector_cycle_seconds") if labels["collector"] == collector]
        return max(TTL + MAX_STALE, 2 * max(cycles, default=0))

    def judge_up(self, series, before, start, end):
        up, slack, after = series.get(("flashback_up", ())), self.options.slack, self.knowledge()
        asked, answered = after["perhaps"].get(("list", None), (0, 0))
        if up == 1 and start - asked > self.served_for(series, "buckets") + slack:
            raise Broken(f"flashback_up is 1 with a list that is {start - asked:.1f} s old")
        if before["busy"] or after["busy"]:
            return
        if up == 1 and answered < before["failed"] < start - 2 * TIMEOUT - slack:
            raise Broken("flashback_up is 1 although the latest list failed")
        asked, answered = after["good"].get(("list", None), (0, 0))
        if up != 1 and asked > max(after["failed"], self.known_since) and start < answered < end - 0.3:
            raise Broken(f"flashback_up is {up} although the latest list succeeded")

    def judge_buckets(self, series, before, start):
        found = exposition.buckets(series)
        after = self.knowledge()
        lists = [entry for entry in before["lists"][-1:] + after["lists"] if entry[1] > self.known_since]
        for kind, (family, collector) in COLLECTORS.items():
            served = self.served_for(series, collector)
            for bucket in set().union(*(ids for _, _, ids in lists)) | found.get(family, set()):
                question = (kind, bucket if kind in ("status", "daily") else None)
                asked, answered = after["good"].get(question, (0, 0))
                if bucket in found.get(family, ()):
                    asked, _ = after["perhaps"].get(question, (0, 0))
                    if start - asked > served + self.options.slack:
                        raise Broken(f"{family} of {bucket} is {start - asked:.1f} s old")
                # The exporter counts from the beginning of a call, with its retries; an answer may have come too late for it.
                elif (
                    asked > self.known_since
                    and lists
                    and time.monotonic() - lists[-1][0] < TTL + MAX_STALE - 2 * TIMEOUT - self.options.slack
                    and time.monotonic() - asked < TTL + MAX_STALE - 2 * TIMEOUT - self.options.slack
                    and answered < start - self.options.slack
                ):
                    raise Broken(f"{family} of {bucket} is missing, answered {start - answered:.1f} s ago")

    def judge_resources(self):
        with open(f"/proc/{self.exporter.pid}/status", encoding="ascii", errors="replace") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024
        values = dict(zip(BOUNDS, (peak, self.exporter.descriptors(), self.exporter.threads())))
        for name, value in values.items():
            self.peak[name] = max(self.peak[name], value)
            if value > BOUNDS[name]:
                raise Broken(f"{name}: {value:.0f} is more than {BOUNDS[name]}")

    def look_into_memory(self):
        """No credential of a bucket is in memory that is in use, once it is at rest."""
        self.dumps += 1
        time.sleep(0.5)
        for piece in self.exporter.dump():
            position = piece.find(CANARY.encode())
            if position >= 0:
                raise Broken(f"a credential is in memory: {piece[max(position - 150, 0) : position + 60]!r}")

    def summarize(self):
        counts = ", ".join(f"{fault} {count}" for fault, count in sorted(self.api.counts.items()))
        peaks = ", ".join(f"{name} {value:.0f}" for name, value in self.peak.items())
        programs.say(
            f"seed {self.seed}: {self.cycles} cycles, {self.api.requests} requests to the API, {sum(self.api.counts.values())} of them with faults ({counts}); "
            f"{self.starts} starts, slowest stop {self.slowest_stop:.1f} s; {self.recoveries} recoveries, slowest {self.slowest_recovery:.0f} s; "
            f"{self.dumps} searches of the memory; highest: {peaks}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help="directory with flashback-exporter and flashback-simulator")
    parser.add_argument("--cycles", type=int, default=150)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--slack", type=float, default=2, help="seconds by which a busy machine may be late")
    parser.add_argument(
        "--namespace", action="store_true", help="runs in mount namespace of its own, whose /etc/hosts may be changed and disks mounted"
    )
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="flashback-chaos.")
    if options.namespace:
        for name, text in (("hosts", "127.0.0.1 localhost\n"), ("resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n")):
            with open(f"{directory}/{name}", "w", encoding="ascii") as file:
                file.write(text)
            subprocess.run(["mount", "--bind", f"{directory}/{name}", f"/etc/{name}"], check=True)
    programs.say(f"seed {options.seed}{'' if options.namespace else ', without a namespace: no loss of the name, no full disk'}")
    chaos = Chaos(options, directory, options.seed)
    # Ends the programs on the way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    problem = None
    try:
        chaos.run(options.cycles)
    except Broken as error:
        problem = error
    chaos.summarize()
    if problem:
        programs.say(f"broken in cycle {chaos.cycles}: {problem}; logs are in {directory}")
        for event in chaos.history[-12:]:
            programs.say(f"    {event}")
    else:
        if options.namespace:
            subprocess.run(["umount", f"{directory}/disk"], check=False)
        shutil.rmtree(directory, ignore_errors=True)
    print(f"chaos (programs): {chaos.cycles} cycles, seed {options.seed}: {'broken: ' + str(problem) if problem else 'all held'}", flush=True)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
