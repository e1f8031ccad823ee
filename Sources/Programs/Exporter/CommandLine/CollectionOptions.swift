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

/// A collector's name and lifetime, such as "status=2m".
struct CollectorLifetimeOption: Sendable {
    let collector: String
    let lifetime: PrometheusDuration

    init(parsing text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw ValidationError("give a collector and its lifetime, such as status=2m") }
        let names = CollectorCatalogue.all.map { $0.name }
        guard names.contains(parts[0]) else {
            throw ValidationError("there is no collector \(parts[0].debugDescription); known: \(names.joined(separator: ", "))")
        }
        collector = parts[0]
        lifetime = try PrometheusDuration(parsing: parts[1])
    }
}

/// The flags of each collector: `--[no-]collector.NAME`, and the deprecated `--collector.NAME.ttl`.
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
        for option in try container.decode(Option<[CollectorLifetimeOption]>.self, forKey: .lifetimes).wrappedValue {
            lifetimes[option.collector] = option.lifetime.duration
        }
    }

    var customMirror: Mirror {
        let disablesDefaults = Flag(
            wrappedValue: false, name: .customLong("collector.disable-defaults"), inversion: .prefixedNo,
            help: "Enable only collectors that are enabled explicitly.")
        let lifetimes = Option<[CollectorLifetimeOption]>(
            wrappedValue: [], name: .customLong("collector.ttl"), parsing: .unconditionalSingleValue,
            help: ArgumentHelp(
                "Lifetime of one collector's observations, such as status=2m; may be repeated. (default: --cache.ttl, else its own)",
                valueName: "name=duration"), transform: CollectorLifetimeOption.init(parsing:))
        let children = CollectorCatalogue.all.flatMap { collector -> [Mirror.Child] in
            let name = collector.name
            let standard = "--\(collector.isOnByDefault ? "" : "no-")collector.\(name)"
            let lifetimeInWords = "Its lifetime is \(PrometheusDuration(collector.defaultLifetime))."
            let isEnabled = Flag<Bool?>(
                wrappedValue: nil, name: .customLong("collector.\(name)"), inversion: .prefixedNo,
                help: "\(collector.summary) \(lifetimeInWords) (default: \(standard))")
            let lifetime = Option<PrometheusDuration?>(
                duration: "collector.\(name).ttl", help: "Deprecated: use --collector.ttl=\(name)=DURATION.", visibility: .hidden)
            return [(Key.isEnabled(name).stringValue, isEnabled), (Key.lifetime(name).stringValue, lifetime)]
        }
        let common: [Mirror.Child] = [
            (Key.disablesDefaults.stringValue, disablesDefaults), (Key.lifetimes.stringValue, lifetimes),
        ]
        return Mirror(self, children: common + children)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        static let disablesDefaults = Key(stringValue: "collector.disable-defaults")
        static let lifetimes = Key(stringValue: "collector.ttl")
        static func isEnabled(_ name: String) -> Key { Key(stringValue: "collector.\(name)") }
        static func lifetime(_ name: String) -> Key { Key(stringValue: "collector.\(name).ttl") }
    }
}
