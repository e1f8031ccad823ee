import Foundation
import TestTools
import Testing

@Suite(.timeLimit(.minutes(10))) struct KubernetesTests {
    static let variants = ["single", "sharded"]

    /// A rendered variant, together with the rules.
    private func rendered(_ variant: String) async throws -> String {
        let directory = RepositoryFile("deploy/kubernetes").path
        return try await Kustomization.rendered("\(directory)/\(variant)") + "---\n"
            + Kustomization.rendered("\(directory)/rules")
    }

    private func problems(of manifests: String) async throws -> String {
        try await Kustomization.problems(of: manifests, rules: RuleFile.all().map(\.file.path))
    }

    @Test(arguments: variants)
    func renderedManifestsAreConsistentRestrictedAndCurrent(_ variant: String) async throws {
        #expect(try await problems(of: try await rendered(variant)) == "")
    }

    @Test(arguments: variants)
    func clusterWithoutTheOperatorGetsACompleteDeployment(_ variant: String) async throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: directory.path("kubernetes"), withDestinationPath: RepositoryFile("deploy/kubernetes").url.standardized.path()
        )
        let text = "resources: [../kubernetes/\(variant)]\ncomponents: [../kubernetes/without-operator]\n"
        _ = try directory.made("own")
        try directory.write(text, to: "own/kustomization.yaml")
        let manifests = try await Kustomization.rendered(directory.path("own"))
        #expect(try await Kustomization.problems(of: manifests, hasOperator: false) == "")
        #expect(try await Kustomization.problems(of: manifests).contains("0 of ServiceMonitor"))
    }

    /// A mistake, and the problem that the checks report for it.
    struct Mistake: CustomTestStringConvertible {
        let variant: String
        let text: String
        let replacement: String
        let problem: String

        init(_ text: String, _ replacement: String, _ problem: String, in variant: String = "single") {
            (self.text, self.replacement, self.problem, self.variant) = (text, replacement, problem, variant)
        }

        var testDescription: String { problem }
    }

    static let mistakes = [
        Mistake("runAsNonRoot: true", "runAsNonRoot: false", "runAsNonRoot is not true"),
        Mistake("runAsUser: 65534", "runAsUser: 0", "runAsUser is root"),
        Mistake("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "readOnlyRootFilesystem is not true"),
        Mistake("automountServiceAccountToken: false", "automountServiceAccountToken: true", "a token of the cluster"),
        Mistake("type: RuntimeDefault", "type: Unconfined", "seccompProfile is not RuntimeDefault"),
        Mistake("- ALL", "- CHOWN", "not all capabilities are dropped"),
        Mistake("path: /-/healthy", "path: /healthy", "the livenessProbe does not ask /-/healthy"),
        Mistake("targetPort: metrics", "targetPort: web", "the Service leads to a port web"),
        Mistake("- port: metrics\n      protocol: TCP", "- port: 9090\n      protocol: TCP", "the NetworkPolicy opens {9090}"),
        Mistake("secretName: flashback-exporter", "secretName: token", "the pod reads unknown Secrets"),
        Mistake("mountPath: /etc/flashback-exporter", "mountPath: /etc/exporter", "is not in a volume"),
        Mistake("action: labeldrop", "action: labelkeep", "the operator's label endpoint displaces that of metrics"),
        Mistake("regex: endpoint", "regex: endpoint|pod", "the ServiceMonitor drops the label pod"),
        Mistake("kind: ServiceMonitor", "kind: PodMonitor", "0 of ServiceMonitor"),
        Mistake("app.kubernetes.io/instance: main", "app.kubernetes.io/part-of: main", "the Service selects every account's"),
        Mistake("replicas: 1", "replica: 1", "Deployment"),
        Mistake("clusterIP: None", "clusterIP: 10.0.0.1", "the shards have no Service without an address", in: "sharded"),
        Mistake(
            "key: email\n              name: flashback-exporter", "key: email\n              name: other",
            "the pod reads unknown Secrets"),
        Mistake("serviceAccountName: flashback-exporter", "serviceAccountName: other", "the pod's ServiceAccount is not there"),
        Mistake("app.kubernetes.io/version:", "version:", "no label ['app.kubernetes.io/version']"),
        Mistake("kind: PodDisruptionBudget", "kind: Role", "0 of PodDisruptionBudget, not 1", in: "sharded"),
        Mistake(
            "app.kubernetes.io/name: flashback-exporter\n        maxSkew", "app.kubernetes.io/name: other\n        maxSkew",
            "the topology spread selects other pods", in: "sharded"),
        Mistake("replicas: 3", "replicas: 4", "--shard.total is not the number of replicas", in: "sharded"),
        Mistake("alert: FlashbackBucketUnreachable", "alert: BucketLost", "other groups than the files of rules"),
    ]

    @Test(arguments: mistakes)
    func manifestChecksFindMistakes(_ mistake: Mistake) async throws {
        let manifests = try await rendered(mistake.variant)
        let broken = manifests.replacing(mistake.text, with: mistake.replacement)
        #expect(broken != manifests, "the manifests do not contain \(mistake.text)")
        #expect(try await problems(of: broken).contains(mistake.problem))
    }

    @Test func exporterAcceptsTheConfigMap() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("secret", to: "password")
        let configuration = try RepositoryFile("deploy/kubernetes/base/flashback-exporter.yml").text()
        let file = try directory.write(
            configuration.replacing("/run/secrets/flashback", with: directory.path()), to: "flashback-exporter.yml")
        let check = try await RunningProcess.finished(
            Program.exporter, ["--config.file=\(file)", "--config.check"],
            environment: ["FLASHBACK_EXPORTER_FLASHBACK_EMAIL": "prometheus@example.com"])
        #expect(check.end == .status(0), "\(check.errorText)")
    }

    @Test func prometheusRuleIsUpToDate() async throws {
        let script = try await RunningProcess.finished(
            URL(filePath: RepositoryFile("scripts/prometheus-rule.sh").path), [])
        let file = try RepositoryFile("deploy/kubernetes/rules/prometheusrule.yaml").text()
        #expect(script.outputText == file, "run ./scripts/update-docs.sh and commit the changes")
    }
}
