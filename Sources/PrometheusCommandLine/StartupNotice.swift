internal import ServiceLifecycle

/// Says that a program has started once its services run: only then does a signal stop it in good order, and whoever waits for the
/// notice may send one at once.
package struct StartupNotice: Service {
    private let say: @Sendable () -> Void

    package init(_ say: @escaping @Sendable () -> Void) {
        self.say = say
    }

    package func run() async throws {
        say()
        try? await gracefulShutdown()
    }
}
