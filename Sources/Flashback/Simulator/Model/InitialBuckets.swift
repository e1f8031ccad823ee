/// The initial buckets of an organization.
struct InitialBuckets {
    /// The index of the ill bucket: the second one.
    static let illNumber = 1
    /// The index of the bucket with spaces and quotes in its name: the third one.
    private static let quotedNumber = 2
    /// 1 January 2023: the initial buckets were created within 300 days from this date.
    private static let creationBegan = Timestamp(milliseconds: 1_672_531_200_000)

    let random: SeededRandom
    let configuration: SimulatorConfiguration
    let workspaces: [String]

    func bucket(_ number: Int) -> StoredBucket {
        let key = UInt64(number)
        let name = name(number)
        let (type, region, endpoint) = place(number)
        let age = Int64(random.fraction(.bucketCreation, key) * 300 * Double(Timestamp.millisecondsPerDay))
        var bucket = StoredBucket(
            number: number, id: Self.id(number, random), name: name, bucket: Self.cloudName(name, number),
            storageType: type, region: region, endpoint: endpoint, workspaceID: workspaces[number % workspaces.count],
            credentials: Credentials(bucket: number, canary: configuration.canary, random: random),
            createdAt: Timestamp(milliseconds: Self.creationBegan.milliseconds + age))
        bucket.isIll = configuration.hasIllBucket && number == Self.illNumber
        return bucket
    }

    /// A version 4 UUID.
    static func id(_ number: Int, _ random: SeededRandom) -> String {
        let high = random.bits(.bucketID, UInt64(number), 0) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = random.bits(.bucketID, UInt64(number), 1) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = Array((hexadecimal(high) + hexadecimal(low)).utf8)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
        return groups.joined(separator: "-")
    }

    private func name(_ number: Int) -> String {
        if number == Self.quotedNumber { return #"Ana's "raw" footage"# }
        let uses = [
            "backups", "Invoices", "media", "logs", "Photo Archive", "datasets", "builds", "Contracts 2024", "telemetry", "mail",
            "snapshots", "thumbnails", "exports", "Scans", "models", "audit-trail", "uploads", "Übersetzungen", "recordings",
        ]
        let places = ["eu", "us", "prod", "staging", "cold", "shared", "Berlin", "finance", "research", "web"]
        let first = Int(random.bits(.bucketName) % UInt64(uses.count))
        let use = uses[(first + number) % uses.count]
        let place = places[number / uses.count % places.count]
        let round = number / (uses.count * places.count)
        let name = use.contains(" ") ? "\(use) \(place)" : "\(use)-\(place)"
        return round == 0 ? name : "\(name)-\(round + 1)"
    }

    /// The name at the provider, with lower-case letters, digits and hyphens.
    private static func cloudName(_ name: String, _ number: Int) -> String {
        let letters = name.lowercased().unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "-"
        }
        return String(letters) + "-\(number)"
    }

    private func place(_ number: Int) -> (StorageType, region: String, endpoint: String?) {
        let key = UInt64(number)
        switch random.bits(.bucketKind, key) % 10 {
        case 0...4:
            let region = random.choice(["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-1"], .bucketRegion, key)
            return (.s3, region, "https://s3.\(region).amazonaws.com")
        case 5: return (.s3, "us-east-1", "https://gateway.storjshare.io")
        case 6, 7:
            let region = random.choice(["us-central1", "europe-west4"], .bucketRegion, key)
            return (.gcs, region, "https://storage.googleapis.com")
        default:
            let region = random.choice(["westeurope", "eastus"], .bucketRegion, key)
            return (.blob, region, "https://simulated\(number).blob.core.windows.net")
        }
    }

    private static func hexadecimal(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
