/// Waits until a condition holds, for events that can only be observed by polling.
/// - Throws: ``NeverHappened`` after about two minutes: an event that is quick on an idle machine takes long on a stalling one.
package func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    for _ in 0..<6000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverHappened(what: what)
}

package struct NeverHappened: Error {
    let what: String
}
