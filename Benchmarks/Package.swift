// swift-tools-version: 6.2

import PackageDescription

/// The exporter's modules declare everything with `package` access. SwiftPM names the package that owns such a declaration after
/// the directory of its root, and code compiled under the same name may use it.
let exporterPackage = Context.packageDirectory.split(separator: "/").dropLast().last.map(String.init) ?? ""
let exporterPackageName = String(
    exporterPackage.lowercased().map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

func program(_ name: String, _ path: String) -> Target {
    .executableTarget(name: name, dependencies: ["Measurement", argumentParser], path: path, swiftSettings: swiftSettings)
}

let package = Package(
    name: "flashback-exporter-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "flashback-exporter", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.3.0"),
    ],
    targets: [
        // What the programs need: child processes, repeated timing, and what machine it is.
        .target(name: "Measurement", dependencies: [argumentParser], swiftSettings: swiftSettings),
        program("scrape-benchmark", "Sources/ScrapeBenchmark"),
        program("cached-benchmark", "Sources/CachedBenchmark"),
        program("memory-benchmark", "Sources/MemoryBenchmark"),
        program("delay-benchmark", "Sources/DelayBenchmark"),
        program("start-benchmark", "Sources/StartBenchmark"),
        program("connection-benchmark", "Sources/ConnectionBenchmark"),
        .executableTarget(
            name: "micro-benchmark",
            dependencies: [
                "Measurement",
                argumentParser,
                .product(name: "BenchmarkedModules", package: "flashback-exporter"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Sources/MicroBenchmark",
            packageAccess: false,
            swiftSettings: swiftSettings + [.unsafeFlags(["-package-name", exporterPackageName])]
        ),
    ]
)
