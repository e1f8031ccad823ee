/// DELETE /bucket/{bucketId}: documented as a soft delete. What the answer holds beside `success` is not known.
enum DeleteBucket {
    static func answer(_ call: Call, _ state: inout SimulationState) -> Answer {
        switch call.bucket(in: state.organization) {
        case .success(let bucket):
            _ = state.organization.delete(bucket.id)
            return .ok(.object([.init("success", true)]))
        case .failure(let refusal): return refusal.answer
        }
    }
}
