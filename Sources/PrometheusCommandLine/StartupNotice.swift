internal import ServiceLifecycle

/// Says that a program has started once its services run: only then does a signal stop it in good order, and a program that
/// waits for the notice may send one at once.
package struct StartupNotice: Service {
    private let say: @Sendable () throws -> Void

    /// - Parameter say: throws to stop the services, such as when the notice cannot be written.
    package init(_ say: @escaping @Sendable () throws -> Void) {
        self.say = say
    }

    package func run() async throws {
        try say()
        try? await gracefulShutdown()
    }
}
