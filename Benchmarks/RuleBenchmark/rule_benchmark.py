#!/usr/bin/env python3
"""Measures what the recording rules, the alerts and the dashboards cost a real Prometheus at a large site.

It runs the simulator, the exporter and Prometheus with the rules, and tells how long each group of rules and each query of each
panel takes. Prometheus runs twice: first to make the series, then again with a history of them, so that what reads hours back finds
hours. The history has one sample a minute and reaches as far back as the rules and panels do, six hours at most.

Panels are asked for 360 points, as many as six hours of one a minute have. The points lie within the minutes that Prometheus has
scraped, since there is no scrape before them; a step costs the same there.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "grafana" / "source"))

import history  # noqa: E402
from checks import dashboards  # noqa: E402
from checks.grafana import Prometheus, Refused, View  # noqa: E402
from checks.rules import targets  # noqa: E402

RANGE = 6 * 3600
POINTS = 360
# A query that takes more seconds is asked once only.
LONG = 3
# Seconds after which Prometheus gives up a query.
TIMEOUT = 60
TOO_LONG = float("inf")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True, help="directory of flashback-exporter and flashback-simulator")
    parser.add_argument("--buckets", type=int, default=10_000, help="buckets of the simulated account")
    parser.add_argument("--nodes", type=int, default=3, help="bridge nodes of each bucket")
    parser.add_argument("--minutes", type=float, default=4, help="how long the groups are watched")
    parser.add_argument("--rules", type=Path, default=ROOT / "prometheus" / "rules", help="the rules to measure")
    parser.add_argument("--dashboards", type=Path, default=dashboards.DIRECTORY, help="the dashboards to measure")
    parser.add_argument(
        "--trouble",
        choices=["none", "node", "all"],
        default="none",
        help="have a node be offline for all buckets, or all nodes, which is an alert for each bucket",
    )
    parser.add_argument("--limit", type=float, help="fail when a group or a panel takes more seconds")
    parser.add_argument("--every", action="store_true", help="tell the time of each rule and each panel too")
    arguments = parser.parse_args()
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="rule-benchmark-") as directory:
        return Benchmark(arguments, Path(directory)).run()


class Benchmark:
    def __init__(self, arguments: argparse.Namespace, directory: Path):
        self.arguments, self.directory = arguments, directory
        self.expressions = history.expressions(arguments.rules, arguments.dashboards)

    def run(self) -> int:
        load = os.getloadavg()[0]
        arguments = self.arguments
        print(
            f"account  {arguments.buckets} buckets on {arguments.nodes} nodes, trouble: {arguments.trouble}, "
            f"{os.cpu_count()} cores, load {load:.1f}"
        )
        simulator = Program(
            [arguments.programs / "flashback-simulator", "--web.listen-address", "127.0.0.1:0", "--token", "benchmark-token"]
            + ["--buckets", str(arguments.buckets), "--nodes", str(arguments.nodes), "--latency", "0s", "--jitter", "0s"],
            r"Listening on (?:http://)?([0-9.]+:[0-9]+)",
        )
        with simulator:
            exporter = Program(
                [arguments.programs / "flashback-exporter", "--web.listen-address", "127.0.0.1:0"]
                + ["--flashback.url", f"http://{simulator.address}", "--flashback.concurrency", "64"],
                r"address=([0-9.]+:[0-9]+)",
                {"FLASHBACK_TOKEN": "benchmark-token"},
            )
            with exporter:
                for _ in range(2):
                    page = _get(f"http://{exporter.address}/metrics").decode()
                self.node = re.search(r'^flashback_bucket_node_status\{.*node="([^"]+)"', page, re.MULTILINE)[1]
                return self._measure(exporter.address)

    def _measure(self, target: str) -> int:
        with self._prometheus(target) as prometheus:
            # Every group has been evaluated by then.
            time.sleep(200)
            made = history.read(Prometheus(f"http://{prometheus.address}"), self.expressions)
        history.write(made, self.directory / "data")
        with self._prometheus(target) as prometheus:
            groups = self._watch(prometheus)
            self._tell(groups)
            panels = self._panels(prometheus)
            memory, peak = prometheus.mebibytes("VmRSS:"), prometheus.mebibytes("VmHWM:")
            metrics = _get(f"http://{prometheus.address}/metrics").decode()
            series = re.search(r"^prometheus_tsdb_head_series (\S+)", metrics, re.MULTILINE)[1]
        for name, seconds in sorted(panels.items(), key=lambda panel: -panel[1]):
            if seconds >= 0.1:
                print(f"| panel {name} | {seconds:.2f} |")
        print(f"| panels below 0.1 s | {sum(seconds < 0.1 for seconds in panels.values())} of {len(panels)} |")
        print(f"\nPrometheus' memory: {memory:.0f} MiB resident, {peak:.0f} MiB at its peak; {float(series):.0f} series")
        slow = [name for name, seconds in (groups | panels).items() if seconds > (self.arguments.limit or float("inf"))]
        for name in slow:
            print(f"{name} takes more than {self.arguments.limit} s", file=sys.stderr)
        return 1 if slow else 0

    def _tell(self, groups: dict[str, float]) -> None:
        print("\n| what | seconds |\n|---|---|")
        for name, seconds in groups.items():
            print(f"| group {name} | {seconds:.2f} |")

    def _prometheus(self, target: str) -> "Program":
        configuration = self.directory / "prometheus.yml"
        configuration.write_text(
            f"""
