"""A run: cycles of disturbances and judged scrapes, with recoveries in between."""

import http.client
import random
import time

import exposition
import faulty_api
import programs
from disturbances import Disturbances
from judge import BUCKETS, CANARY, Broken, Judge, missing
from surroundings import Surroundings

# The number of cycles with disturbances before each recovery.
PERIOD = 40


class Run:
    def __init__(self, directory, seed, slack, has_namespace):
        self.directory, self.seed = directory, seed
        self.slack, self.has_namespace = slack, has_namespace
        self.random = random.Random(seed)
        self.log = f"{directory}/exporter.log"
        # The log has been judged up to this position.
        self.judged = 0
        self.history = []
        self.cycles = self.starts = self.dumps = self.recoveries = 0
        self.slowest_recovery = self.slowest_stop = 0.0
        self.resets_in_log = 0

    def run(self, cycles):
        arguments = [f"--buckets={BUCKETS}", "--nodes=2", f"--canary={CANARY}", "--access-token-lifetime=40s", f"--seed={self.seed}"]
        log = f"{self.directory}/simulator.log"
        # A short address makes access tokens so short that a text can be cut behind the part of them that is looked for.
        with programs.Simulator(*arguments, latency="2ms", jitter="5ms", email="a@b", log=log) as simulator:
            self.api = faulty_api.FaultyAPI(simulator.address, self.seed)
            self.surroundings = Surroundings(self.directory, self.api, simulator, self.random, self.has_namespace)
            self.judge = Judge(self.api, self.slack)
            disturbances = Disturbances(self)
            self.start()
            try:
                while self.cycles < cycles:
                    for _ in range(min(PERIOD, cycles)):
                        disturbances.disturb()
                        self.cycle(self.random.uniform(0.4, 0.9))
                    self.recover()
                    self.look_into_memory()
                self.stop()
                self.require_judgements()
            finally:
                self.exporter.stop()
                self.api.drop_connections()

    def start(self):
        self.starts += 1
        self.exporter = programs.Exporter(
            self.surroundings.url, f"--config.file={self.surroundings.configuration}", "--log.level=debug", "--web.enable-lifecycle",
            f"--flashback.ca-file={self.surroundings.authority}", f"--flashback.refresh-token-file={self.surroundings.token}",
            # Freed memory is overwritten, so that anything found in memory is in use. glibc does not overwrite memory that it caches for a
            # thread.
            variables={"MALLOC_PERTURB_": "165", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}, log=self.log)  # fmt: skip
        self.exporter.wait_for("msg=listening ")
        self.judge.forget()

    def stop(self):
        status, seconds = self.exporter.terminate()
        self.slowest_stop = max(self.slowest_stop, seconds)
        if status != 0 or seconds > 6:
            raise Broken(f"SIGTERM: status {status} after {seconds:.1f} s")

    def note(self, event):
        self.history.append(f"cycle {self.cycles}: {event}")

    def cycle(self, pause):
        """Scrapes after a pause, and judges everything that the exporter shows."""
        time.sleep(pause)
        self.cycles += 1
        before = self.judge.knowledge()
        start = time.monotonic()
        use_openmetrics = self.random.random() < 0.5
        accept = programs.OPENMETRICS if use_openmetrics else programs.TEXT
        try:
            body, seconds = self.exporter.scrape(accept, timeout=1.5, compressed=self.random.random() < 0.5)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            raise Broken(f"no answer to a scrape: {error}") from error
        if seconds > 1.5 + self.slack:
            raise Broken(f"a scrape took {seconds:.1f} s")
        try:
            series, types = (exposition.parse_openmetrics if use_openmetrics else exposition.parse_text)(body)
        except exposition.Malformed as error:
            raise Broken(f"not readable: {error}") from error
        page = programs.request(self.exporter.address, "GET", "/")[1] if self.cycles % 20 == 0 else b""
        self.judge.judge_secrets((body + page).decode("utf-8", "replace") + self.new_log())
        self.judge.judge(series, types, before, start, start + seconds)
        self.judge.judge_resources(self.exporter)
        return series

    def new_log(self):
        with open(self.log, "rb") as file:
            file.seek(self.judged)
            text = file.read()
        self.judged += len(text)
        self.resets_in_log += text.count(b"reset by peer")
        return text.decode("utf-8", "replace")

    def recover(self):
        """Ends all disturbances, and scrapes until everything is known again."""
        self.note("recover")
        self.surroundings.repair()
        start = time.monotonic()
        while problem := missing(self.cycle(0.5)):
            # A failed renewal is repeated after at most five minutes.
            if time.monotonic() - start > 330:
                raise Broken(f"not everything is known again after 330 s: {problem}")
        self.recoveries += 1
        programs.say(f"seed {self.seed}: {self.cycles} cycles, all known again after {time.monotonic() - start:.0f} s")
        self.slowest_recovery = max(self.slowest_recovery, time.monotonic() - start)

    def look_into_memory(self):
        if programs.sanitized():
            return
        self.dumps += 1
        # At rest.
        time.sleep(0.5)
        self.judge.judge_memory(self.exporter)

    def require_judgements(self):
        """A run that is long enough must have been able to judge every promise."""
        if self.cycles >= 200 and (unjudged := self.judge.unjudged()):
            raise Broken(f"this run shows nothing about: {', '.join(unjudged)}")

    def summarize(self):
        counts = ", ".join(f"{fault} {count}" for fault, count in sorted(self.api.counts.items()))
        peaks = ", ".join(f"{name} {value:.0f}" for name, value in self.judge.peak.items())
        programs.say(
            f"seed {self.seed}: {self.cycles} cycles, {self.api.requests} requests to the API, {sum(self.api.counts.values())} of them with faults ({counts}); "
            f"{self.starts} starts, slowest stop {self.slowest_stop:.1f} s; {self.recoveries} recoveries, slowest {self.slowest_recovery:.0f} s; "
            f"{self.dumps} searches of the memory; highest: {peaks}; "
            f"{self.resets_in_log} resets in the log; judged: {', '.join(f'{promise} {count}' for promise, count in self.judge.judged.items())}"
        )
