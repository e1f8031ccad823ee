internal import Basics
internal import Configuration

/// The configured accounts: those under `accounts` in the file, or otherwise the one described by the flags.
struct ConfiguredAccounts {
    /// Settings that each account needs for itself; given globally, they would belong to one account.
    private static let credentials = ["token-file", "refresh-token-file", "email", "password-file"]
    private static let ownSettings = (credentials + ["workspace-id"]).map { "flashback.\($0)" }
    private static let nameKey = "name"

    /// - Parameter options: the settings common to all accounts.
    /// - Throws: a one-line error with the account's name and its position in the file.
    static func settings(_ configuration: LayeredConfiguration, _ options: ExporterOptions) throws -> [AccountSettings] {
        guard let list = configuration.document(ExporterConfiguration.accountsKey) else {
            return [try options.account(environment: configuration.environment)]
        }
        try refuseOwnSettings(for: configuration)
        let entries: [YAMLNode]
        do throws(YAMLError) {
            entries = try list.elements(of: ExporterConfiguration.accountsKey)
        } catch {
            throw configuration.error(at: error.position, error.message)
        }
        guard !entries.isEmpty else { throw configuration.error(at: list.position, "accounts is an empty list") }
        var accounts = ConfiguredAccounts(configuration: configuration)
        for entry in entries { try accounts.add(entry) }
        return accounts.settings
    }

    private static func refuseOwnSettings(for configuration: LayeredConfiguration) throws(InvalidArgument) {
        let given = ownSettings.first { configuration.values[$0] != nil }.map { "--\($0)" }
        let variable = FlashbackOptions.tokenVariable
        if let one = given ?? (configuration.environment[variable, default: ""].isEmpty ? nil : variable) {
            throw InvalidArgument(
                "\(one) cannot be set for all accounts; set it for each entry of accounts, or remove accounts")
        }
    }

    private let configuration: LayeredConfiguration
    private var settings: [AccountSettings] = []

    private init(configuration: LayeredConfiguration) {
        self.configuration = configuration
    }

    private mutating func add(_ entry: YAMLNode) throws(InvalidArgument) {
        let name = try name(of: entry)
        let place = "account \(YAMLName.quoted(name.text))"
        let values = try configuration.values(in: entry, key: Self.key, except: [Self.nameKey], place: place)
        guard Self.credentials.contains(where: { values["flashback.\($0)"] != nil }) else {
            throw configuration.error(
                at: entry.position,
                "\(place) has no credentials: set token-file, refresh-token-file, or email and password-file")
        }
        let own = configuration.replacing(values)
        do {
            settings.append(try own.parse(ExporterOptions.self).account(name: name, environment: [:]))
        } catch {
            throw InvalidArgument("\(place): \(own.explained(error, of: ExporterOptions.self))")
        }
        guard let new = settings.last, case .refreshTokenFile = new.upstream.credentials else { return }
        if let other = settings.dropLast().first(where: { $0.upstream.credentials.shareRenewals(with: new.upstream.credentials) })
        {
            throw configuration.error(
                at: entry.position,
                "\(place) has the refresh-token-file of account \(YAMLName.quoted(other.name?.text ?? "")), or a copy; each would invalidate the other's token"
            )
        }
    }

    /// A setting's key in an account's entry: without `flashback`, and unchanged for the bucket filters.
    private static func key(of setting: Setting) -> String? {
        if setting.name.hasPrefix("flashback.") { return String(setting.name.dropFirst("flashback.".count)) }
        return ["bucket.", "workspace."].contains { setting.name.hasPrefix($0) } ? setting.name : nil
    }

    private func name(of entry: YAMLNode) throws(InvalidArgument) -> Identifier {
        do throws(YAMLError) {
            guard let node = try entry.entries(of: "an account").first(where: { $0.key == Self.nameKey })?.value else {
                throw YAMLError(at: entry.position, "an account has no name")
            }
            let name = Identifier(try node.text(of: "an account's name"))
            guard !name.isEmpty else { throw YAMLError(at: node.position, "an account's name is empty") }
            guard !settings.contains(where: { $0.name == name }) else {
                throw YAMLError(at: node.position, "two accounts have the name \(YAMLName.quoted(name.text))")
            }
            return name
        } catch {
            throw configuration.error(at: error.position, error.message)
        }
    }
}
