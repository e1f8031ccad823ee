"""The project's metrics, recording rules and alerts."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[3]

# Series that Prometheus itself records for every scrape and for rules.
MADE_BY_PROMETHEUS = {"up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS"}


class Missing(Exception):
    """A part of the project that the checks need is missing."""


@dataclass(frozen=True)
class Alert:
    name: str
    runbook: str


@dataclass(frozen=True)
class Project:
    metrics: frozenset[str]
    recorded: frozenset[str]
    alerts: tuple[Alert, ...]
    # Seconds between Prometheus' scrapes, as the example configures it.
    scrape_interval: float = 60
    # The expression of each recording rule.
    sources: dict[str, str] = field(default_factory=dict)
    # Alertmanager's template, which contains links to dashboards.
    template: str = ""

    @property
    def names(self) -> frozenset[str]:
        return self.metrics | self.recorded | MADE_BY_PROMETHEUS


def read(root: Path = ROOT) -> Project:
    rules = _rules(root / "prometheus" / "rules")
    return Project(
        metrics=_metrics(root / "docs" / "metrics.md"),
        recorded=frozenset(rule["record"] for rule in rules if "record" in rule),
        alerts=tuple(
            Alert(
                rule["alert"],
                rule.get("annotations", {}).get("runbook_url", ""),
            )
            for rule in rules
            if "alert" in rule
        ),
        scrape_interval=_scrape_interval(root / "prometheus" / "prometheus.yml"),
        sources={rule["record"]: rule["expr"] for rule in rules if "record" in rule},
        template=(root / "prometheus" / "alertmanager.tmpl").read_text(encoding="utf-8"),
    )


def _metrics(file: Path) -> frozenset[str]:
    """The series of the families in docs/metrics.md, which another test compares with /metrics."""
    names = set()
    for name, kind in re.findall(r"^\| `([a-z0-9_]+)` \| (\w+) \|", file.read_text(encoding="utf-8"), re.MULTILINE):
        if kind == "histogram":
            # The name itself if Prometheus converts them to native histograms.
            names |= {name, f"{name}_bucket", f"{name}_sum", f"{name}_count"}
        else:
            names.add(name)
    if not names:
        raise Missing(f"{file} names no metrics")
    return frozenset(names)


def _scrape_interval(file: Path) -> float:
    text = yaml.safe_load(file.read_text(encoding="utf-8"))["global"]["scrape_interval"]
    if not (match := re.fullmatch(r"(\d+)(s|m)", text)):
        raise Missing(f"{file} has no scrape_interval that can be read")
    return int(match[1]) * (60 if match[2] == "m" else 1)


def _rules(directory: Path) -> list[dict]:
    files = sorted(directory.glob("*.yml"))
    if not files:
        raise Missing(f"no rules in {directory}")
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]