global: {{scrape_interval: 1m, scrape_timeout: 30s, evaluation_interval: 1m}}
rule_files: ["{self.arguments.rules.resolve()}/*.yml"]
scrape_configs:
  - job_name: flashback
    static_configs: [{{targets: ["{target}"]}}]
    metric_relabel_configs: [{", ".join(self._relabelling())}]
""",
            encoding="utf-8",
        )
        return Program(
            [os.environ.get("PROMETHEUS", "prometheus"), f"--config.file={configuration}", "--web.listen-address=127.0.0.1:0"]
            # The panels are measured, and not how soon Prometheus gives up.
            + [f"--storage.tsdb.path={self.directory / 'data'}", f"--query.timeout={TIMEOUT}s"],
            r"(?s)Listening on\" address=([0-9.]+:[0-9]+).*Server is ready",
        )

    def _relabelling(self) -> list[str]:
        """Rules that turn nodes that are online into nodes that are offline."""
        node = {"none": None, "node": re.escape(self.node), "all": ".*"}[self.arguments.trouble]
        if node is None:
            return []
        return [
            f"{{source_labels: [__name__, node, status], regex: 'flashback_bucket_node_status;{node};{before}', "
            f"target_label: status, replacement: {after}}}"
            for before, after in (("online", "was-online"), ("offline", "online"), ("was-online", "offline"))
        ]

    def _watch(self, prometheus: "Program") -> dict[str, float]:
        """The median time of each group's evaluations while Prometheus runs, the first left out: it finds nothing."""
        times: dict[str, dict[str, float]] = {}
        rules: dict[str, dict[str, float]] = {}
        end = time.monotonic() + self.arguments.minutes * 60
        while time.monotonic() < end:
            time.sleep(5)
            for group in json.loads(_get(f"http://{prometheus.address}/api/v1/rules"))["data"]["groups"]:
                if group["evaluationTime"] and not group["lastEvaluation"].startswith("0001"):
                    times.setdefault(group["name"], {})[group["lastEvaluation"]] = group["evaluationTime"]
                    for number, rule in enumerate(group["rules"]):
                        key = f"{group['name']} {number} {rule['name']}"
                        rules.setdefault(key, {})[group["lastEvaluation"]] = rule["evaluationTime"]
                        if rule.get("lastError"):
                            print(f"{key}: {rule['lastError']}", file=sys.stderr)
        if self.arguments.every:
            for name, evaluations in rules.items():
                print(f"{_median(evaluations):8.3f} s  {name}", file=sys.stderr)
        return {name: _median(evaluations) for name, evaluations in times.items()}

    def _panels(self, prometheus: "Program") -> dict[str, float]:
        """The time of each panel: the sum of that of its queries."""
        client = Prometheus(f"http://{prometheus.address}", timeout=TIMEOUT + 10)
        end = time.time() - 5
        live = self.arguments.minutes * 60
        times: dict[str, float] = {}
        for uid, dashboard in dashboards.read(self.arguments.dashboards).items():
            view = SixHours(client, end - live, end, live / POINTS, 60)
            start = time.monotonic()
            view.choose(dashboard, {})
            times[f"{uid} (variables)"] = time.monotonic() - start
            for panel, target in targets(dashboard):
                name = f"{uid} {panel['title']}"
                if times.get(name) != TOO_LONG:
                    times[name] = times.get(name, 0) + _time(view, target, panel.get("maxDataPoints"))
            if self.arguments.every:
                for name in [name for name in times if name.startswith(uid)]:
                    print(f"{times[name]:8.3f} s  {name}", file=sys.stderr, flush=True)
        return times


class SixHours(View):
    """A view whose range is six hours, whatever the points are."""

    def expression(self, text: str) -> str:
        return super().expression(text.replace("$__range", f"{RANGE}s"))

    def ask(self, target: dict, points: int | None = None) -> list[dict]:
        interval = f"{RANGE // (points or POINTS)}s"
        return super().ask(target | {"expr": target["expr"].replace("$__interval", interval)})


@dataclass
class Program:
    """A program that is started and stopped, and tells in a line of its log where it listens."""

    command: list
    announcement: str
    environment: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Program":
        environment = os.environ | self.environment
        self.log = tempfile.NamedTemporaryFile(prefix="rule-benchmark-", suffix=".log")
        self.process = subprocess.Popen(
            [str(word) for word in self.command], env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        deadline = time.monotonic() + 120
        while not (found := re.search(self.announcement, self._text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit(f"{self.command[0]} does not listen:\n{self._text()[-2000:]}")
            time.sleep(0.1)
        self.address = found[1]
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=120)

    def _text(self) -> str:
        return Path(self.log.name).read_text(encoding="utf-8", errors="replace")

    def mebibytes(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(rf"{name}\s+(\d+)", status)[1]) / 1024


def _time(view: View, target: dict, points: int | None) -> float:
    """The lesser time of two, unless the first is long."""
    times = []
    while len(times) < 2 and sum(times) < LONG:
        start = time.monotonic()
        try:
            view.ask(target, points)
        except Refused as error:
            print(f"{target['expr']}: {error}", file=sys.stderr)
            return TOO_LONG
        times.append(time.monotonic() - start)
    return min(times)


def _median(evaluations: dict[str, float]) -> float:
    ordered = [evaluations[time] for time in sorted(evaluations)]
    return statistics.median(ordered[1:] or ordered)


def _get(url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=120) as answer:
        return answer.read()


if __name__ == "__main__":
    sys.exit(main())
