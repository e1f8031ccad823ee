"""The Helm chart. Needs the programs that the variables EXPORTER and KUBECTL name."""

import copy
import re
import tempfile
import unittest
from pathlib import Path

import helm_python
import yaml

from chart import CHART, DASHBOARDS, OPERATOR, REFRESH_TOKEN, ROOT, RULES, comparable, exporter, kustomized, manifests, of, pod, rendered
from check_manifests import Manifests

# Values that users combine, by what they describe.
CHOICES = {
    "one exporter": {},
    "shards": {"shards": 3},
    "a refresh token": REFRESH_TOKEN,
    "shards with refresh tokens": {**REFRESH_TOKEN, "shards": 3},
    "an access token": {"credentials": {"method": "token"}},
    "dashboards": {"dashboards": {"enabled": True, "annotations": {"grafana_folder": "Flashback"}}},
}


class RenderingTests(unittest.TestCase):
    def test_it_renders_what_the_kustomizations_do(self):
        for variant, shards in [("single", 1), ("sharded", 3)]:
            with self.subTest(variant):
                values = {**OPERATOR, "shards": shards, "fullnameOverride": "flashback-exporter"}
                chart, kustomization = comparable(manifests(values)), comparable(kustomized(variant, "rules"))
                self.assertEqual(sorted(chart), sorted(kustomization))
                self.maxDiff = 4000
                for identity in chart:
                    self.assertEqual(chart[identity], kustomization[identity], identity)

    def test_every_difference_counts(self):
        kustomization = kustomized("single")
        changed = copy.deepcopy(kustomization)
        pod(changed)["containers"][0]["args"].append("--log.level=debug")
        self.assertNotEqual(comparable(changed), comparable(kustomization))
        changed = copy.deepcopy(kustomization)
        of(changed, "ConfigMap")[0]["data"]["flashback-exporter.yml"] += "\nlog: {level: debug}"
        self.assertNotEqual(comparable(changed), comparable(kustomization))

    def test_it_passes_the_checks_of_manifests(self):
        for name, values in CHOICES.items():
            with self.subTest(name):
                checked = Manifests(manifests({**values, **OPERATOR}))
                checked.check(RULES)
                self.assertEqual(checked.problems, [])
                checked = Manifests(manifests(values))
                checked.check(operator=False)
                self.assertEqual(checked.problems, [])

    def test_two_releases_in_a_namespace_have_nothing_in_common(self):
        monitored = {"serviceMonitor": {"enabled": True}}
        checked = Manifests(manifests(monitored, name="archive"))
        checked.check(other=Manifests(manifests({**monitored, "shards": 3})))
        self.assertEqual(checked.problems, [])

    def test_helm_finds_nothing_to_criticize(self):
        for name, values in CHOICES.items():
            with self.subTest(name):
                report = helm_python.lint(CHART, {**values, **OPERATOR}, strict=True)
                found = [message["error"] for message in report["messages"] if message["error"] != "icon is recommended"]
                self.assertEqual(found + report["errors"], [])

    def test_more_shards_later_change_nothing_that_cannot_be_changed(self):
        one, many = manifests(), manifests({"shards": 3})
        self.assertEqual(of(one, "Service"), of(many, "Service"))

    def test_names_are_short_enough_and_namespaces_can_be_chosen(self):
        names = {"namespaceOverride": "other", "dashboards": {"enabled": True, "namespace": "grafana"}}
        for document in manifests(names, name="a" * 42):
            self.assertLessEqual(len(document["metadata"]["name"]), 63)
            is_dashboard = "grafana_dashboard" in document["metadata"]["labels"]
            self.assertEqual(document["metadata"]["namespace"], "grafana" if is_dashboard else "other")
        monitor = of(manifests({"serviceMonitor": {"enabled": True, "namespace": "prometheus"}}), "ServiceMonitor")[0]
        self.assertEqual(monitor["spec"]["namespaceSelector"], {"matchNames": ["monitoring"]})


class ContentTests(unittest.TestCase):
    def test_it_has_what_it_copies(self):
        copied = {f"rules/{file.name}": file for file in RULES} | {f"dashboards/{file.name}": file for file in DASHBOARDS}
        copied["adopt-refresh-token"] = ROOT / "deploy" / "systemd" / "adopt-refresh-token"
        there = {str(file.relative_to(CHART / "files")): file for file in (CHART / "files").rglob("*") if file.is_file()}
        hint = "run ./scripts/update-docs.sh and commit what it wrote"
        self.assertEqual(sorted(there), sorted(copied), hint)
        for name, file in there.items():
            self.assertEqual(file.read_bytes(), copied[name].read_bytes(), f"{name}: {hint}")

    def test_dashboards_are_those_of_grafana(self):
        documents = manifests({"dashboards": {"enabled": True}})
        found = {}
        for document in of(documents, "ConfigMap"):
            if document["metadata"]["labels"].get("grafana_dashboard") == "1":
                found |= document["data"]
        self.assertEqual(found, {file.name: file.read_text(encoding="utf-8") for file in DASHBOARDS})

    def test_runbooks_and_alerts_can_be_chosen(self):
        def rules(**values):
            resource = of(manifests({"prometheusRule": {"enabled": True, **values}}), "PrometheusRule")[0]
            return [rule for group in resource["spec"]["groups"] for rule in group["rules"]]

        alerts = [rule for rule in rules(runbookBase="https://wiki.example.com/a/") if "alert" in rule]
        self.assertGreater(len(alerts), 18)
        for alert in alerts:
            self.assertRegex(alert["annotations"]["runbook_url"], r"^https://wiki\.example\.com/a/[A-Za-z]+\.md$")
        names = {alert["alert"] for alert in alerts}
        disabled = sorted(names)[:2]
        self.assertEqual({rule["alert"] for rule in rules(disabledAlerts=disabled) if "alert" in rule}, names - set(disabled))
        self.assertEqual(sum("record" in rule for rule in rules(disabledAlerts=disabled)), sum("record" in rule for rule in rules()))

    def test_a_package_renders_the_same_and_fits_into_a_release(self):
        everything = {**OPERATOR, "dashboards": {"enabled": True}}
        with tempfile.TemporaryDirectory() as directory:
            archive = Path(helm_python.package(CHART, destination=directory))
            self.assertEqual(rendered(everything, chart=archive), rendered(everything))
            # Helm stores a release, the chart and what it rendered, in a Secret of at most 1 MiB, in Base64.
            self.assertLess(archive.stat().st_size, 250_000)

    def test_the_versions_are_the_programs(self):
        version = re.search(r"version ([0-9.]+)", exporter("--version").stdout)[1]
        metadata = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
        self.assertEqual({metadata["version"], metadata["appVersion"]}, {version})
        for document in kustomized("single", "sharded", "rules"):
            self.assertEqual(document["metadata"]["labels"]["app.kubernetes.io/version"], version)
        for variant in ["single", "sharded"]:
            self.assertTrue(pod(kustomized(variant))["containers"][0]["image"].endswith(f":{version}"))


if __name__ == "__main__":
    unittest.main()
