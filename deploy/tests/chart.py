"""The Helm chart and the kustomizations, as Helm and kubectl render them."""

import os
import re
import subprocess
from pathlib import Path

import helm_python
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
CHART = ROOT / "deploy" / "helm" / "flashback-exporter"
RULES = sorted((ROOT / "prometheus" / "rules").glob("*.rules.yml"))
DASHBOARDS = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))

# The parser in C is ten times as fast, where PyYAML has it.
class StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Refuses duplicate keys, of which YAML allows none."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise yaml.constructor.ConstructorError(None, None, f"duplicate keys among {keys}", node.start_mark)
        return super().construct_mapping(node, deep)

# Values that many tests use.
OPERATOR = {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}
REFRESH_TOKEN = {"credentials": {"method": "refreshToken"}}

# What Helm adds to labels and annotations, and what Kubernetes would add to manifests without it.
ADDED = {"helm.sh/chart", "app.kubernetes.io/managed-by", "checksum/config"}
DEFAULTS = {("imagePullPolicy", "IfNotPresent"), ("revisionHistoryLimit", 10)}


def rendered(values=None, name="main", namespace="monitoring", chart=CHART) -> dict[str, str]:
    """What Helm renders, by the names of the templates."""
    with helm_python.Chart.load(chart) as loaded:
        # As an installation does; rendering alone does not look at the schema.
        loaded.validate_schema(values or {})
        texts = loaded.render(values or {}, name=name, namespace=namespace)
    return {path.rpartition("/")[2]: text for path, text in texts.items()}


def manifests(values=None, **release) -> list[dict]:
    texts = rendered(values, **release)
    texts.pop("NOTES.txt")
    return [document for text in texts.values() for document in yaml.load_all(text, StrictLoader) if document]


def kustomized(*directories: str) -> list[dict]:
    """What kubectl renders of directories in deploy/kubernetes. ConfigMaps lose the hash at the end of their names."""
    kubectl = os.environ.get("KUBECTL") or "kubectl"
    documents = []
    for directory in directories:
        path = ROOT / "deploy" / "kubernetes" / directory
        text = subprocess.run([kubectl, "kustomize", path], check=True, capture_output=True, text=True).stdout
        for name in re.findall(r"^  name: (\S+-[a-z0-9]{10})$", text, re.MULTILINE):
            text = text.replace(name, name[:-11])
        documents += yaml.load_all(text, StrictLoader)
    return documents


def comparable(documents: list[dict]) -> dict[tuple[str, str], dict]:
    """Manifests by kind and name, without what depends on whether Helm or kustomize rendered them."""
    return {(document["kind"], document["metadata"]["name"]): _comparable(document) for document in documents}


def _comparable(document: dict) -> dict:
    document = _without_additions(document)
    document["metadata"].pop("namespace", None)
    if document["kind"] == "PrometheusRule":
        # In a cluster without Helm no instance of the exporter owns the rules.
        document["metadata"]["labels"].pop("app.kubernetes.io/instance", None)
    if document["kind"] == "ConfigMap":
        document["data"] = {name: yaml.safe_load(text) for name, text in document["data"].items()}
    return document


def _without_additions(value):
    if isinstance(value, list):
        return [_without_additions(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        key: _without_additions(item) for key, item in value.items()
        if key not in ADDED and not (isinstance(item, (int, str)) and (key, item) in DEFAULTS)
    }
    return {key: item for key, item in kept.items() if not (key == "annotations" and item == {} and value[key])}


def of(documents, kind):
    return [document for document in documents if document["kind"] == kind]


def pod(documents):
    return next(document for document in documents if "template" in document.get("spec", {}))["spec"]["template"]["spec"]


def exporter(*arguments, environment=None):
    return subprocess.run(
        [os.environ["EXPORTER"], *arguments], capture_output=True, text=True, env=environment or {}, check=False)
