/// Requests that wait for a place in the budget, in the order of their arrival.
struct WaitingLine {
    typealias Ticket = UInt64

    /// How a wait ends.
    enum Outcome: Sendable {
        case served
        case left
        case sentAway(pausedUntil: Duration)
    }

    private struct Waiter {
        let deadline: Duration
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private var nextTicket: Ticket = 0
    /// A ticket without a waiter has left the line.
    private var order: ArraySlice<Ticket> = []
    private var waiters: [Ticket: Waiter] = [:]

    var isEmpty: Bool { waiters.isEmpty }

    mutating func ticket() -> Ticket {
        nextTicket += 1
        return nextTicket
    }

    mutating func join(_ ticket: Ticket, deadline: Duration, _ continuation: CheckedContinuation<Outcome, Never>) {
        order.append(ticket)
        waiters[ticket] = Waiter(deadline: deadline, continuation: continuation)
    }

    mutating func leave(_ ticket: Ticket) {
        waiters.removeValue(forKey: ticket)?.continuation.resume(returning: .left)
    }

    mutating func serveFirst() {
        while let ticket = order.popFirst() {
            if let waiter = waiters.removeValue(forKey: ticket) {
                return waiter.continuation.resume(returning: .served)
            }
        }
    }

    /// Sends away whoever may not wait for the end of a pause.
    mutating func sendAway(waitingUntilBefore end: Duration) {
        for (ticket, waiter) in waiters where waiter.deadline < end {
            waiters[ticket] = nil
            waiter.continuation.resume(returning: .sentAway(pausedUntil: end))
        }
        if waiters.isEmpty { order = [] }
    }
}
