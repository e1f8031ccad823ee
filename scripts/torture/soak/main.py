"""Runs an exporter against a large simulated account with faults, and measures whether its resources stay flat."""

import argparse
import csv
import datetime
import http.client
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))

import exposition  # noqa: E402
import programs  # noqa: E402
from resources import BOUNDS, JUDGED_FROM, MEBIBYTE, Line, judgement  # noqa: E402

# A series of each collector that every simulated bucket has. The value is the day of the collector's data, if it has one: these series
# disappear at midnight UTC until they have been read again.
FAMILIES = {
    "flashback_bucket_info": None,
    "flashback_bucket_available": None,
    "flashback_bucket_requests_total": None,
    "flashback_bucket_node_status": None,
    "flashback_bucket_node_daily_uptime_ratio": ("today", "yesterday"),
}

MIDNIGHT_GRACE = 600
# Seconds between two scrapes, and the lifetime of an access token, at the usual pace.
INTERVAL = 15
TOKEN_LIFETIME = 600


def duration(text):
    """Seconds of a duration such as 4h, 1h30m or 90s."""
    match = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", text)
    if not match or not text:
        raise argparse.ArgumentTypeError(f"not a duration such as 4h, 1h30m or 90s: {text}")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def lifetimes(pace):
    """The arguments that make the exporter read everything a number of times as often as by default."""
    if pace == 1:
        return []
    text = subprocess.run([programs.path("flashback-exporter"), "--help"], stdout=subprocess.PIPE, check=True, text=True).stdout
    found = re.findall(r"--collector\.(\w+)/--no-collector\.\1\s(?:(?!--).)*?Its\s+lifetime\s+is\s+(\w+)\.", text, re.DOTALL)
    if not found:
        raise RuntimeError("flashback-exporter --help names no collector's lifetime")
    return [f"--collector.ttl={name}={duration(lifetime) / pace * 1000:.0f}ms" for name, lifetime in found]


class Sample(typing.NamedTuple):
    """What was seen from one scrape to the next: the extremes of each resource, in the order of BOUNDS."""

    seconds: float
    lowest: list
    highest: list
    series: int


