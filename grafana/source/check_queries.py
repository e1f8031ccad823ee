#!/usr/bin/env python3
"""Sends every query of every dashboard to a Prometheus that scrapes the exporter's demo, as Grafana would.

Each has to succeed and, unless checks/expected_empty.py says otherwise, to return data within the time given. Where two
instances of one job serve the same buckets, as while an exporter is replaced, the dashboards about buckets and nodes have to show
what they show of one. One of the demo's buckets cannot be reached, so that an alert fires as soon as that has lasted for minutes.
"""

import argparse
import math
import sys
import time
from pathlib import Path

from checks import dashboards, expected_empty
from checks.grafana import Prometheus, Refused, View
from checks.rules import targets

# The values of these must not depend on the number of instances.
OF_BUCKETS = ("flashback-overview", "flashback-bucket", "flashback-nodes")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prometheus", help="its address, such as http://localhost:9090")
    parser.add_argument("--scrape-interval", type=float, default=15, help="seconds between its scrapes")
    parser.add_argument("--range", type=float, default=300, help="seconds that the dashboards show")
    parser.add_argument("--patience", type=float, default=0, help="seconds to wait for data that is not there yet")
    parser.add_argument("--dashboards", type=Path, default=dashboards.DIRECTORY, help="where the dashboards are")
    arguments = parser.parse_args()
    checked = list(dashboards.read(arguments.dashboards).values())
    deadline = time.monotonic() + arguments.patience
    while True:
        check = Check(Prometheus(arguments.prometheus.rstrip("/")), arguments.range, arguments.scrape_interval)
        for dashboard in checked:
            check.dashboard(dashboard)
        if not check.empty or check.failures or time.monotonic() > deadline:
            break
        time.sleep(2)
    for problem in check.failures + check.empty:
        print(problem, file=sys.stderr)
    print(
        f"{check.queries} queries of {len(checked)} dashboards: {len(check.failures)} failed, {len(check.empty)} without data, "
        f"{check.expected} without data as expected, {check.compared} compared with one instance's"
    )
    return 1 if check.failures or check.empty or not check.queries else 0


class Check:
    def __init__(self, prometheus: Prometheus, seconds: float, scrape_interval: float):
        self.prometheus, self.seconds, self.scrape_interval = prometheus, seconds, scrape_interval
        # All queries of one run use the same time.
        self.end = math.floor(time.time())
        self.queries = self.expected = self.compared = 0
        self.failures: list[str] = []
        self.empty: list[str] = []

    def dashboard(self, dashboard: dict) -> None:
        uid = dashboard["uid"]
        try:
            view = self._view(dashboard, {})
            instances = [value for _, value in view.offered["instance"]]
            one = self._view(dashboard, {"instance": instances[0]}) if len(instances) > 1 and uid in OF_BUCKETS else None
        except Refused as error:
            self.failures.append(f"{uid}: the variables: {error}")
            return
        for name, offered in view.offered.items():
            reason = expected_empty.VARIABLES.get(name)
            self._count(f"{uid}: variable {name}", bool(offered), reason is not None, reason)
        for panel, target in targets(dashboard):
            key = (uid, panel["title"], target["refId"])
            where = f"{uid}: panel {panel['title']!r} {target['refId']}: {view.expression(target['expr'])}"
            never, perhaps = expected_empty.NEVER.get(key), expected_empty.PERHAPS.get(key)
            series = self._ask(view, target, where, never is not None, never or perhaps, panel.get("maxDataPoints"))
            if one is not None and series is not None:
                self._compare(where, target, series, one)
        for annotation in dashboard["annotations"]["list"]:
            where = f"{uid}: annotation {annotation['name']!r}"
            self._ask(view, annotation, where, False, None)

    def _view(self, dashboard: dict, wanted: dict[str, str]) -> View:
        step = max(1, self.seconds / 100)
        view = View(self.prometheus, self.end - self.seconds, self.end, step, self.scrape_interval)
        view.choose(dashboard, wanted)
        return view

    def _ask(self, view: View, target: dict, where: str, never: bool, reason: str | None, points: int | None = None):
        try:
            series = view.ask(target, points)
        except Refused as error:
            self.queries += 1
            self.failures.append(f"{where}: {error}")
            return None
        self._count(where, any(not math.isnan(float(value)) for each in series for _, value in each["values"]), never, reason)
        return series

    def _count(self, where: str, has_data: bool, never: bool, reason: str | None) -> None:
        self.queries += 1
        if has_data and never:
            self.failures.append(f"{where}: there is data, though {reason}")
        elif not has_data and reason is not None:
            self.expected += 1
        elif not has_data:
            self.empty.append(f"{where}: no data")

    def _compare(self, where: str, target: dict, series: list[dict], one: View) -> None:
        """All instances together return the same series as one of them, and about the same values instead of twice as much."""
        try:
            single = {_labels(each): each["values"] for each in one.ask(target)}
        except Refused as error:
            self.failures.append(f"{where}: {error}")
            return
        both = {_labels(each): each["values"] for each in series}
        self.compared += 1
        # Rankings may differ in series with equal values.
        if "topk(" not in target["expr"] and "bottomk(" not in target["expr"] and set(both) != set(single):
            self.failures.append(f"{where}: {len(both)} series with all instances, {len(single)} with one")
        if "time()" in target["expr"] or "rate(" in target["expr"] or "increase(" in target["expr"]:
            return
        for labels in set(both) & set(single):
            all_together, alone = float(both[labels][-1][1]), float(single[labels][-1][1])
            if alone and not 0.6 < all_together / alone < 1.6:
                self.failures.append(f"{where}: {all_together} with all instances, {alone} with one")


def _labels(series: dict) -> tuple:
    return tuple(sorted(series["metric"].items()))


if __name__ == "__main__":
    sys.exit(main())
