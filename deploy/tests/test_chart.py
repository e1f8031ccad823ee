"""The Helm chart. Needs the programs that the variables EXPORTER and KUBECTL name."""

import copy
import json
import os
import re
import subprocess
import tempfile
import textwrap
import unittest
from pathlib import Path

import helm_python
import yaml

from chart import CHART, DASHBOARDS, ROOT, RULES, comparable, kustomized, manifests, rendered
from check_manifests import Manifests

OPERATOR = {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}
REFRESH_TOKEN = {"credentials": {"method": "refreshToken"}}
# Values that users combine, by what they describe.
CHOICES = {
    "one exporter": {},
    "shards": {"shards": 3},
    "a refresh token": REFRESH_TOKEN,
    "shards with refresh tokens": {**REFRESH_TOKEN, "shards": 3},
    "an access token": {"credentials": {"method": "token"}},
    "dashboards": {"dashboards": {"enabled": True, "annotations": {"grafana_folder": "Flashback"}}},
}


def of(documents, kind):
    return [document for document in documents if document["kind"] == kind]


def pod(documents):
    return next(document for document in documents if "template" in document.get("spec", {}))["spec"]["template"]["spec"]


def exporter(*arguments, environment=None):
    return subprocess.run(
        [os.environ["EXPORTER"], *arguments], capture_output=True, text=True, env=environment or {}, check=False)


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

    def test_the_network_can_be_narrowed(self):
        peers = [{"ipBlock": {"cidr": "192.0.2.1/32"}}]
        policy = of(manifests({"networkPolicy": {"apiPorts": [3128], "to": peers}}), "NetworkPolicy")[0]
        self.assertEqual(policy["spec"]["egress"][1], {"ports": [{"port": 3128, "protocol": "TCP"}], "to": peers})
        for key, kind in [("networkPolicy", "NetworkPolicy"), ("podDisruptionBudget", "PodDisruptionBudget")]:
            self.assertEqual(of(manifests({"shards": 3, key: {"enabled": False}}), kind), [])

    def test_tls_reaches_probes_and_prometheus(self):
        documents = manifests({**OPERATOR, "web": {"existingSecret": "web", "scheme": "HTTPS"}})
        container = pod(documents)["containers"][0]
        self.assertIn("--web.config.file=/etc/flashback-exporter-web/web.yml", container["args"])
        self.assertEqual({container[probe]["httpGet"]["scheme"] for probe in ["livenessProbe", "readinessProbe"]}, {"HTTPS"})
        self.assertEqual(of(documents, "ServiceMonitor")[0]["spec"]["endpoints"][0]["scheme"], "https")

    def test_relabelings_are_added_to_that_of_the_chart(self):
        own = {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "kubernetes_node"}
        monitor = of(manifests({"serviceMonitor": {"enabled": True, "relabelings": [own]}}), "ServiceMonitor")[0]
        self.assertEqual(monitor["spec"]["endpoints"][0]["relabelings"], [{"action": "labeldrop", "regex": "endpoint"}, own])

    def test_prometheus_asks_for_the_path_of_the_configuration(self):
        for config, path in [({}, None), ({"web": {"telemetry-path": "/x"}}, "/x")]:
            documents = manifests({**OPERATOR, "config": config})
            self.assertEqual(of(documents, "ServiceMonitor")[0]["spec"]["endpoints"][0].get("path"), path)

    def test_probes_only_connect_if_client_certificates_are_required(self):
        container = pod(manifests({"web": {"existingSecret": "web", "scheme": "HTTPS", "requiresClientCertificate": True}}))["containers"][0]
        self.assertEqual(container["livenessProbe"], {"tcpSocket": {"port": "metrics"}, "periodSeconds": 30, "timeoutSeconds": 5})
        self.assertEqual(container["readinessProbe"], {"tcpSocket": {"port": "metrics"}, "periodSeconds": 5, "timeoutSeconds": 5})

    def test_null_removes_defaults(self):
        documents = manifests({"livenessProbe": None, "readinessProbe": None, "config": None})
        self.assertEqual([key for key in pod(documents)["containers"][0] if "Probe" in key], [])
        self.assertEqual(comparable(of(documents, "ConfigMap")), comparable(of(manifests(), "ConfigMap")))
        probe = pod(manifests({"livenessProbe": {"periodSeconds": None, "timeoutSeconds": None}}))["containers"][0]["livenessProbe"]
        self.assertEqual(list(probe), ["httpGet"])

    def test_own_labels_replace_common_ones_but_none_that_select_pods(self):
        own = {"team": "b", "app.kubernetes.io/name": "other", "app.kubernetes.io/version": "2"}
        values = {
            "commonLabels": {"team": "a", "app.kubernetes.io/instance": "other"}, "podLabels": own, "service": {"labels": own},
            "podAnnotations": {"checksum/config": "none"}, "dashboards": {"enabled": True, "labels": own},
            "serviceMonitor": {"enabled": True, "additionalLabels": own}, "prometheusRule": {"enabled": True, "additionalLabels": own},
        }
        for shards in [1, 3]:
            documents = manifests({**values, "shards": shards})
            pods = [document["spec"]["template"] for document in of(documents, "StatefulSet" if shards > 1 else "Deployment")]
            self.assertRegex(pods[0]["metadata"]["annotations"]["checksum/config"], "^[0-9a-f]{64}$")
            dashboards = [document for document in of(documents, "ConfigMap") if "grafana_dashboard" in document["metadata"]["labels"]]
            with_own = [*pods, *dashboards, *(of(documents, kind)[0] for kind in ["Service", "ServiceMonitor", "PrometheusRule"])]
            for document in documents + pods:
                labels = document["metadata"]["labels"]
                self.assertEqual(labels["app.kubernetes.io/name"], "flashback-exporter")
                self.assertEqual(labels["app.kubernetes.io/instance"], "main")
                self.assertEqual(labels["team"], "b" if document in with_own else "a", document["kind"] if "kind" in document else "pod")
                self.assertEqual(labels["app.kubernetes.io/version"] == "2", document in with_own)

    def test_further_manifests_are_templates(self):
        further = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}}
        for manifest in [further, json.dumps(further)]:
            names = [document["metadata"]["name"] for document in manifests({"extraManifests": [manifest]})]
            self.assertIn("main-more", names)


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


