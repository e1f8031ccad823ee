"""A history of the series that rules and panels read hours or days back, made of their values of now."""

import os
import re
import subprocess
import time
from pathlib import Path

import yaml

from checks import dashboards, promql
from checks.grafana import Prometheus
from checks.rules import expressions as of_dashboard

# No window reaches further back than this: a longer one costs so many times more.
LONGEST = 6 * 3600
# Windows that are shorter are full soon.
SHORTEST = 300
# What is read from a day or a week ago is read from these hours around that time.
AROUND = 2 * 3600
# Lines of one metric: more take Prometheus' tool too long.
MOST = 4_000_000
# Prometheus' blocks are as long. Its tool reads a file once for each block, so that each has a file of its own.
BLOCK = 7200

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def expressions(rules: Path, dashboard_directory: Path) -> list[str]:
    """All PromQL of the rules and the dashboards."""
    found = []
    for file in sorted(rules.glob("*.yml")):
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            found += [rule["expr"] for rule in group["rules"]]
    for dashboard in dashboards.read(dashboard_directory).values():
        found += [expression for _, expression in of_dashboard(dashboard)]
    return found


def windows(texts: list[str]) -> dict[tuple[str, int], int]:
    """By metric and offset in seconds, how many seconds of it are read."""
    found: dict[tuple[str, int], int] = {}
    for text in texts:
        # What a subquery is made of has no range of its own.
        subquery = re.search(r"\)\[\$__range:", text) is not None
        for selector in promql.selectors(text):
            if selector.range or subquery:
                whole = subquery or selector.range.startswith("$")
                length = LONGEST if whole else seconds(selector.range.partition(":")[0])
                if length >= SHORTEST:
                    key = (selector.name, 0)
                    found[key] = max(found.get(key, 0), min(length, LONGEST))
        for name, offset in re.findall(r"([a-z_:0-9A-Z]+)(?:\[\w+\])?\s+offset\s+(\w+)", text):
            found[(name, seconds(offset))] = AROUND
    return found


def seconds(duration: str) -> int:
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([smhdw])", duration))


def read(prometheus: Prometheus, texts: list[str]) -> dict[tuple[str, int], tuple[int, list[dict]]]:
    """For each window its seconds, and the series of now."""
    return {
        (name, offset): (length, prometheus.instant(name, time.time()))
        for (name, offset), length in windows(texts).items()
        # What Prometheus makes itself is one series a target.
        if "flashback" in name
    }


def write(made: dict[tuple[str, int], tuple[int, list[dict]]], data: Path) -> None:
    """Puts the history into a stopped Prometheus' data, as blocks that end before what it has scraped."""
    now = int(time.time()) - LONGEST // 36
    tool = os.environ.get("PROMTOOL", "promtool")
    file = data.parent / "history.txt"
    for offset in sorted({offset for _, offset in made}):
        windows = [(name, series, length) for (name, its_offset), (length, series) in made.items() if its_offset == offset and series]
        end = now - offset + (AROUND // 2 if offset else 0)
        start = end - max((length for _, _, length in windows), default=0)
        for block in range(start - start % BLOCK, end, BLOCK):
            with file.open("w", encoding="utf-8") as lines:
                for name, series, length in windows:
                    first = max(end - min(length, 60 * MOST // len(series)), block)
                    _write(lines, name, series, range(first, min(end, block + BLOCK), 60), end)
                lines.write("# EOF\n")
            arguments = [tool, "tsdb", "create-blocks-from", "openmetrics", str(file), str(data)]
            subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    file.unlink(missing_ok=True)


def _write(lines, name: str, series: list[dict], times: range, end: int) -> None:
    for each in series:
        labels = ",".join(f"{key}={_quoted(value)}" for key, value in each["metric"].items() if key != "__name__")
        value = float(each["value"][1])
        # A counter rises by one a second; one of mishaps does not, or each bucket would have an alert.
        rise = 1 if name.endswith("_total") and "regressions" not in name else 0
        start = f"{name}{{{labels}}} "
        lines.writelines(f"{start}{value + rise * (time - end)} {time}\n" for time in times)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
