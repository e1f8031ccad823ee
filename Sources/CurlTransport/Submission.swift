/// A transfer on its way to the transport's thread, which resumes the continuation exactly once.
struct Submission: Sendable {
    let ticket: Ticket
    let request: PreparedRequest
    let continuation: CheckedContinuation<Result<ReceivedResponse, TransferError>, Never>
}
