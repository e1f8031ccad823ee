"""The committed dashboards follow the rules and match the code."""

import unittest

import make
from checks import dashboards, links, project, rules


class DashboardTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = project.read()
        cls.dashboards = dashboards.read()

    def test_there_are_five(self):
        self.assertEqual(
            sorted(self.dashboards), ["flashback-account", "flashback-bucket", "flashback-exporter", "flashback-nodes", "flashback-overview"]
        )

    def test_committed_json_matches_the_code(self):
        made = make.texts()
        committed = {file.name: file.read_text(encoding="utf-8") for file in dashboards.DIRECTORY.glob("*")}
        self.assertEqual(sorted(committed), sorted(made))
        for name, text in made.items():
            # Not assertEqual, which would print two files of thousands of lines.
            self.assertTrue(committed[name] == text, f"{name} does not match the code: run python3 grafana/source/make.py")

    def test_dashboards_follow_every_rule(self):
        for uid, dashboard in self.dashboards.items():
            self.assertEqual(dashboard["uid"], uid)
            for rule in rules.RULES:
                with self.subTest(dashboard=uid, rule=rule.__name__):
                    self.assertEqual(list(rule(dashboard, self.project)), [])

    def test_targets_of_links_exist(self):
        self.assertEqual(list(links.between(self.dashboards)), [])

    def test_alerts_have_a_runbook_and_a_dashboard(self):
        runbooks = {file.name for file in (project.ROOT / "docs" / "runbooks").glob("*.md")}
        self.assertEqual(list(links.of_alerts(self.dashboards, self.project, runbooks)), [])

    def test_every_metric_of_the_exporter_is_shown(self):
        texts = [expression for dashboard in self.dashboards.values() for _, expression in rules.expressions(dashboard)]
        shown: set[str] = set()
        # A recording rule also shows the metrics in its expression.
        while texts:
            found = {selector.name for text in texts for selector in rules.promql.selectors(text)} - shown
            shown |= found
            texts = [self.project.sources[name] for name in found if name in self.project.sources]
        families = {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in self.project.metrics}
        missing = {name for name in families if not shown & {name, f"{name}_bucket"}}
        self.assertEqual(missing, set(NOT_SHOWN), "add it to a dashboard, or to NOT_SHOWN with a reason")


# The metrics that no panel shows, and the reasons.
NOT_SHOWN = {
    "flashback_bucket_available": "whether a bucket can be attached to a repository is not about its health",
    "flashback_bucket_created_timestamp_seconds": "a date that indicates no problem",
    "flashback_bucket_last_status_timestamp_seconds": "the times of the nodes' reports are more exact",
    "flashback_collector_lifetime_seconds": "the alert FlashbackCollectorStale uses it",
    "flashback_bucket_collector_last_success_timestamp_seconds": "a recording rule computes the age of reports from it",
    "flashback_bucket_node_daily_last_latency_seconds": "the same as the latency now",
    "flashback_bucket_node_daily_last_update_timestamp_seconds": "the same as the report's time now",
    "flashback_api_token_unsaved": "the alert FlashbackTokenUnsaved uses it",
    "flashback_daily_stats_day_timestamp_seconds": "for users' own queries",
    "flashback_exporter_config_last_reload_successful": "the response to the reload request and the log have the result",
    "flashback_exporter_config_last_reload_success_timestamp_seconds": "the response to the reload request and the log have the result",
    "flashback_collector_bulk": "only where buckets are requested in bulk",
    "flashback_exporter_probes_total": "only where probes are enabled, whose own job shows their results",
    "flashback_repository_created_timestamp_seconds": "a date that requires no action",
    "flashback_repository_totals_regressions_total": "the totals of the buckets decrease at the same time",
    "process_virtual_memory_bytes": "resident memory is shown instead",
}
