import Foundation
import TestTools
import Testing

/// Directories of manifests, as kubectl and the checks of `deploy/tests` see them.
enum Kustomization {
    /// The manifests that kubectl renders from a directory.
    static func rendered(_ directory: String) async throws -> String {
        let kubectl = try await RunningProcess.finished(try Program.kubectl(), ["kustomize", directory])
        #expect(kubectl.end == .status(0), "\(kubectl.errorText)")
        return kubectl.outputText
    }

    /// The findings of the checks of manifests.
    /// - Parameters:
    ///   - rules: the paths of rule files that belong to the manifests.
    ///   - other: the manifests of another account in the same namespace.
    ///   - hasOperator: whether the manifests contain the kinds of the Prometheus operator.
    static func problems(
        of manifests: String, rules: [String] = [], beside other: String? = nil, hasOperator: Bool = true
    ) async throws -> String {
        let directory = try TemporaryDirectory()
        var arguments = [
            RepositoryFile("deploy/tests/check_manifests.py").path, try directory.write(manifests, to: "rendered.yaml"),
        ]
        if let other { arguments += ["--beside", try directory.write(other, to: "other.yaml")] }
        if !hasOperator { arguments.append("--without-operator") }
        if !rules.isEmpty { arguments += ["--rules"] + rules }
        let checks = try await Python.finished(arguments)
        let hasProblems = checks.outputText != "\n"
        #expect(checks.end == .status(hasProblems ? 1 : 0), "\(checks.errorText)")
        return checks.outputText.trimmingCharacters(in: .newlines)
    }
}
