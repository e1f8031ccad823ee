"""Runs the unit tests of prometheus/tests with promtool, unchanged or transformed.

promtool evaluates every rule of the files that a test names once a minute, through days of simulated time. Each test therefore gets
only the rules on which its expectations depend, which takes a tenth of the time.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

# The families with a series for each state.
STATE_SETS = {"flashback_bucket_node_status", "flashback_bucket_status", "flashback_node_status", "probe_status"}


def load(text: str) -> dict:
    return yaml.load(text, Loader=LOADER)


def run(promtool: str, files: list[dict], groups: list[dict], directory: Path) -> list[str]:
    """promtool's message about each test that fails."""

    def one(number: int) -> str:
        folder = directory / str(number)
        folder.mkdir()
        test = files[number]
        rules = folder / "rules.yml"
        rules.write_text(yaml.dump({"groups": needed(test, groups)}, Dumper=DUMPER), encoding="utf-8")
        file = folder / "test.yml"
        # Without this, promtool evaluates groups in any order.
        order = [group["name"] for group in groups]
        file.write_text(yaml.dump({**test, "rule_files": [str(rules)], "group_eval_order": order}, Dumper=DUMPER), encoding="utf-8")
        finished = subprocess.run([promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
        return "" if finished.returncode == 0 else finished.stdout + finished.stderr

    with ThreadPoolExecutor(2) as executor:
        return [said for said in executor.map(one, range(len(files))) if said]


# MARK: The rules that a test needs


def needed(test: dict, groups: list[dict]) -> list[dict]:
    """The groups, reduced to the rules that the test's expectations depend on."""
    rules = [rule for group in groups for rule in group["rules"]]
    wanted: set[str] = set()
    found = {each["alertname"] for case in test["tests"] for each in case.get("alert_rule_test") or []}
    for case in test["tests"]:
        for each in case.get("promql_expr_test") or []:
            found |= mentioned(each["expr"])
    while found - wanted:
        wanted |= found
        for rule in rules:
            if rule.get("record", rule.get("alert")) in wanted:
                found |= mentioned(rule["expr"])
    kept = [
        {**group, "rules": [rule for rule in group["rules"] if rule.get("record", rule.get("alert")) in wanted]} for group in groups
    ]
    return [group for group in kept if group["rules"]]


def mentioned(expression: str) -> set[str]:
    """The recorded series and alerts that an expression selects."""
    alerts = re.findall(r'alertname="(\w+)"', expression)
    bare = re.sub(r'"(?:\\.|[^"\\])*"', '""', expression)
    return set(re.findall(r"\w+:\w+:\w+", bare)) | set(alerts)


# MARK: Transformations


def with_current_states(test: dict) -> dict:
    """The same test for an exporter with `--metrics.states=current`: only the current state of a state set has a series."""
    cases = []
    for case in test["tests"]:
        series = []
        for each in (case.get("input_series") or []):
            if re.match(r"[\w:]*", each["series"])[0] in STATE_SETS:
                values = without_zeros(each["values"])
                if "1" not in values:
                    continue
                each = {**each, "values": " ".join(values)}
            series.append(each)
        cases.append({**case, "input_series": series})
    return {**test, "tests": cases}


def without_zeros(values: str) -> list[str]:
    """Marks the end of a series as stale, as Prometheus does."""
    written, is_there = [], False
    for value in expanded(values):
        if value == "1":
            is_there = True
        elif value in ("0", "stale"):
            value = "stale" if is_there else "_"
            is_there = False
        written.append(value)
    return written


def expanded(values: str) -> list[str]:
    result = []
    for word in values.split():
        value, _, count = word.partition("x")
        if value not in ("0", "1", "_", "stale"):
            raise ValueError(f"not a value of a state: {word}")
        # A value and its repetitions; for a missing value, only the repetitions.
        times = int(count) + (value != "_") if count else 1
        result += [value] * times
    return result


def in_two_clusters(test: dict, label: str = "cluster") -> dict:
    """The same test in two places at once, which the rules must not mix: the expectations for one apply to both.

    The first place has no label, and its exporters export all states of state sets; those of the second export only the current
    ones. A test with its own clusters is only transformed to the current states.
    """
    second = with_current_states(test)["tests"]
    return {**test, "tests": [joined(case, other, label) for case, other in zip(test["tests"], second, strict=True)]}


def joined(first: dict, second: dict, label: str) -> dict:
    if any(f"{label}=" in each["series"] for each in first.get("input_series") or []):
        return second

    def labelled(series: str) -> str:
        name, brace, labels = series.partition("{")
        return f'{name}{{{label}="second"' + (f", {labels}" if brace and labels != "}" else "}")

    def alerts(expected: list[dict]) -> list[dict]:
        # The absence of all exporters has no place.
        placed = [each for each in expected if "job" in each["exp_labels"]]
        return expected + [{**each, "exp_labels": {**each["exp_labels"], label: "second"}} for each in placed]

    def samples(expected: list[dict]) -> list[dict]:
        # Objectives are common to both places.
        placed = [each for each in expected if not each["labels"].startswith("flashback:")]
        return expected + [{**each, "labels": labelled(each["labels"])} for each in placed]

    return {
        **first,
        "input_series": (first.get("input_series") or [])
        + [{**each, "series": labelled(each["series"])} for each in second.get("input_series") or []],
        "alert_rule_test": [
            {**each, "exp_alerts": alerts(each.get("exp_alerts") or [])} for each in first.get("alert_rule_test") or []
        ],
        "promql_expr_test": [
            {
                **each,
                "expr": re.sub(r"^count\(", f"count by ({label}) (", each["expr"]),
                "exp_samples": samples(each.get("exp_samples") or []),
            }
            for each in first.get("promql_expr_test") or []
        ],
    }
