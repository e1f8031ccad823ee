internal import FoundationEssentials

/// The environment variables of the process.
enum ProcessEnvironment {
    static var current: [String: String] { ProcessInfo.processInfo.environment }
}
