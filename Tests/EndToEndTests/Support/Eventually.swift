/// Waits until a condition holds that nothing announces, looking again and again.
/// - Throws: ``NeverHappened`` after about 10 seconds.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<500 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverHappened(what: what)
}

struct NeverHappened: Error {
    let what: String
}
