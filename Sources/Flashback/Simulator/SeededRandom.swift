/// Pseudo-random numbers as a function of a seed and their purpose, so that the order of calls does not matter. The mixing
/// function is SplitMix64's.
struct SeededRandom: Sendable {
    /// The purpose of a number: the same keys give unrelated numbers for different purposes.
    enum Purpose: UInt64 {
        case bucketID, bucketName, bucketCreation, bucketKind, bucketRegion, bucketSecret, mirror
        case nodeRegion, nodeVersion, nodeOutage, nodeOutageStart, nodeOutageLength, nodeReportPhase
        case bucketOutage, bucketOutageStart, bucketOutageLength
        case latencyBase, latencyNoise
        case trafficRate, trafficShare, trafficSwing, trafficPhase
        case jitter, error, throttle
    }

    let seed: UInt64

    /// 64 bits for a purpose and up to three keys.
    func bits(_ purpose: Purpose, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0) -> UInt64 {
        var value = Self.mix(seed &+ purpose.rawValue &* 0x9E37_79B9_7F4A_7C15)
        value = Self.mix(value ^ first)
        value = Self.mix(value ^ second &* 0xD6E8_FEB8_6659_FD93)
        return Self.mix(value ^ third &* 0xA076_1D64_78BD_642F)
    }

    /// A number in 0..<1.
    func fraction(_ purpose: Purpose, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0) -> Double {
        Double(bits(purpose, first, second, third) >> 11) * 0x1p-53
    }

    /// An element of an array.
    func choice<Element>(_ elements: [Element], _ purpose: Purpose, _ first: UInt64 = 0, _ second: UInt64 = 0) -> Element {
        elements[Int(bits(purpose, first, second) % UInt64(elements.count))]
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