class ValuesTests(unittest.TestCase):
    def test_the_schema_has_every_value_and_no_other(self):
        def keys(values, schema, path=""):
            for key in set(values) | set(schema["properties"]) - {"global"}:
                self.assertIn(key, schema["properties"], path)
                self.assertIn(key, values, path)
                if schema["properties"][key].get("additionalProperties") is False:
                    keys(values[key], schema["properties"][key], f"{path}{key}.")

        with helm_python.Chart.load(CHART) as chart:
            keys(chart.values, chart.schema)

    def test_mistakes_are_refused(self):
        mistakes = [
            ({"shard": 3}, "shard"),
            ({"shards": 0}, "shards"),
            ({"credentials": {"method": "refresh"}}, "method"),
            ({"credentials": {"passwort": "x"}}, "passwort"),
            ({"serviceMonitor": {"interval": "60"}}, "interval"),
            ({"image": {"digest": "latest"}}, "digest"),
            ({"livenessProbe": {"httpGet": {"path": "/"}}}, "httpGet"),
            ({"extraArgs": ["log.level=debug"]}, "extraArgs"),
            ({**OPERATOR, "fullnameOverride": "exporter"}, "does not contain \"flashback\""),
            ({"service": {"port": 80}}, "port"),
            (
                {"prometheusRule": {"enabled": True, "disabledAlerts": ["FlashbackTrafficDropped", "TrafficDropped"]}},
                "prometheusRule.disabledAlerts: there is no alert TrafficDropped",
            ),
            ({"config": {"web": {"listen-address": [":9000"]}}}, "web.listen-address cannot be set"),
            ({"extraArgs": ["--log.level=debug", "--web.listen-address=:9000"]}, "web.listen-address cannot be set"),
            ({"extraArgs": ["--web.telemetry-path=/x"]}, "set config.web.telemetry-path"),
            ({"config": {"accounts": [{"name": "a"}]}}, "credentials.method is password, but the accounts"),
            ({**REFRESH_TOKEN, "shards": 3, "persistence": {"existingClaim": "claim"}}, "existingClaim is for one shard"),
        ]
        for values, problem in mistakes:
            with self.subTest(problem), self.assertRaisesRegex(helm_python.HelmError, re.escape(problem)):
                rendered(values)

    def test_the_values_in_documents_are_right(self):
        found = 0
        for document in [CHART / "README.md", ROOT / "docs" / "kubernetes.md"]:
            for block in re.findall(r"^( *)```yaml\n(.*?)^ *```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
                text = textwrap.dedent(block[1])
                if text.startswith("# values.yaml\n"):
                    found += 1
                    report = helm_python.lint(CHART, yaml.safe_load(text))
                    self.assertEqual(report["errors"], [], document)
        self.assertEqual(found, 3)

    def test_the_readme_and_the_notes_name_the_secret(self):
        for method, keys in [("password", ["email", "password"]), ("token", ["token"]), ("refreshToken", ["refresh-token"])]:
            credentials = {"method": method, "existingSecret": "account"}
            notes = rendered({"credentials": credentials})["NOTES.txt"]
            for key in keys:
                self.assertRegex(notes, rf"create secret generic account --namespace monitoring .*--from-[a-z]+={key}=")
            self.assertIn(f"`{method}`", (CHART / "README.md").read_text(encoding="utf-8"))
        notes = rendered({**REFRESH_TOKEN, "shards": 2})["NOTES.txt"]
        self.assertIn("--from-file=refresh-token-0=FILE --from-file=refresh-token-1=FILE\n", notes)


class CredentialTests(unittest.TestCase):
    def test_the_exporter_takes_every_configuration(self):
        concurrency = {"flashback": {"concurrency": 8}}
        accounts = [{"name": key, "token-file": f"/run/secrets/flashback/{key}"} for key in ["a", "b"]]
        methods = [
            ("password", ["password"], concurrency),
            ("token", ["token"], concurrency),
            ("refreshToken", ["refresh-token"], concurrency),
            ("none", ["a", "b"], concurrency | {"accounts": accounts}),
        ]
        for method, keys, configuration in methods:
            with self.subTest(method), tempfile.TemporaryDirectory() as directory:
                documents = manifests({"credentials": {"method": method, "existingSecret": "own"}, "config": configuration})
                secrets = [volume["secret"]["secretName"] for volume in pod(documents)["volumes"] if "secret" in volume]
                self.assertEqual(secrets, ["own"])
                text = of(documents, "ConfigMap")[0]["data"]["flashback-exporter.yml"]
                for path in ["/run/secrets/flashback", "/var/lib/flashback-exporter"]:
                    text = text.replace(path, directory)
                for key in keys:
                    Path(directory, key).write_text("x" * 40, encoding="utf-8")
                file = Path(directory, "flashback-exporter.yml")
                file.write_text(text, encoding="utf-8")
                self.assertIn("concurrency: 8", text)
                environment = {variable["name"]: "a@example.com" for variable in pod(documents)["containers"][0].get("env", [])}
                check = exporter(f"--config.file={file}", "--config.check", environment=environment)
                self.assertEqual(check.returncode, 0, check.stderr)

    def test_each_pod_takes_over_its_refresh_token_once(self):
        for shards, secret in [(1, "flashback_refresh-token"), (3, "1/flashback_refresh-token")]:
            with self.subTest(shards), tempfile.TemporaryDirectory() as directory:
                documents = manifests({**REFRESH_TOKEN, "shards": shards})
                items = next(volume for volume in pod(documents)["volumes"] if volume["name"] == "secret")["secret"]["items"]
                self.assertIn(secret, [item["path"] for item in items])
                container = pod(documents)["initContainers"][0]
                given, used = Path(directory, "run", secret), Path(directory, "state", "refresh-token")
                script = Path(directory, "etc", "adopt-refresh-token")
                for file in [given, used, script]:
                    file.parent.mkdir(parents=True, exist_ok=True)
                script.write_text(of(documents, "ConfigMap")[0]["data"]["adopt-refresh-token"], encoding="utf-8")

                def here(text):
                    places = {"/run/secrets/flashback": "run", "/var/lib/flashback-exporter": "state"}
                    for place, name in (places | {"/etc/flashback-exporter": "etc"}).items():
                        text = text.replace(place, f"{directory}/{name}")
                    return text

                environment = {variable["name"]: here(variable["value"]) for variable in container["env"]}
                environment |= {"HOSTNAME": "main-flashback-exporter-1", "PATH": os.environ["PATH"]}

                def start():
                    subprocess.run([here(word) for word in container["command"]], env=environment, check=True)
                    return used.read_text(encoding="utf-8")

                given.write_text("first", encoding="utf-8")
                self.assertEqual(start(), "first")
                used.write_text("rotated", encoding="utf-8")
                self.assertEqual(start(), "rotated")
                given.write_text("second", encoding="utf-8")
                self.assertEqual(start(), "second")


if __name__ == "__main__":
    unittest.main()
