/// A bridge node, which reports on every bucket of the organization.
package struct SimulatedNode: Sendable, Hashable {
    /// The node's index from 0, which determines its schedule and latency.
    package let number: Int
    /// The address by which the API identifies nodes.
    package var ip: String
    package var region: String
    package var version: String
    /// The pattern of its endpoints' names; the star is replaced by `s3`, `gcs` or `blob`.
    package var host: String

    package init(number: Int, ip: String, region: String, version: String, host: String) {
        self.number = number
        self.ip = ip
        self.region = region
        self.version = version
        self.host = host
    }

    /// The node with a given index in a simulation with this seed.
    init(number: Int, random: SeededRandom) {
        let places = [
            ("us-east-1", "aws"), ("eu-west-1", "aws"), ("us-central1", "gcp"), ("westeurope", "azure"),
            ("ap-southeast-1", "aws"),
            ("eu-central-1", "aws"), ("europe-west4", "gcp"), ("us-west-2", "aws"), ("eastus", "azure"),
        ]
        let first = Int(random.bits(.nodeRegion) % UInt64(places.count))
        let (region, provider) = places[(first + number) % places.count]
        // Both ranges are reserved for documentation and tests (RFC 5737, RFC 2544).
        let ip =
            number < 240
            ? "203.0.113.\(number + 10)" : "198.18.\(number / 256 % 256).\(number % 256)"
        self.init(
            number: number, ip: ip, region: region,
            version: random.choice(["1.4.0", "1.4.2", "1.5.0-rc.1"], .nodeVersion, UInt64(number)),
            host: "*-\(region)-\(provider).flashback.tech")
    }
}

/// A bucket's status as reported by one node; documented as ONLINE, OFFLINE or DISCONNECTED, without definitions.
package enum NodeStatus: String, Sendable, CaseIterable {
    /// The node is up and reaches the bucket.
    case online = "ONLINE"
    /// The node is not reporting, which affects all buckets.
    case offline = "OFFLINE"
    /// The node is up but does not reach the bucket.
    case disconnected = "DISCONNECTED"
}
