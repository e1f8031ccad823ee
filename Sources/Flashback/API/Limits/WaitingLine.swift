/// Requests waiting for a place in the budget, first come, first served.
struct WaitingLine {
    typealias Position = UInt64

    /// How a wait ends.
    enum Outcome: Sendable {
        case served(RequestBudget.Place)
        case left
        case sentAway(pausedUntil: Duration)
    }

    /// A waiter that has left the line and must be resumed with the outcome.
    struct Departure {
        fileprivate let continuation: CheckedContinuation<Outcome, Never>
        fileprivate let outcome: Outcome

        func tell() { continuation.resume(returning: outcome) }
    }

    private struct Waiter {
        let deadline: Duration
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private var nextTicket: Position = 0
    /// Positions in order; one without a waiter has left the line.
    private var order: ArraySlice<Position> = []
    private var waiters: [Position: Waiter] = [:]

    var isEmpty: Bool { waiters.isEmpty }

    mutating func position() -> Position {
        nextTicket += 1
        return nextTicket
    }

    mutating func join(_ position: Position, deadline: Duration, _ continuation: CheckedContinuation<Outcome, Never>) {
        order.append(position)
        waiters[position] = Waiter(deadline: deadline, continuation: continuation)
    }

    mutating func leave(_ position: Position) -> Departure? {
        waiters.removeValue(forKey: position).map { Departure(continuation: $0.continuation, outcome: .left) }
    }

    mutating func serveFirst(with place: RequestBudget.Place) -> Departure? {
        while let position = order.popFirst() {
            if let waiter = waiters.removeValue(forKey: position) {
                return Departure(continuation: waiter.continuation, outcome: .served(place))
            }
        }
        return nil
    }

    /// Removes the waiters whose deadline is before the end of a pause.
    mutating func sendAway(waitingUntilBefore end: Duration) -> [Departure] {
        let impatient = waiters.filter { $0.value.deadline < end }
        for position in impatient.keys { waiters[position] = nil }
        if waiters.isEmpty { order = [] }
        return impatient.values.map { Departure(continuation: $0.continuation, outcome: .sentAway(pausedUntil: end)) }
    }
}
