"""Tests of the mixin. They need jsonnet and promtool, named by JSONNET and PROMTOOL, and the packages of Tests/requirements.txt."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from functools import cache
from pathlib import Path

import _gojsonnet

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "grafana" / "source"))

from checks import promql  # noqa: E402

import unit_tests  # noqa: E402
from unit_tests import STATE_SETS, load  # noqa: E402

RULES = ROOT / "prometheus" / "rules"
TESTS = sorted((ROOT / "prometheus" / "tests").glob("*.yml"))
DASHBOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))

# Every setting with a value other than the default.
OTHER = """{
    selector: 'env="prod"', exporterSelector: 'job="gateway"', probeSelector: 'bucket_id!="", env="prod"',
    clusterLabel: 'site', showMultiCluster: true,
    objectives+: { availability: 0.99, byBucket: [{ buckets: 'archive-\\\\d%.*', availability: 0.9, latencySeconds: 2 }] },
    alertNamePrefix: 'Acme', runbookBase: 'https://wiki.example.com/', dashboardBase: 'https://grafana.example.com/',
}"""
OWN_OBJECTIVES = "{ objectives+: { byBucket: [{ buckets: 'archive-.*', availability: 0.5, latencySeconds: 2 }] } }"


def jsonnet(*arguments: str) -> str:
    finished = subprocess.run([os.environ["JSONNET"], *arguments], capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise AssertionError(finished.stderr)
    return finished.stdout


@cache
def made(what: str, config: str = "{}"):
    """A part of the mixin with a configuration, and with the runbooks at the place used in prometheus/rules."""
    mixin = json.dumps(str(ROOT / "mixin" / "mixin.libsonnet"))
    base = json.dumps((ROOT / "prometheus" / "runbook-base").read_text(encoding="utf-8").strip())
    config = f"{{ runbookBase: {base} }} + {config}"
    return json.loads(_gojsonnet.evaluate_snippet("test", f"local mixin = (import {mixin}) + {{ _config+:: {config} }}; {what}"))


def groups(config: str = "{}") -> list[dict]:
    return made("mixin.prometheusRules.groups + mixin.prometheusAlerts.groups", config)


def dashboards(config: str = "{}") -> dict[str, dict]:
    return made("mixin.grafanaDashboards", config)


def rules(config: str = "{}") -> list[dict]:
    return [rule for group in groups(config) for rule in group["rules"]]


def run(files: list[dict], config: str = "{}") -> list[str]:
    """promtool's messages about the unit tests that fail with the rules of a configuration."""
    with tempfile.TemporaryDirectory() as directory:
        return unit_tests.run(os.environ["PROMTOOL"], files, groups(config), Path(directory))


def test_files(*names: str) -> list[dict]:
    return [load(file.read_text(encoding="utf-8")) for file in TESTS if not names or file.stem in names]


