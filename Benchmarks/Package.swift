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
        .target(name: "Measurement", swiftSettings: swiftSettings),
        .executableTarget(
            name: "scrape-benchmark",
            dependencies: ["Measurement", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/ScrapeBenchmark",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "cached-benchmark",
            dependencies: ["Measurement", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/CachedBenchmark",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "micro-benchmark",
            dependencies: [
                "Measurement",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "BenchmarkedModules", package: "flashback-exporter"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            path: "Sources/MicroBenchmark",
            packageAccess: false,
            swiftSettings: swiftSettings + [.unsafeFlags(["-package-name", exporterPackageName])]
        ),
    ]
)
