"""Checks manifests as kustomize or Helm renders them: python3 check_manifests.py RENDERED [OPTION…]

With --rules they contain the PrometheusRule of these files, without it none. With --beside they are those of another account,
in the same namespace as the exporter that the other manifests describe. With --without-operator they contain no kind of the Prometheus
operator. Prints each problem on a line, and ends with status 1 if there is one.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import kubernetes_validate
import yaml

# The oldest version of Kubernetes that its makers still maintained when this was written.
KUBERNETES = "1.33"
# What the cluster must bring, by kinds; everything else is Kubernetes' own.
OPERATOR_KINDS = {"PrometheusRule": "monitoring.coreos.com/v1", "ServiceMonitor": "monitoring.coreos.com/v1"}
# What the operator labels the targets of a ServiceMonitor with, besides "instance". Metrics with such a label of their own lose it to
# "exported_…".
TARGET_LABELS = {"container", "endpoint", "job", "namespace", "pod", "service"}
METRICS = Path(__file__).resolve().parent.parent.parent / "docs" / "metrics.json"
WORKLOADS = {"Deployment", "StatefulSet"}
# What Kubernetes' restricted profile lets a pod mount and these pods need.
VOLUMES = {"configMap", "persistentVolumeClaim", "secret"}
# What distinguishes the exporters of several accounts.
INSTANCE = "app.kubernetes.io/instance"
# What Grafana's sidecar finds dashboards by.
DASHBOARD = "grafana_dashboard"


class Manifests:
    def __init__(self, documents):
        self.documents = documents
        self.problems = []

    def expect(self, condition, problem):
        if not condition:
            self.problems.append(problem)

    def of(self, *kinds):
        return [document for document in self.documents if document["kind"] in kinds]

    def configurations(self):
        return [document for document in self.of("ConfigMap") if DASHBOARD not in document["metadata"].get("labels", {})]

    def check(self, rule_files=(), other=None, operator=True):
        seen = set()
        for document in self.documents:
            identity = (document.get("kind"), document.get("metadata", {}).get("name"))
            self.expect(all(identity), f"{identity}: no kind or no name")
            self.expect(identity not in seen, f"{identity}: is there twice")
            seen.add(identity)
            self.check_schema(document)
            self.check_labels(document)
        counts = {
            "NetworkPolicy": 1,
            "PodDisruptionBudget": len(self.of("StatefulSet")),
            "PrometheusRule": 1 if rule_files else 0,
            "Service": 1,
            "ServiceAccount": 1,
            "ServiceMonitor": 1 if operator else 0,
        }
        for kind, count in counts.items():
            self.expect(len(self.of(kind)) == count, f"{len(self.of(kind))} of {kind}, not {count}")
        self.expect(len(self.configurations()) == 1, f"{len(self.configurations())} of ConfigMap, not 1")
        self.expect(operator or not self.of(*OPERATOR_KINDS), "kinds of the operator are there")
        self.expect(len(self.of(*WORKLOADS)) == 1, "not one workload")
        for workload in self.of(*WORKLOADS):
            self.check_workload(workload)
        self.check_rules(rule_files)
        for kind, selector in self.selectors():
            self.expect(INSTANCE in selector.get("matchLabels", {}), f"the {kind} selects every account's exporter")
        if other:
            self.check_beside(other)

    def selectors(self):
        """What selects pods or Services of one exporter, with the kind that does."""
        for document in self.of("NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceMonitor", *WORKLOADS):
            selector = document["spec"]["podSelector" if document["kind"] == "NetworkPolicy" else "selector"]
            yield document["kind"], {"matchLabels": selector} if document["kind"] == "Service" else selector
        for workload in self.of(*WORKLOADS):
            for constraint in workload["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
                yield "topology spread", constraint["labelSelector"]

    def labels(self):
        """The labels of what is selected: pods by all but ServiceMonitors, which select Services."""
        pods = [workload["spec"]["template"]["metadata"]["labels"] for workload in self.of(*WORKLOADS)]
        return pods, [service["metadata"].get("labels", {}) for service in self.of("Service")]

    def secrets(self):
        """The names of the Secrets that the pods mount or take variables from."""
        pods = [workload["spec"]["template"]["spec"] for workload in self.of(*WORKLOADS)]
        mounted = {volume["secret"]["secretName"] for pod in pods for volume in pod["volumes"] if "secret" in volume}
        sources = [
            variable["valueFrom"] for pod in pods for container in pod["containers"]
            for variable in container.get("env", []) if "valueFrom" in variable
        ]
        return mounted | {source["secretKeyRef"]["name"] for source in sources if "secretKeyRef" in source}

    def check_labels(self, document):
        labels = document["metadata"].get("labels", {})
        wanted = {"app.kubernetes.io/name", "app.kubernetes.io/version"}
        # The rules are those of all instances.
        wanted |= set() if document["kind"] == "PrometheusRule" else {INSTANCE}
        self.expect(wanted <= set(labels), f"{document['kind']}: no label {sorted(wanted - set(labels))}")

    def check_beside(self, other):
        """Two exporters in one namespace have nothing in common, and each selects what is its own."""
        both = {(document["kind"], document["metadata"]["name"]) for document in self.documents} & {
            (document["kind"], document["metadata"]["name"]) for document in other.documents
        }
        self.expect(not both, f"both accounts have {sorted(both)}")
        for ours, theirs in [(self, other), (other, self)]:
            pods, services = theirs.labels()
            for kind, selector in ours.selectors():
                selected = [labels for labels in (services if kind == "ServiceMonitor" else pods) if selects(selector, labels)]
                self.expect(not selected, f"a {kind} selects what belongs to the other account")
        for secret in sorted(self.secrets() & other.secrets()):
            self.problems.append(f"both accounts read the Secret {secret}")

    def check_schema(self, document):
        kind = document["kind"]
        if kind in OPERATOR_KINDS:
            self.expect(document["apiVersion"] == OPERATOR_KINDS[kind], f"{kind}: apiVersion {document['apiVersion']}")
            return
        try:
            kubernetes_validate.validate(document, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            self.problems.append(f"{kind}: {'.'.join(str(part) for part in error.path)}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError:
            self.problems.append(f"{kind}: {document['apiVersion']} has no such kind")

    def check_workload(self, workload):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        pod = workload["spec"]["template"]["spec"]
        containers = pod["containers"] + pod.get("initContainers", [])
        ports = {port["name"] for container in pod["containers"] for port in container["ports"]}
        accounts = {account["metadata"]["name"] for account in self.of("ServiceAccount")}
        self.expect(pod.get("serviceAccountName") in accounts, "the pod's ServiceAccount is not there")
        self.check_restrictions(pod, containers)
        for container in containers:
            self.check_resources(container)
        for container in pod["containers"]:
            self.check_probes(container, ports)
        self.check_volumes(pod, workload)
        for kind, selector in self.selectors():
            if kind != "ServiceMonitor":
                self.expect(selects(selector, labels), f"the {kind} selects other pods")
        self.check_network(ports)
        if workload["kind"] == "StatefulSet":
            self.check_shards(workload)

    def check_restrictions(self, pod, containers):
        """Kubernetes' restricted profile, and a little more."""
        for key in ["hostNetwork", "hostPID", "hostIPC"]:
            self.expect(not pod.get(key), f"{key} is on")
        self.expect(pod.get("automountServiceAccountToken") is False, "the pod gets a token of the cluster")
        context = pod.get("securityContext", {})
        self.expect(context.get("runAsNonRoot") is True, "runAsNonRoot is not true")
        self.expect(context.get("runAsUser", 0) > 0, "runAsUser is root or missing")
        self.expect(context.get("seccompProfile") == {"type": "RuntimeDefault"}, "seccompProfile is not RuntimeDefault")
        for container in containers:
            context = container.get("securityContext", {})
            self.expect(context.get("allowPrivilegeEscalation") is False, "allowPrivilegeEscalation is not false")
            self.expect(context.get("readOnlyRootFilesystem") is True, "readOnlyRootFilesystem is not true")
            self.expect(context.get("capabilities") == {"drop": ["ALL"]}, "not all capabilities are dropped")
            self.expect(not context.get("privileged"), "privileged is on")

    def check_probes(self, container, ports):
        for probe, path in {"livenessProbe": "/-/healthy", "readinessProbe": "/-/ready"}.items():
            request = container.get(probe, {}).get("httpGet", {})
            self.expect(request.get("path") == path, f"the {probe} does not ask {path}")
            self.expect(request.get("port") in ports, f"the {probe} asks a port that the pod does not have")

    def check_resources(self, container):
        self.expect(re.search(r":\d+\.\d+\.\d+$", container["image"]), f"the image {container['image']} names no version")
        resources = container.get("resources", {})
        self.expect({"cpu", "memory"} <= set(resources.get("requests", {})), "no requests for processor and memory")
        self.expect("memory" in resources.get("limits", {}), "no limit of memory")

    def check_volumes(self, pod, workload):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        configurations = {document["metadata"]["name"] for document in self.configurations()}
        claims = {document["metadata"]["name"] for document in self.of("PersistentVolumeClaim")}
        # Each pod of a StatefulSet has its own volumes of these.
        templates = {template["metadata"]["name"] for template in workload["spec"].get("volumeClaimTemplates", [])}
        for name, volume in volumes.items():
            self.expect(set(volume) - {"name"} <= VOLUMES, f"the volume {name} is of another kind")
            if "configMap" in volume:
                self.expect(volume["configMap"]["name"] in configurations, f"the volume {name} is of no ConfigMap that is there")
            if "persistentVolumeClaim" in volume:
                self.expect(volume["persistentVolumeClaim"]["claimName"] in claims, f"the volume {name} is of no claim that is there")
        # The user creates it, with the exporter's name.
        unknown = self.secrets() - {workload["metadata"]["name"]}
        self.expect(not unknown, f"the pod reads unknown Secrets: {sorted(unknown)}")
        writable = templates | {name for name, volume in volumes.items() if "persistentVolumeClaim" in volume}
        containers = pod["containers"] + pod.get("initContainers", [])
        mounted = {mount["name"] for container in containers for mount in container["volumeMounts"]}
        self.expect(mounted == set(volumes) | templates, "the volumes are not those that are mounted")
        for container in containers:
            for mount in container["volumeMounts"]:
                self.expect(mount.get("readOnly") or mount["name"] in writable, "a volume can be written to")
        for container in pod["containers"]:
            paths = [mount["mountPath"] for mount in container["volumeMounts"]]
            named = [match[1] for argument in container["args"] if (match := re.match(r"--[a-z.-]+=(/.+)", argument))]
            self.expect(named, "no file is named in the arguments")
            for path in named:
                directory, _, name = path.rpartition("/")
                self.expect(directory in paths, f"{path} is not in a volume")
                self.expect(any(name in document["data"] for document in self.of("ConfigMap")), f"{path} is in no ConfigMap")

    def check_network(self, ports):
        for service in self.of("Service"):
            for port in service["spec"]["ports"]:
                self.expect(port["targetPort"] in ports, f"the Service leads to a port {port['targetPort']} that is not there")
        for monitor in self.of("ServiceMonitor"):
            chosen = [
                service for service in self.of("Service")
                if selects(monitor["spec"]["selector"], service["metadata"].get("labels", {}))
            ]
            self.expect(len(chosen) == 1, f"the ServiceMonitor selects {len(chosen)} Services")
            names = {port["name"] for service in chosen for port in service["spec"]["ports"]}
            for endpoint in monitor["spec"]["endpoints"]:
                self.expect(endpoint["port"] in names, f"the ServiceMonitor asks a port {endpoint['port']} that is not there")
                self.check_target_labels(endpoint)
            # The rules look for this job.
            self.expect(all("flashback" in service["metadata"]["name"] for service in chosen), "the job is not named flashback")
        for policy in self.of("NetworkPolicy"):
            spec = policy["spec"]
            self.expect(set(spec["policyTypes"]) == {"Ingress", "Egress"}, "the NetworkPolicy leaves a direction open")
            incoming = {port["port"] for rule in spec["ingress"] for port in rule["ports"]}
            self.expect(incoming == ports, f"the NetworkPolicy opens {incoming}")
            self.expect(all(rule.get("from") for rule in spec["ingress"]), "the NetworkPolicy lets everybody in")
            outgoing = {(port["port"], port["protocol"]) for rule in spec["egress"] for port in rule["ports"]}
            self.expect(outgoing == {(53, "UDP"), (53, "TCP"), (443, "TCP")}, f"the NetworkPolicy lets out to {outgoing}")

    def check_target_labels(self, endpoint):
        dropped = [
            relabeling["regex"] for relabeling in endpoint.get("relabelings", []) if relabeling.get("action") == "labeldrop"
        ]
        own = metric_labels()
        for label in sorted(TARGET_LABELS):
            is_dropped = any(re.fullmatch(pattern, label) for pattern in dropped)
            if label in own:
                self.expect(is_dropped, f"the operator's label {label} displaces that of metrics")
            else:
                self.expect(not is_dropped, f"the ServiceMonitor drops the label {label}")

    def check_shards(self, workload):
        services = {service["metadata"]["name"]: service for service in self.of("Service")}
        service = services.get(workload["spec"]["serviceName"], {"spec": {}})
        self.expect(service["spec"].get("clusterIP") == "None", "the shards have no Service without an address")
        arguments = workload["spec"]["template"]["spec"]["containers"][0]["args"]
        self.expect(f"--shard.total={workload['spec']['replicas']}" in arguments, "--shard.total is not the number of replicas")
        self.expect("--shard.index=hostname" in arguments, "the shards do not know which they are")

    def check_rules(self, files):
        groups = [group for file in files for group in load(file)[0]["groups"]]
        for rule in self.of("PrometheusRule"):
            self.expect(rule["spec"]["groups"] == groups, "the PrometheusRule has other groups than the files of rules")


def selects(selector, labels):
    wanted = selector.get("matchLabels", {})
    return bool(wanted) and all(labels.get(name) == value for name, value in wanted.items())


def metric_labels():
    """The labels that the exporter's metrics have."""
    families = json.loads(METRICS.read_text(encoding="utf-8"))["families"]
    return {label for family in families for label in family["labels"]}


def load(path):
    with open(path, encoding="utf-8") as file:
        # The parser in C is ten times as fast, where PyYAML has it.
        return list(yaml.load_all(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rendered")
    parser.add_argument("--rules", nargs="+", default=[])
    parser.add_argument("--beside")
    parser.add_argument("--without-operator", action="store_true")
    arguments = parser.parse_args()
    manifests = Manifests(load(arguments.rendered))
    other = Manifests(load(arguments.beside)) if arguments.beside else None
    manifests.check(arguments.rules, other, operator=not arguments.without_operator)
    print("\n".join(manifests.problems))
    sys.exit(1 if manifests.problems else 0)


if __name__ == "__main__":
    main()