def accepted(config: str) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "rules.yml"
        file.write_text(json.dumps({"groups": groups(config)}), encoding="utf-8")
        command = [os.environ["PROMTOOL"], "check", "rules", "--lint=all", "--lint-fatal", str(file)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


class DefaultTests(unittest.TestCase):
    def test_the_files_of_rules_are_the_default_rendering_of_both_implementations(self):
        source = str(ROOT / "mixin" / "prometheus-rules.jsonnet")
        files = {file.name: file.read_text(encoding="utf-8") for file in RULES.iterdir()}
        with tempfile.TemporaryDirectory() as directory:
            jsonnet("--string", "--multi", directory, source)
            written = {file.name: file.read_text(encoding="utf-8") for file in Path(directory).iterdir()}
        self.assertEqual(written, files, "run ./scripts/rules.sh and commit what it wrote")
        # The implementation in Go, which most of these tests use because it is faster. The program adds the end of the last line.
        texts = json.loads(_gojsonnet.evaluate_file(source))
        self.assertEqual({name: text + "\n" for name, text in texts.items()}, files)

    def test_the_files_are_what_the_mixin_exports(self):
        """Rendered with comments, but with the same content."""
        there = [group for file in sorted(RULES.iterdir(), reverse=True) for group in load(file.read_text(encoding="utf-8"))["groups"]]
        for group in there:
            for rule in group["rules"]:
                rule["expr"] = rule["expr"].rstrip("\n")
        expected = json.loads(json.dumps(groups()))
        for group in expected:
            for rule in group["rules"]:
                rule["expr"] = rule["expr"].rstrip("\n")
        self.assertEqual(there, expected)

    def test_dashboards_are_those_of_grafana(self):
        self.assertEqual(dashboards(), {file.name: json.loads(file.read_text(encoding="utf-8")) for file in DASHBOARDS})


class SettingTests(unittest.TestCase):
    def test_promtool_accepts_the_rules_of_every_configuration(self):
        for config in ["{ clusterLabel: '' }", "{ selector: 'env=\"prod\"' }", OWN_OBJECTIVES, OTHER]:
            check = accepted(config)
            self.assertEqual(check.returncode, 0, config + check.stdout + check.stderr)

    def test_every_series_of_the_exporter_is_selected(self):
        selected = 0
        for rule in rules(OTHER):
            for selector in promql.selectors(rule["expr"]):
                if ":" not in selector.name and selector.name != "ALERTS":
                    self.assertEqual(selector.matchers.get("env"), ("=", "prod"), f"{selector.name} in {rule['expr']}")
                    selected += 1
                if selector.name == "up":
                    self.assertEqual(selector.matchers.get("job"), ("=", "gateway"))
        self.assertGreater(selected, 60)

    def test_every_aggregation_and_match_keeps_the_label_of_the_cluster(self):
        for config, label in [("{}", "cluster"), (OTHER, "site")]:
            for rule in rules(config):
                lists = re.findall(r"\b(by|on|without|ignoring) \(([^)]*)\)", rule["expr"])
                # Expressions without such a list would join everything; objectives apply to all clusters.
                bare = re.findall(r"\b(?:sum|min|max|avg|count|group|quantile|topk|bottomk) ?\((?!flashback:)", rule["expr"])
                self.assertEqual(bare, [], rule["expr"])
                for keyword, labels in lists:
                    self.assertIn(keyword, ("by", "on"), rule["expr"])
                    self.assertEqual(labels.split(", ")[:2], [label, "job"], rule["expr"])
        for rule in rules("{ clusterLabel: '' }"):
            self.assertNotRegex(rule["expr"], r"cluster|\(,|, ,|\( ")

    def test_names_runbooks_and_links_follow_their_settings(self):
        runbooks = {file.stem for file in (ROOT / "docs" / "runbooks").iterdir()}
        alerts = [rule for rule in rules(OTHER) if "alert" in rule]
        self.assertGreater(len(alerts), 30)
        names = {alert["alert"] for alert in alerts}
        for alert in alerts:
            self.assertTrue(alert["alert"].startswith("Acme"))
            for name in re.findall(r'alertname="(\w+)"', alert["expr"]):
                self.assertIn(name, names)
            runbook = re.fullmatch(r"https://wiki\.example\.com/(\w+)\.md", alert["annotations"]["runbook_url"])
            self.assertIn(runbook[1], runbooks)
            self.assertNotRegex(json.dumps(alert["annotations"]), r"%\(|Flashback(?=[A-Z])(?!\w+\.md)")
            self.assertTrue(alert["annotations"]["dashboard_url"].startswith("https://grafana.example.com{{ if "))
            self.assertIn("{{ with $labels.site }}&var-cluster=", alert["annotations"]["dashboard_url"])

    def test_links_lead_where_those_of_alertmanager_do(self):
        template = (ROOT / "prometheus" / "alertmanager.tmpl").read_text(encoding="utf-8")
        overview = re.search(r'match "\^Flashback\(([A-Za-z|]+)\)\$" \.alertname \}\}/d/flashback-overview\?', template)[1].split("|")
        found = set()
        for alert in [rule for rule in rules(OTHER) if "alert" in rule]:
            last = re.search(r"\{\{ else \}\}/d/([a-z-]+)\?", alert["annotations"]["dashboard_url"])[1]
            is_general = alert["alert"].removeprefix("Acme") in overview
            self.assertEqual(last, "flashback-overview" if is_general else "flashback-exporter", alert["alert"])
            found.add(last)
        self.assertEqual(len(found), 2)

    def test_a_choice_of_cluster_without_its_label_is_refused(self):
        with self.assertRaisesRegex(RuntimeError, "showMultiCluster needs a clusterLabel"):
            dashboards("{ clusterLabel: '', showMultiCluster: true }")

    def test_dashboards_show_one_cluster_and_the_selected_series(self):
        for name, dashboard in dashboards(OTHER).items():
            variables = [variable["name"] for variable in dashboard["templating"]["list"]]
            self.assertEqual(variables[1:3], ["cluster", "job"], name)
            for text in expressions(dashboard):
                for selector in promql.selectors(text):
                    if selector.name.startswith("flashback:") or selector.matchers.get("job") == ("=", ""):
                        continue
                    self.assertEqual(selector.matchers.get("site"), ("=", "$cluster"), f"{name}: {text}")
                    if "instance" in selector.matchers and selector.name != "ALERTS":
                        self.assertEqual(selector.matchers.get("env"), ("=", "prod"), f"{name}: {text}")
                self.assertNotRegex(text, r"flashback:bucket_\w+_objective|Flashback[A-Z]")

    def test_buckets_have_the_objectives_of_their_pattern(self):
        tests = load((Path(__file__).parent / "objectives.yml").read_text(encoding="utf-8"))
        self.assertEqual(run([tests], OWN_OBJECTIVES), [])
        # With the same objectives for all buckets, the test fails.
        self.assertNotEqual(run([tests]), [])

    def test_objectives_of_other_buckets_change_no_alert(self):
        files = test_files("FlashbackBucketLatencyHigh", "FlashbackBucketUptimeLow")
        self.assertEqual(len(files), 2)
        self.assertEqual(run(files, OWN_OBJECTIVES), [])


class UnitTests(unittest.TestCase):
    def test_every_test_holds_in_two_clusters_and_with_both_forms_of_state_sets(self):
        files = []
        for file in TESTS:
            test = load(file.read_text(encoding="utf-8"))
            for path in test["rule_files"]:
                self.assertTrue((file.parent / path).exists(), f"{file.name}: {path}")
            files.append(unit_tests.in_two_clusters(test))
        self.assertGreater(len(files), 30)
        self.assertEqual(run(files), [])

    def test_the_label_of_the_cluster_may_have_another_name_or_none(self):
        files = test_files("FlashbackBucketUnreachable", "FlashbackShardMissing", "FlashbackQuotaNearLimit", "accounts")
        files = [file for file in files if "cluster=" not in json.dumps(file)]
        self.assertGreater(len(files), 1)
        self.assertEqual(run([unit_tests.in_two_clusters(file, "site") for file in files], "{ clusterLabel: 'site' }"), [])
        self.assertNotEqual(run([unit_tests.in_two_clusters(file, "site") for file in files]), [])
        self.assertEqual(run(files, "{ clusterLabel: '' }"), [])

    def test_a_rule_that_mixes_clusters_or_needs_a_series_of_a_false_state_fails(self):
        test = test_files("FlashbackBucketUnreachable")[0]
        for old, new in [
            ("by (cluster, job, account, bucket_id)", "by (job, account, bucket_id)"),
            (
                '0 * (flashback_bucket_node_status{status=~"offline|disconnected"} == 1)',
                '0 * flashback_bucket_node_status{status="online"}',
            ),
        ]:
            before = json.dumps(groups())
            changed = before.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
            self.assertNotEqual(changed, before)
            with tempfile.TemporaryDirectory() as directory:
                failures = unit_tests.run(
                    os.environ["PROMTOOL"], [unit_tests.in_two_clusters(test)], json.loads(changed), Path(directory)
                )
            self.assertNotEqual(failures, [], new)

    def test_series_of_false_states_end(self):
        self.assertEqual(unit_tests.without_zeros("1x2 0x1 1 0"), "1 1 1 stale _ 1 stale".split())
        self.assertEqual(unit_tests.without_zeros("0 _x2 1 stale 0"), "_ _ _ 1 stale _".split())


class StateSetTests(unittest.TestCase):
    """Expressions may use only the series with the value 1, because the others may be missing."""

    def test_expressions_select_only_true_states(self):
        runbooks = [
            query
            for file in sorted((ROOT / "docs" / "runbooks").glob("*.md"))
            for query in re.findall(r"```promql\n(.*?)\n *```", file.read_text(encoding="utf-8"), re.DOTALL)
        ]
        panels = [text for dashboard in dashboards().values() for text in expressions(dashboard)]
        for texts, least in [([rule["expr"] for rule in rules()], 8), (panels, 5), (runbooks, 5)]:
            found = [(text, use) for text in texts for use in uses(text)]
            self.assertGreater(len(found), least)
            for text, use in found:
                self.assertEqual(use, "== 1", text)

    def test_panels_show_the_same_for_both_forms(self):
        states = ["online", "disconnected", "offline", "unknown"]
        labels = 'job="flashback", bucket_id="b-1", bucket_name="photos"'
        series = []
        for number, state in enumerate(states):
            for other in states:
                now = int(state == other)
                for family in ["flashback_bucket_node_status", "flashback_node_status"]:
                    name = f'{family}{{{labels}, node="n-{number}", status="{other}", instance='
                    series.append({"series": f'{name}"all"}}', "values": f"{now}x9"})
                    if now:
                        series.append({"series": f'{name}"current"}}', "values": "1x9"})
        for other in states:
            name = f'flashback_bucket_status{{{labels}, status="{other}", instance='
            series.append({"series": f'{name}"all"}}', "values": f"{int(other == 'offline')}x9"})
            if other == "offline":
                series.append({"series": f'{name}"current"}}', "values": "1x9"})
        texts = {text for dashboard in dashboards().values() for text in expressions(dashboard) if uses(text)}
        self.assertGreater(len(texts), 4)
        checks = []
        for text in sorted(texts):
            text = re.sub(r"\$(job|account|node)", ".*", text.replace("$bucket", "b-1"))
            both = [text.replace("$instance", form) for form in ["all", "current"]]
            for one, other in [both, reversed(both)]:
                checks.append({"expr": f"({one}) unless (({one}) == ({other}))", "eval_time": "5m"})
            checks.append({"expr": f"count({both[1]}) > bool 0", "eval_time": "5m", "exp_samples": [{"labels": "{}", "value": 1}]})
        test = {"evaluation_interval": "1m", "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": checks}]}
        self.assertEqual(run([test]), [])

    def test_the_names_are_those_of_the_reference(self):
        reference = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
        named = set(re.findall(r"^\| `(\w+)` \| \w+ \|[^|]*`status`[^|]*\|", reference, re.MULTILINE))
        self.assertEqual(STATE_SETS - {"probe_status"}, named - {"probe_status"})


def uses(text: str) -> list[str]:
    """The text after each selector of a state set."""
    return re.findall(r"(?<![\w:])(?:%s)(?![\w:])(?:\{[^}]*\})?\s*(\S+ \d+|.{0,4})" % "|".join(STATE_SETS), text)


def expressions(dashboard: dict) -> list[str]:
    panels = [inner for panel in dashboard["panels"] for inner in [panel, *panel.get("panels", [])]]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])] + [
        annotation["expr"] for annotation in dashboard["annotations"]["list"]
    ]


if __name__ == "__main__":
    unittest.main()
