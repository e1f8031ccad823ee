// swift-tools-version: 6.2

import PackageDescription

/// Set by `scripts/test.sh`: a warning in this package fails the build there, but not in a user's build with a newer compiler.
let warningsAreErrors = Context.environment["WARNINGS_AS_ERRORS"] == "1"

/// The commit that is being built, for `flashback_exporter_build_info`: what `BUILD_REVISION` says, as in an image's build, where there is
/// no repository, or else what git does.
let revision =
    Context.environment["BUILD_REVISION"].flatMap { $0.isEmpty ? nil : $0 }
    ?? Context.gitInformation.map { $0.currentCommit + ($0.hasUncommittedChanges ? "-dirty" : "") } ?? "unknown"

let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: excludedFromTests[name] ?? [], swiftSettings: swiftSettings)
}

/// Files that tests read where they lie.
let excludedFromTests = ["BucketCollectorTests": ["Goldens"], "FlashbackAPITests": ["JSONTestSuite.txt"]]

// The libraries that are not this package's, by the names of their products.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let concurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let deques = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "flashback-exporter",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "flashback-exporter", targets: ["FlashbackExporter"]),
        .executable(name: "flashback-simulator", targets: ["SimulatorCommand"]),
        // For the package in `Benchmarks` alone: nothing in these modules is public.
        .library(name: "BenchmarkedModules", targets: ["CurlTransport", "Exposition", "FlashbackAPI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.38.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.6.0"),
    ],
    targets: [
        // What is not Swift: system libraries, and what the build knows of itself.
        .systemLibrary(
            name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev", "pkg-config"]), .brew(["curl"])]),
        .systemLibrary(name: "CAllocator"),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"]), .brew(["libxcrypt"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CBuildInformation", cSettings: [.define("BUILD_REVISION", to: "\"\(revision)\"")]),

        // The modules: each may use those above it and none below.
        module("Basics"),
        module("YAMLTree", ["CYAML"]),
        module("Exposition", ["Basics", "CISAL", "CZlib", concurrencyHelpers, nioCore]),
        module("CurlTransport", ["CLibcurl", concurrencyHelpers, httpTypes]),
        module("FlashbackAPI", ["Basics", "CurlTransport", concurrencyHelpers, httpTypes, logging]),
        module(
            "BucketCollector",
            ["Basics", "Exposition", "FlashbackAPI", concurrencyHelpers, deques, heaps, logging, serviceLifecycle]),
        module("HTTPListener", [httpTypes, logging, nioCore, nioHTTP1, nioHTTP2, nioPosix, nioSSL, nioTLS, serviceLifecycle]),
        module(
            "ExporterServer",
            [
                "Basics", "CBuildInformation", "CCrypt", "Exposition", "HTTPListener", "YAMLTree", concurrencyHelpers, httpTypes,
                logging, nioPosix, nioSSL, serviceLifecycle,
            ]),
        module(
            "FlashbackSimulator", ["HTTPListener", concurrencyHelpers, httpTypes, logging, nioCore, nioSSL, serviceLifecycle]),
        module(
            "PrometheusCommandLine",
            ["HTTPListener", "YAMLTree", argumentParser, concurrencyHelpers, logging, serviceLifecycle]),

        // The two programs.
        program(
            "FlashbackExporter",
            [
                "Basics", "BucketCollector", "CAllocator", "CurlTransport", "ExporterServer", "Exposition", "FlashbackAPI",
                "FlashbackSimulator", "HTTPListener", "PrometheusCommandLine", "YAMLTree", argumentParser, concurrencyHelpers,
                httpTypes, logging, nioCore, serviceLifecycle, unixSignals,
            ]),
        program(
            "SimulatorCommand",
            [
                "FlashbackSimulator", "HTTPListener", "PrometheusCommandLine", argumentParser, logging, nioSSL, serviceLifecycle,
                unixSignals,
            ]),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: [
                "Basics", "BucketCollector", "CurlTransport", "Exposition", "FlashbackAPI", "FlashbackSimulator", "HTTPListener",
                concurrencyHelpers, httpTypes, logging, nioCore,
            ],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        tests("BasicsTests", ["Basics"]),
        tests("YAMLTreeTests", ["YAMLTree"]),
        tests("ExpositionTests", ["Basics", "CZlib", "Exposition", "TestSupport", nioCore]),
        tests("CurlTransportTests", ["CurlTransport", "HTTPListener", concurrencyHelpers, httpTypes, nioSSL]),
        tests(
            "FlashbackAPITests",
            [
                "Basics", "CurlTransport", "FlashbackAPI", "FlashbackSimulator", "TestSupport", concurrencyHelpers, httpTypes,
                logging,
            ]),
        tests(
            "BucketCollectorTests",
            [
                "Basics", "BucketCollector", "CurlTransport", "Exposition", "FlashbackAPI", "FlashbackSimulator", "HTTPListener",
                "TestSupport", concurrencyHelpers, httpTypes, logging,
            ]),
        tests(
            "HTTPListenerTests",
            ["HTTPListener", concurrencyHelpers, httpTypes, nioCore, nioHPACK, nioHTTP2, nioPosix, nioSSL]),
        tests(
            "ExporterServerTests",
            ["Basics", "ExporterServer", "Exposition", "HTTPListener", "TestSupport", "YAMLTree", httpTypes, logging]),
        tests("FlashbackSimulatorTests", ["FlashbackSimulator", "HTTPListener", httpTypes, nioCore, nioSSL]),
        tests(
            "PrometheusCommandLineTests",
            ["HTTPListener", "PrometheusCommandLine", "TestSupport", "YAMLTree", argumentParser, concurrencyHelpers, logging]),
        tests(
            "FlashbackExporterTests",
            [
                "Basics", "BucketCollector", "CurlTransport", "ExporterServer", "Exposition", "FlashbackAPI",
                "FlashbackExporter", "FlashbackSimulator", "HTTPListener", "PrometheusCommandLine", "TestSupport", argumentParser,
                httpTypes, logging,
            ]),
        tests(
            "EndToEndTests",
            ["FlashbackExporter", "FlashbackSimulator", "HTTPListener", "SimulatorCommand", "TestSupport", httpTypes]),
    ]
)
