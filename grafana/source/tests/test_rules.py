"""Each rule can fail: a valid dashboard is broken in one way at a time."""

import copy
import unittest

from checks import links, rules
from checks.project import Alert, Project

PROJECT = Project(
    metrics=frozenset({"flashback_up", "flashback_exporter_build_info", "flashback_bucket_requests_total"}),
    recorded=frozenset({"bucket:flashback_reachable:max"}),
    template="/d/flashback-one?{{ with .instance }}var-instance={{ . }}{{ end }}&var-job={{ .job }}",
    alerts=(Alert("FlashbackBucketUnreachable", "https://example.com/docs/runbooks/FlashbackBucketUnreachable.md"),),
)

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SCRAPED = '{job=~"$job", account=~"$account", instance=~"$instance"}'


def variable(name: str, label: str, query: str, every: str | None = None) -> dict:
    return {
        "type": "query",
        "name": name,
        "label": label,
        "description": "What it is.",
        "datasource": SOURCE,
        "query": query,
        "multi": True,
        "includeAll": True,
        "allValue": every,
        "refresh": 2,
    }


GOOD = {
    "uid": "flashback-one",
    "title": "One",
    "description": "What it shows.",
    "schemaVersion": 39,
    "tags": ["flashback"],
    "links": [{"url": "/d/flashback-two", "keepTime": True, "includeVars": True}],
    "annotations": {
        "list": [
            {
                "name": "Firing alerts",
                "enable": True,
                "datasource": SOURCE,
                "expr": 'ALERTS{alertstate="firing", job=~"$job", instance=~"$instance|", account=~"$account|"}',
            }
        ]
    },
    "templating": {
        "list": [
            {"type": "datasource", "name": "datasource", "label": "Data source", "description": "It.", "query": "prometheus"},
            variable("job", "Job", "label_values(flashback_exporter_build_info, job)"),
            variable("account", "Account", 'label_values(flashback_up{job=~"$job"}, account)', ".*"),
            variable("instance", "Instance", 'label_values(flashback_exporter_build_info{job=~"$job"}, instance)'),
        ]
    },
    "panels": [
        {"type": "row", "id": 1, "title": "Row", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
        {
            "type": "timeseries",
            "id": 2,
            "interval": "1m",
            "title": "Requests",
            "description": "How many.",
            "datasource": SOURCE,
            "gridPos": {"x": 0, "y": 1, "w": 12, "h": 8},
            "fieldConfig": {"defaults": {"unit": "reqps"}, "overrides": []},
            "options": {"legend": {"showLegend": True}},
            "targets": [
                {
                    "refId": "A",
                    "interval": "1m",
                    "datasource": SOURCE,
                    "legendFormat": "Requests",
                    "range": True,
                    "expr": f"sum(max by (bucket_id) (rate(flashback_bucket_requests_total{SCRAPED}[$__rate_interval])))",
                }
            ],
        },
        {
            "type": "table",
            "id": 3,
            "interval": "1m",
            "title": "Availability",
            "description": "How much.",
            "datasource": SOURCE,
            "gridPos": {"x": 12, "y": 1, "w": 12, "h": 8},
            "fieldConfig": {
                "defaults": {"unit": "none"},
                "overrides": [
                    {"properties": [{"id": "links", "value": [{"url": "/d/flashback-two?var-job=${__data.fields.job}"}]}]}
                ],
            },
            "targets": [
                {
                    "refId": "A",
                    "interval": "1m",
                    "datasource": SOURCE,
                    "instant": True,
                    "expr": 'avg_over_time(bucket:flashback_reachable:max{job=~"$job", account=~"$account"}[$__range])',
                }
            ],
        },
    ],
}

REQUESTS, AVAILABILITY = GOOD["panels"][1]["targets"][0]["expr"], GOOD["panels"][2]["targets"][0]["expr"]


def broken(*path_and_value) -> dict:
    """The valid dashboard with the value at one path replaced."""
    *path, value = path_and_value
    dashboard = copy.deepcopy(GOOD)
    place = dashboard
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return dashboard


def asking(expression: str, panel: int = 1) -> dict:
    return broken("panels", panel, "targets", 0, "expr", expression)


# Dashboards that break each rule.
BROKEN = {
    "identity": [
        broken("uid", None),
        broken("uid", "aBcDeF"),
        broken("id", 7),
        broken("schemaVersion", 36),
        broken("tags", []),
        broken("description", ""),
    ],
    "one_data_source": [
        broken("templating", "list", GOOD["templating"]["list"][1:]),
        broken("templating", "list", GOOD["templating"]["list"] + GOOD["templating"]["list"][:1]),
        broken("templating", "list", 1, "datasource", {"type": "prometheus", "uid": "PBFA97CFB590B2093"}),
        broken("panels", 1, "datasource", {"type": "prometheus", "uid": "PBFA97CFB590B2093"}),
        broken("panels", 1, "targets", 0, "datasource", None),
        broken("annotations", "list", 0, "datasource", {"type": "grafana", "uid": "-- Grafana --"}),
    ],
    "job_and_instance": [
        broken("templating", "list", GOOD["templating"]["list"][:2]),
        broken("templating", "list", 1, "multi", False),
        broken("templating", "list", 1, "allValue", ".*"),
        broken("templating", "list", 2, "includeAll", False),
        broken("templating", "list", 2, "allValue", ".+"),
        broken("templating", "list", 1, "allValue", ".+"),
        broken("templating", "list", 3, "allValue", ".+"),
    ],
    "refreshed_variables": [broken("templating", "list", 1, "refresh", 1), broken("templating", "list", 2, "description", "")],
    "used_variables": [
        asking(REQUESTS.replace("bucket_id)", "bucket_id)").replace("$instance", "$instanze")),
        asking(f"flashback_up{SCRAPED} * {REQUESTS.replace('$__rate_interval', '$__interval_ms')}"),
        broken(
            "templating",
            "list",
            GOOD["templating"]["list"] + [variable("node", "Node", f"label_values(flashback_up{SCRAPED}, node)")],
        ),
    ],
    "titles_and_descriptions": [broken("panels", 1, "title", ""), broken("panels", 2, "description", " ")],
    "valid_units": [
        broken("panels", 1, "fieldConfig", "defaults", {}),
        broken("panels", 1, "fieldConfig", "defaults", "unit", "requests"),
        broken("panels", 1, "fieldConfig", "overrides", [{"properties": [{"id": "unit", "value": "seconds"}]}]),
    ],
    "legends": [
        broken("panels", 1, "targets", 0, "legendFormat", "__auto"),
        broken("panels", 1, "options", "legend", "showLegend", False),
    ],
    "matchers": [
        asking("flashback_up"),
        asking('flashback_up{job=~"$job"}'),
        asking('flashback_up{job=~"$job", instance=~"$instance"}'),
        asking('flashback_exporter_build_info{job=~"$job"}'),
        asking('bucket:flashback_reachable:max{job=~"$job"}', panel=2),
        asking('flashback_up{job="$job", instance=~"$instance"}'),
        asking("avg_over_time(bucket:flashback_reachable:max[$__range])", panel=2),
        asking(f"sum({REQUESTS} or on () flashback_up)"),
        asking('{__name__="flashback_up"}'),
        broken("annotations", "list", 0, "expr", 'ALERTS{alertstate="firing"}'),
        broken("annotations", "list", 0, "expr", 'ALERTS{alertstate="firing", job=""}'),
        asking('account:flashback_reachable:sum{job=~"$job"}', panel=2),
    ],
    "rate_interval": [
        asking(REQUESTS.replace("$__rate_interval", "5m")),
        asking(REQUESTS.replace("$__rate_interval", "$__range")),
        asking(AVAILABILITY.replace("$__range", "1d"), panel=2),
        asking(f"max_over_time({REQUESTS}[1h:1m])"),
    ],
    "enough_samples": [
        broken("panels", 1, "targets", 0, "interval", ""),
        broken("panels", 1, "targets", 0, "interval", "15s"),
        broken("panels", 1, "interval", None),
    ],
    "counters": [
        asking(f"sum(flashback_bucket_requests_total{SCRAPED})"),
        asking(f"max_over_time((max by (bucket_id) (flashback_bucket_requests_total{SCRAPED}))[$__range:$__interval])"),
    ],
    "unique_identifiers": [
        broken("panels", 2, "id", 2),
        broken("panels", 2, "targets", []),
        broken("panels", 1, "targets", GOOD["panels"][1]["targets"] * 2),
        broken("panels", 1, "targets", 0, "refId", ""),
    ],
    "grid": [
        broken("panels", 2, "gridPos", {"x": 11, "y": 1, "w": 12, "h": 8}),
        broken("panels", 2, "gridPos", {"x": 13, "y": 1, "w": 12, "h": 8}),
        broken("panels", 2, "gridPos", {"x": 12, "y": 1, "w": 11, "h": 8}),
    ],
    "known_metrics": [asking(f"sum(flashback_uptime{SCRAPED})"), asking(AVAILABILITY.replace(":max", ":min"), panel=2)],
    "alert_annotations": [
        broken("annotations", "list", []),
        broken("annotations", "list", 0, "enable", False),
        broken("annotations", "list", 0, "expr", GOOD["annotations"]["list"][0]["expr"].replace("firing", "pending")),
    ],
}


class RuleTests(unittest.TestCase):
    def test_every_rule_has_dashboards_that_break_it(self):
        self.assertEqual(sorted(BROKEN), sorted(rule.__name__ for rule in rules.RULES))

    def test_valid_dashboard_follows_every_rule(self):
        for rule in rules.RULES:
            with self.subTest(rule=rule.__name__):
                self.assertEqual(list(rule(GOOD, PROJECT)), [])

    def test_a_broken_dashboard_is_found(self):
        for rule in rules.RULES:
            for number, dashboard in enumerate(BROKEN[rule.__name__]):
                with self.subTest(rule=rule.__name__, number=number):
                    self.assertNotEqual(list(rule(dashboard, PROJECT)), [])

    def test_links(self):
        two = broken("uid", "flashback-two") | {"links": [{"url": "/d/flashback-one", "keepTime": True, "includeVars": True}]}
        self.assertEqual(list(links.between({"flashback-one": GOOD, "flashback-two": two})), [])
        for one in (
            broken("links", []),
            broken("links", 0, "keepTime", False),
            broken("links", 0, "includeVars", False),
            broken("links", 0, "url", "/d/flashback-one"),
            broken("panels", 2, "fieldConfig", "overrides", 0, "properties", 0, "value", 0, "url", "/d/flashback-three"),
            broken(
                "panels", 2, "fieldConfig", "overrides", 0, "properties", 0, "value", 0, "url", "/d/flashback-two?var-bucket=b"
            ),
        ):
            self.assertNotEqual(list(links.between({"flashback-one": one, "flashback-two": two})), [])

    def test_alerts(self):
        def problems(alert: Alert | None, runbooks=("FlashbackBucketUnreachable.md",), template=PROJECT.template) -> list[str]:
            project = Project(PROJECT.metrics, PROJECT.recorded, (alert,) if alert else (), template=template)
            return list(links.of_alerts({"flashback-one": GOOD}, project, set(runbooks)))

        good = PROJECT.alerts[0]
        self.assertEqual(problems(good), [])
        self.assertNotEqual(problems(None), [])
        self.assertNotEqual(problems(good, runbooks=()), [])
        self.assertNotEqual(problems(Alert(good.name, "")), [])
        self.assertNotEqual(problems(good, template=""), [])
        self.assertNotEqual(problems(good, template="/d/flashback-three"), [])
        self.assertNotEqual(problems(good, template="/d/flashback-one?var-bucket=b"), [])
