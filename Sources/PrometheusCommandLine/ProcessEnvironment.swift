internal import FoundationEssentials

/// The environment variables of the process.
package enum ProcessEnvironment {
    package static var current: [String: String] { ProcessInfo.processInfo.environment }
}
