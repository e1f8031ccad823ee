/// Names one transfer, by its identity, to the thread that carries it.
final class Ticket: Sendable {}
