"""Checks of deploy/compose.yaml and grafana/provisioning that need neither Docker nor Grafana."""

import re
import unittest

import yaml

from checks import dashboards
from checks.project import ROOT

COMPOSE = ROOT / "deploy" / "compose.yaml"


class ComposeTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]

    def test_services(self):
        self.assertEqual(sorted(self.services), ["alertmanager", "exporter", "grafana", "prometheus"])
        self.assertEqual(self.services["exporter"]["command"], ["demo"])
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertNotIn("privileged", service)
                self.assertNotIn("network_mode", service)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertTrue(service["healthcheck"]["test"])
                for dependency in service.get("depends_on", {}):
                    self.assertIn(dependency, self.services)

    def test_images_are_pinned(self):
        pulled = [service["image"] for service in self.services.values() if "image" in service]
        dockerfile = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
        pulled += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
        self.assertEqual(len(pulled), 5)
        for image in pulled:
            # The program's base names its release only: rebuilding the image brings security updates.
            version = r"\d+" if image == "debian:12-slim" else r"\d+\.\d+"
            self.assertRegex(image, rf"^[a-z/]+:v?{version}[-.a-z0-9]*$")

    def test_ports_are_published_on_this_machine_only(self):
        for name, service in self.services.items():
            self.assertTrue(service["ports"], name)
            for port in service["ports"]:
                self.assertRegex(port, r"^127\.0\.0\.1:\d+:\d+$")

    def test_mounted_files_exist(self):
        mounted = [volume.split(":") for service in self.services.values() for volume in service.get("volumes", [])]
        mounted = [volume for volume in mounted if volume[0].startswith(".")]
        self.assertTrue(mounted)
        for volume in mounted:
            self.assertTrue((COMPOSE.parent / volume[0]).exists(), volume[0])
            self.assertEqual(volume[2:], ["ro"], f"{volume[0]} could be written to")

    def test_files_that_the_dockerfile_copies_exist(self):
        dockerfile = (ROOT / self.services["exporter"]["build"]["dockerfile"]).read_text(encoding="utf-8")
        ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8")
        sources = re.findall(r"^COPY (?!--from)(\S+)", dockerfile, re.MULTILINE)
        self.assertTrue(sources)
        for source in sources:
            self.assertTrue((ROOT / source).exists(), source)
            self.assertIn(f"\n!{source}\n", ignored)

    def test_prometheus_finds_the_rules_and_the_services(self):
        configuration = yaml.safe_load((ROOT / "deploy" / "compose" / "prometheus.yml").read_text(encoding="utf-8"))
        self.assertEqual(configuration["rule_files"], ["rules/*.yml"])
        self.assertIn("../prometheus/rules:/etc/prometheus/rules:ro", self.services["prometheus"]["volumes"])
        targets = [
            target
            for place in configuration["scrape_configs"] + configuration["alerting"]["alertmanagers"]
            for group in place["static_configs"]
            for target in group["targets"]
        ]
        for target in targets:
            service, _, port = target.partition(":")
            self.assertIn(f"127.0.0.1:{port}:{port}", self.services[service]["ports"])


class ProvisioningTests(unittest.TestCase):
    def read(self, name: str) -> dict:
        return yaml.safe_load((ROOT / "grafana" / "provisioning" / name).read_text(encoding="utf-8"))

    def test_grafana_needs_one_mount_only(self):
        grafana = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["grafana"]
        self.assertIn("../grafana:/etc/flashback-grafana:ro", grafana["volumes"])
        self.assertEqual(grafana["environment"]["GF_PATHS_PROVISIONING"], "/etc/flashback-grafana/provisioning")
        (provider,) = self.read("dashboards/flashback.yaml")["providers"]
        self.assertEqual(provider["options"]["path"], "/etc/flashback-grafana/dashboards")
        home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertTrue((dashboards.DIRECTORY / home.rpartition("/")[2]).exists())

    def test_environment_sets_the_data_source(self):
        (source,) = self.read("datasources/prometheus.yaml")["datasources"]
        self.assertEqual((source["type"], source["url"]), ("prometheus", "${PROMETHEUS_URL}"))
        self.assertEqual(source["jsonData"]["timeInterval"], "1m")
