internal import Exposition
internal import FlashbackAPI

extension ReachabilityStatus {
    /// The states that a status family has a series for, as values of the label `status`.
    private static let labels = ["online", "offline", "disconnected", "unknown"].map { LabelBlock(["status": $0]) }

    private var labelIndex: Int {
        switch self {
        case .online: 0
        case .offline: 1
        case .disconnected: 2
        case .unknown: 3
        }
    }

    /// Writes one series a state, of which one is 1: a state that ends is then seen to end.
    func write<Families>(to samples: inout SampleWriter<Families>, _ family: Families, _ labels: LabelBlock) {
        let states = Self.labels
        for index in states.indices {
            samples.append(family, labels, states[index], value: SampleValue(index == labelIndex))
        }
    }
}
