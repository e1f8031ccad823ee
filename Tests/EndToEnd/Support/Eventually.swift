/// Waits until a condition holds that nothing announces, looking again and again.
/// - Throws: ``NeverHappened`` after about two minutes: what takes a moment on an idle machine takes long on one that stalls.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverHappened(what: what)
}

struct NeverHappened: Error {
    let what: String
}