class Soak:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.samples = []
        self.problems = []
        self.previous = {}
        self.scrapes = self.openmetrics = self.missing = self.down = 0
        self.slowest = 0.0
        self.ending = False

    def run(self):
        options, directory = self.options, self.directory
        with programs.Simulator(
            f"--buckets={options.buckets}", f"--error-rate={options.error_rate}", f"--throttle-rate={options.throttle_rate}",
            "--retry-after=seconds", f"--access-token-lifetime={TOKEN_LIFETIME / options.pace:.0f}s", latency="20ms", jitter="20ms", log=f"{directory}/simulator.log",
        ) as simulator:  # fmt: skip
            token = programs.write_secret(f"{directory}/refresh-token", simulator.log_in())
            with programs.Exporter(
                simulator.url, f"--flashback.refresh-token-file={token}", *lifetimes(options.pace), log=f"{directory}/exporter.log"
            ) as self.exporter:
                self.warm_up()
                self.measure()
                status, _ = self.exporter.terminate()
                if status != 0:
                    self.problems.append(f"the exporter ended with status {status}")

    def warm_up(self):
        """Scrapes until every bucket is known, and then for as long as memory takes to reach its usual size."""
        start = time.monotonic()
        while True:
            found = exposition.buckets(self.scrape())
            if all(len(found.get(family, ())) == self.options.buckets for family in FAMILIES):
                break
            if time.monotonic() - start > 600:
                raise RuntimeError(f"not all buckets were read within 10 minutes; see {self.directory}")
            time.sleep(1)
        programs.say(f"all {self.options.buckets} buckets are known after {time.monotonic() - start:.0f} s")
        until = time.monotonic() + min(900, self.options.duration / 4)
        while time.monotonic() < until and not self.ending:
            self.turn()

    def measure(self):
        start = time.monotonic()
        said = start
        with open(f"{self.directory}/samples.csv", "w", newline="", encoding="ascii") as file:
            writer = csv.writer(file)
            writer.writerow(["seconds", *(f"{name} {extreme}" for name in BOUNDS for extreme in ("lowest", "highest")), "series"])
            while time.monotonic() - start < self.options.duration and not self.ending:
                seconds, readings = time.monotonic() - start, [self.read()]
                series = self.turn(lambda: readings.append(self.read()))
                lowest, highest = ([extreme(values) for values in zip(*readings)] for extreme in (min, max))
                self.samples.append(Sample(seconds, lowest, highest, series))
                writer.writerow([f"{seconds:.1f}", *itertools.chain(*zip(lowest, highest)), series])
                file.flush()
                if time.monotonic() - said > 600:
                    said = time.monotonic()
                    programs.say(f"{(said - start) / 60:.0f} minutes, {self.scrapes} scrapes, RSS {readings[-1][0] / MEBIBYTE:.1f} MiB")
        if self.ending:
            self.problems.append(f"ended after {(time.monotonic() - start) / 60:.0f} of {self.options.duration / 60:.0f} minutes")

    def read(self):
        """The present value of each resource, in the order of BOUNDS."""
        return [*self.exporter.memory(), self.exporter.descriptors(), self.exporter.threads()]

    def turn(self, watch=lambda: None):
        """One scrape and the pause after it, in which it calls watch every second. Returns the number of series."""
        start = time.monotonic()
        series = {}
        try:
            series = self.scrape()
            self.judge(series)
        except (OSError, RuntimeError, http.client.HTTPException, exposition.Malformed) as error:
            self.problem(f"no valid scrape: {error}")
            if self.exporter.process.poll() is not None:
                raise
        watch()
        watched = time.monotonic()
        while time.monotonic() < start + INTERVAL / self.options.pace and not self.ending:
            time.sleep(0.2)
            if time.monotonic() - watched >= 1:
                watch()
                watched = time.monotonic()
        return len(series)

    def scrape(self):
        self.scrapes += 1
        # The reference parser takes seconds for a body of this size.
        with_openmetrics = self.scrapes % 40 == 20
        accept = programs.OPENMETRICS if with_openmetrics else programs.TEXT
        body, seconds = self.exporter.scrape(accept)
        self.slowest = max(self.slowest, seconds)
        if with_openmetrics:
            self.openmetrics += 1
            return exposition.parse_openmetrics(body)[0]
        return exposition.parse_text(body)[0]

    def judge(self, series):
        found = exposition.buckets(series)
        since_midnight = time.time() % 86_400
        for family, days in FAMILIES.items():
            if days and since_midnight < MIDNIGHT_GRACE:
                continue
            missing = self.options.buckets - len(found.get(family, ()))
            if missing:
                self.missing += missing
                self.problem(f"{missing} buckets are missing in {family}")
        if series.get(("flashback_up", ())) != 1:
            self.down += 1
        for key, value in series.items():
            if key[0].endswith(("_total", "_count")):
                if value < self.previous.get(key, 0):
                    self.problem(f"the counter {key} fell from {self.previous[key]} to {value}")
                self.previous[key] = value

    def problem(self, text):
        text = f"{datetime.datetime.now(datetime.timezone.utc):%H:%M:%S} {text}"
        self.problems.append(text)
        programs.say(text)

    def summarize(self):
        times = [sample.seconds for sample in self.samples]
        if len(times) < 5:
            self.problems.append("too few samples")
            return
        length = times[-1] - times[0]
        programs.say(f"measured for {length / 60:.0f} minutes after the warm-up, {len(times)} samples")
        lowest, highest = (list(zip(*(getattr(sample, name) for sample in self.samples))) for name in ("lowest", "highest"))
        for name, low, high in zip(BOUNDS, lowest, highest):
            text, problems = judgement(name, times, low, high)
            programs.say(text)
            if not (name in ("rss", "anonymous") and programs.sanitized()):
                self.problems += problems
        if length < JUDGED_FROM:
            programs.say("too short for a judgement of the slopes, which takes 30 minutes")
        series = [sample.series for sample in self.samples]
        requests = {"all": 0, "failed": 0, "throttled": 0}
        for (name, labels), value in self.previous.items():
            if name == "flashback_api_requests_total":
                code = dict(labels)["code"]
                requests["all"] += value
                requests["failed"] += value if code == "500" else 0
                requests["throttled"] += value if code == "429" else 0
        renewals = sum(value for (name, _), value in self.previous.items() if name == "flashback_api_token_renewals_total")
        log = self.exporter.output()
        programs.say(
            f"{requests['all']:.0f} requests to the API, {requests['failed']:.0f} answered 500, {requests['throttled']:.0f} answered 429; "
            f"{renewals:.0f} renewals of the token; {min(series)} to {max(series)} series; flashback_up was 0 in {self.down} scrapes; "
            f"{log.count('level=error')} errors in the log"
        )
        state = f"{len(self.problems)} broken promises" if self.problems else "all held"
        slope = Line(times, lowest[0])
        print(
            f"soak: {length / 60:.0f} minutes, {self.options.buckets} buckets, {self.scrapes} scrapes parsed strictly ({self.openmetrics} as "
            f"OpenMetrics), slowest {self.slowest:.1f} s, {self.missing} buckets missing, RSS {slope.slope / MEBIBYTE:+.2f} ± "
            f"{slope.error / MEBIBYTE:.2f} MiB an hour: {state}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=duration, default=180)
    parser.add_argument("--buckets", type=int, default=1000)
    parser.add_argument("--error-rate", type=float, default=0.05)
    parser.add_argument("--throttle-rate", type=float, default=0.002)
    parser.add_argument(
        "--pace", type=float, default=1, help="how many times as often as usual everything is read, scraped and renewed"
    )
    parser.add_argument("--directory", help="where logs and samples are kept; a temporary one if not given")
    options = parser.parse_args()
    directory = options.directory or tempfile.mkdtemp(prefix="flashback-soak.")
    soak = Soak(options, directory)

    def end(_signal, _frame):
        soak.ending = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    soak.run()
    soak.summarize()
    for problem in soak.problems[:50]:
        programs.say(f"broken: {problem}")
    if soak.problems:
        programs.say(f"logs and samples are in {directory}")
    elif not options.directory:
        shutil.rmtree(directory)
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
