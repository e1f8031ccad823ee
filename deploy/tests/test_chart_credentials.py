"""The credentials that the Helm chart passes to the exporter, which the variable EXPORTER names."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from chart import REFRESH_TOKEN, exporter, manifests, of, pod


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
