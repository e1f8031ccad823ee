"""What values of the Helm chart change, and which are refused."""

import json
import re
import textwrap
import unittest

import helm_python
import yaml

from chart import CHART, OPERATOR, REFRESH_TOKEN, ROOT, comparable, manifests, of, pod, rendered
from check_manifests import Manifests


class OptionTests(unittest.TestCase):
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
        values = {"web": {"existingSecret": "web", "scheme": "HTTPS", "requiresClientCertificate": True}}
        container = pod(manifests(values))["containers"][0]
        self.assertEqual(container["livenessProbe"], {"tcpSocket": {"port": "metrics"}, "periodSeconds": 30, "timeoutSeconds": 5})
        self.assertEqual(container["readinessProbe"], {"tcpSocket": {"port": "metrics"}, "periodSeconds": 5, "timeoutSeconds": 5})

    def test_null_removes_defaults(self):
        rule = {"enabled": True, "additionalRuleLabels": None, "disabledAlerts": None}
        self.assertEqual(of(manifests({"prometheusRule": rule}), "PrometheusRule"), of(manifests(OPERATOR), "PrometheusRule"))
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

    def test_options_of_the_pod_reach_it(self):
        container = {"name": "own", "image": "own:1.0.0"}
        values = {
            "envFrom": [{"secretRef": {"name": "proxy"}}], "extraContainers": [container],
            "extraInitContainers": [{**container, "name": "first"}], "terminationGracePeriodSeconds": 0,
            "dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.53"]},
            "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["api.example.com"]}],
        }
        for shards, kind, strategy in [(1, "Deployment", "strategy"), (3, "StatefulSet", "updateStrategy")]:
            rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}
            workload = of(manifests({**values, "shards": shards, "updateStrategy": rolling}), kind)[0]
            checked = Manifests([workload])
            checked.check_schema(workload)
            self.assertEqual(checked.problems, [])
            self.assertEqual(workload["spec"][strategy], rolling)
            rendered_pod = workload["spec"]["template"]["spec"]
            self.assertEqual([container["name"] for container in rendered_pod["containers"]], ["exporter", "own"])
            self.assertEqual([container["name"] for container in rendered_pod["initContainers"]], ["first"])
            self.assertEqual(rendered_pod["containers"][0]["envFrom"], values["envFrom"])
            for key in ["terminationGracePeriodSeconds", "dnsPolicy", "dnsConfig", "hostAliases"]:
                self.assertEqual(rendered_pod[key], values[key])
        names = [each["name"] for each in pod(manifests({**values, **REFRESH_TOKEN}))["initContainers"]]
        self.assertEqual(names, ["first", "adopt-refresh-token"])

    def test_the_class_of_a_volume_may_be_none(self):
        for chosen, rendered_class in [("", None), ("-", ""), ("fast", "fast")]:
            claim = of(manifests({**REFRESH_TOKEN, "persistence": {"storageClass": chosen}}), "PersistentVolumeClaim")[0]
            self.assertEqual(claim["spec"].get("storageClassName"), rendered_class)

    def test_options_of_the_monitoring_reach_it(self):
        job = "app.kubernetes.io/name"
        values = {
            "enabled": True, "annotations": {"a": "b"}, "interval": "", "scrapeTimeout": "", "jobLabel": job, "targetLabels": [job],
            "params": {"collect[]": ["status", "buckets"]}, "sampleLimit": 2_000_000,
        }
        monitor = of(manifests({"serviceMonitor": values}), "ServiceMonitor")[0]
        self.assertEqual(monitor["metadata"]["annotations"], {"a": "b"})
        for key in ["jobLabel", "targetLabels", "sampleLimit"]:
            self.assertEqual(monitor["spec"][key], values[key])
        self.assertEqual(sorted(monitor["spec"]["endpoints"][0]), ["params", "port", "relabelings"])
        self.assertEqual(monitor["spec"]["endpoints"][0]["params"], values["params"])
        own = {"team": "storage", "severity": "none"}
        groups = of(manifests({"prometheusRule": {"enabled": True, "additionalRuleLabels": own}}), "PrometheusRule")[0]["spec"]["groups"]
        for rule in [rule for group in groups for rule in group["rules"]]:
            if "alert" in rule:
                self.assertEqual(rule["labels"]["team"], "storage")
                self.assertIn(rule["labels"]["severity"], ["critical", "warning", "info"])
            else:
                self.assertNotIn("team", rule.get("labels", {}))

    def test_further_manifests_are_templates(self):
        further = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-more"}}
        for manifest in [further, json.dumps(further)]:
            names = [document["metadata"]["name"] for document in manifests({"extraManifests": [manifest]})]
            self.assertIn("main-more", names)


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
            ({"serviceMonitor": {"jobLabel": "app.kubernetes.io/instance"}}, "serviceMonitor.jobLabel: the Service's label"),
            ({**REFRESH_TOKEN, "updateStrategy": {"type": "RollingUpdate"}}, "updateStrategy is not for a single exporter"),
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
        self.assertIn(" https://localhost:10420:\n", rendered({"web": {"scheme": "HTTPS"}})["NOTES.txt"])
        notes = rendered({**REFRESH_TOKEN, "shards": 2})["NOTES.txt"]
        self.assertIn(" http://localhost:10420:\n", notes)
        self.assertIn("--from-file=refresh-token-0=FILE --from-file=refresh-token-1=FILE\n", notes)


if __name__ == "__main__":
    unittest.main()
