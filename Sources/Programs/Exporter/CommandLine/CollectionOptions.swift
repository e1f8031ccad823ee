internal import ArgumentParser
internal import Basics
internal import Configuration
internal import FlashbackCollectors

/// How long collected data is used.
struct CollectionOptions: ParsableArguments {
    @Option(
        name: .customLong("collect.mode"),
        help: "When to query the API: before answering a scrape, or whenever data is due, so that scrapes never wait.")
    var mode = CollectionMode.scrape

    @Option(
        duration: "cache.ttl",
        help: "How long observations are served before they are read again, for collectors without their own lifetime; "
            + "0s reads at every scrape. (default: 30s to 1h, by collector)")
    var lifetime: PrometheusDuration?

    @Option(
        duration: "cache.max-stale", default: .seconds(120),
        help: "How much longer observations are served while the API cannot be read.")
    var maxStale: PrometheusDuration

    /// The configuration from these options and the collectors' flags.
    func configuration(
        _ collectors: CollectorFlags, workspaceIDs: [String], bulk: BulkMode = .never
    ) -> CollectionConfiguration {
        var configuration = CollectionConfiguration()
        configuration.collectors = collectors.enabled
        configuration.lifetimes = collectors.lifetimes
        for name in configuration.collectors where configuration.lifetimes[name] == nil {
            configuration.lifetimes[name] = lifetime?.duration
        }
        configuration.mode = mode
        configuration.maxStale = maxStale.duration
        configuration.workspaceIDs = workspaceIDs.map { Identifier($0) }
        configuration.bulk = bulk
        return configuration
    }
}

extension CollectionMode: ExpressibleByArgument {}

/// The flags of each collector: `--[no-]collector.NAME` and `--collector.NAME.ttl`.
///
/// They are generated from the catalogue of collectors, so a new collector gets them automatically. The argument parser finds a
/// type's flags by reflection, so this type declares them in ``customMirror``.
struct CollectorFlags: ParsableArguments, CustomReflectable {
    /// The names of the enabled collectors.
    private(set) var enabled: Set<String> = []
    /// The configured lifetimes, by collector name.
    private(set) var lifetimes: [String: Duration] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let disablesDefaults = try container.decode(Flag<Bool>.self, forKey: .disablesDefaults).wrappedValue
        for collector in CollectorCatalogue.all {
            let name = collector.name
            let isEnabled = try container.decode(Flag<Bool?>.self, forKey: .isEnabled(name)).wrappedValue
            if isEnabled ?? (collector.isOnByDefault && !disablesDefaults) { enabled.insert(name) }
            let lifetime = try container.decode(Option<PrometheusDuration?>.self, forKey: .lifetime(name)).wrappedValue
            lifetimes[name] = lifetime?.duration
        }
    }

    var customMirror: Mirror {
        let disablesDefaults = Flag(
            wrappedValue: false, name: .customLong("collector.disable-defaults"), inversion: .prefixedNo,
            help: "Enable only collectors that are enabled explicitly.")
        let children = CollectorCatalogue.all.flatMap { collector -> [Mirror.Child] in
            let name = collector.name
            let isEnabled = Flag<Bool?>(
                wrappedValue: nil, name: .customLong("collector.\(name)"), inversion: .prefixedNo,
                help: "\(collector.summary) (default: --\(collector.isOnByDefault ? "" : "no-")collector.\(name))")
            let lifetime = Option<PrometheusDuration?>(
                duration: "collector.\(name).ttl",
                help: "Its lifetime. (default: --cache.ttl, else \(PrometheusDuration(collector.defaultLifetime)))")
            return [(Key.isEnabled(name).stringValue, isEnabled), (Key.lifetime(name).stringValue, lifetime)]
        }
        return Mirror(self, children: [(Key.disablesDefaults.stringValue, disablesDefaults)] + children)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        static let disablesDefaults = Key(stringValue: "collector.disable-defaults")
        static func isEnabled(_ name: String) -> Key { Key(stringValue: "collector.\(name)") }
        static func lifetime(_ name: String) -> Key { Key(stringValue: "collector.\(name).ttl") }
    }
}
