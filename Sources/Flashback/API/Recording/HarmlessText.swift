/// Texts that may be recorded: the words of closed vocabularies, and formats that cannot carry anything else.
enum HarmlessText {
    /// The API's words, in lower case, that occur in this program, the API's documents or its history.
    enum Vocabulary {
        case status, storageType, mode, period, capability, error

        var words: Set<String> {
            switch self {
            case .status: HarmlessText.statuses
            case .storageType: HarmlessText.storageTypes
            case .mode: HarmlessText.modes
            case .period: HarmlessText.periods
            case .capability: HarmlessText.capabilities
            case .error: HarmlessText.errors
            }
        }

        func contains(_ text: String) -> Bool { text.utf8.count <= 64 && words.contains(text.lowercased()) }
    }

    private static let statuses: Set<String> = [
        "online", "active", "running", "offline", "inactive", "stopped", "disconnected", "error",
    ]
    private static let storageTypes: Set<String> = ["s3", "gcs", "blob", "azure"]
    private static let modes: Set<String> = ["normal", "mirror", "backup"]
    private static let periods: Set<String> = ["all_time", "daily", "weekly", "monthly", "yearly"]
    private static let capabilities: Set<String> = ["storage_total_bytes", "egress_monthly_bytes"]
    private static let errors: Set<String> = [
        "no_auth_user", "no_active_subscription", "not_found", "forbidden", "unauthorized", "quota_exceeded", "bad_request",
        "invalid_request", "rate_limited", "too_many_requests", "uri_too_long", "internal_error", "internal_server_error",
        "method_not_allowed", "service_unavailable", "invalid_date", "validation_failed",
    ]
    private static let regionWords: Set<String> = [
        "us", "eu", "uk", "ap", "ca", "sa", "me", "af", "il", "mx", "cn", "gov", "asia", "europe", "northamerica", "southamerica",
        "australia", "africa", "america", "canada", "brazil", "france", "germany", "switzerland", "norway", "sweden", "italy",
        "poland", "spain", "japan", "korea", "india", "uae", "qatar", "israel", "north", "south", "east", "west", "central",
        "northeast", "northwest", "southeast", "southwest", "eastus", "westus", "centralus", "northeurope", "westeurope",
        "southeastasia", "eastasia", "uksouth", "ukwest", "global", "auto",
    ]

    /// `us-east-1`, `europe-west4`, `eastus2`: known words with at most two digits each.
    static func isRegion(_ text: String) -> Bool {
        guard (1...32).contains(text.utf8.count) else { return false }
        var digits = 0
        for part in text.split(separator: "-", omittingEmptySubsequences: false) {
            let word = part.prefix { !("0"..."9").contains($0) }
            let number = part.dropFirst(word.count)
            guard number.utf8.allSatisfy({ (0x30...0x39).contains($0) }), number.utf8.count <= 2 else { return false }
            guard word.isEmpty ? !number.isEmpty : regionWords.contains(String(word)) else { return false }
            digits += number.utf8.count
        }
        return digits <= 2
    }

    /// Up to four numbers of at most four digits with dots between them.
    static func isVersion(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...4).contains(parts.count)
            && parts.allSatisfy { (1...4).contains($0.count) && $0.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// A number in a string: at most 40 digits with signs, a point and an exponent.
    static func isNumber(_ text: String) -> Bool {
        text.utf8.count <= 40 && JSONNumber(ArraySlice(text.utf8)) != nil
    }

    /// A date, or a date and a time, in the API's format.
    static func isTime(_ text: String) -> Bool {
        guard (10...35).contains(text.utf8.count), text.utf8.allSatisfy(isOfTime) else { return false }
        return TimestampFormat.date(text) != nil || TimestampFormat.date(text + "T00:00:00Z") != nil
    }

    private static func isOfTime(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || "TZ:+-.".utf8.contains(byte)
    }

    /// At most 32 letters and underscores: identifiers contain digits or other characters.
    static func isFieldName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "_") }
    }

    /// Whether an unknown field's name suggests a credential; not even the length of its value is recorded.
    static func isNameOfSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["key", "secret", "token", "password", "credential", "authtag", "signature", "cookie"].contains {
            name.contains($0)
        }
    }
}
