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

func module(_ name: String, in folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/" + folder, swiftSettings: swiftSettings)
}

func program(_ name: String, in folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/" + folder, swiftSettings: swiftSettings)
}

/// - Parameter exclude: files that the tests read where they lie.
func tests(_ name: String, in folder: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/" + folder, exclude: exclude, swiftSettings: swiftSettings)
}

// The libraries that are not this package's, by the names of their products.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let concurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let deques = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
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
        .library(name: "BenchmarkedModules", targets: ["Basics", "Exposition", "FlashbackAPI", "HTTPClient"]),
        // For the package in `Fuzzing` alone.
        .library(
            name: "FuzzedModules",
            targets: [
                "Basics", "Configuration", "ExporterWeb", "Exposition", "FlashbackAPI", "FlashbackRecording",
                "FlashbackSimulator", "FlashbackStatusPage", "HTTPServer",
            ]),
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
        // The kit: what any exporter could stand on. Each module may use those above it and none below.
        .systemLibrary(
            name: "CLibcurl", path: "Sources/Kit/CLibcurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev", "pkg-config"]), .brew(["curl"])]),
        .systemLibrary(name: "CAllocator", path: "Sources/Kit/CAllocator"),
        .systemLibrary(
            name: "CCrypt", path: "Sources/Kit/CCrypt", pkgConfig: "libcrypt",
            providers: [.apt(["libcrypt-dev"]), .brew(["libxcrypt"])]),
        .systemLibrary(
            name: "CISAL", path: "Sources/Kit/CISAL", pkgConfig: "libisal",
            providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
        .systemLibrary(
            name: "CYAML", path: "Sources/Kit/CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/Kit/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "CBuildInformation", path: "Sources/Kit/CBuildInformation",

            cSettings: [
                .define("BUILD_PROGRAM", to: "\"flashback-exporter\""), .define("BUILD_REVISION", to: "\"\(revision)\""),
            ]),
        module("Basics", in: "Kit/Basics", [concurrencyHelpers]),
        module("Exposition", in: "Kit/Exposition", ["Basics", "CISAL", "CZlib", concurrencyHelpers, nioCore]),
        module("HTTPClient", in: "Kit/HTTPClient", ["Basics", "CLibcurl", concurrencyHelpers, httpTypes]),
        module(
            "HTTPServer", in: "Kit/HTTPServer",
            ["Basics", httpTypes, logging, nioCore, nioHTTP1, nioHTTP2, nioPosix, nioSSL, nioTLS, serviceLifecycle]),
        module(
            "Configuration", in: "Kit/Configuration",
            ["CYAML", "HTTPServer", argumentParser, concurrencyHelpers, logging, serviceLifecycle]),
        module(
            "ExporterWeb", in: "Kit/ExporterWeb",
            [
                "Basics", "CBuildInformation", "CCrypt", "Configuration", "Exposition", "HTTPServer", concurrencyHelpers,
                httpTypes,
                logging, nioCore, nioPosix, nioSSL, serviceLifecycle,
            ]),

        // Flashback: its API, what is collected from it, the page about that, and the API as a server.
        module("FlashbackRecording", in: "Flashback/Recording"),
        module(
            "FlashbackAPI", in: "Flashback/API",
            ["Basics", "FlashbackRecording", "HTTPClient", concurrencyHelpers, httpTypes, logging]),
        module(
            "FlashbackCollectors", in: "Flashback/Collectors",
            ["Basics", "Exposition", "FlashbackAPI", concurrencyHelpers, deques, heaps, logging, serviceLifecycle]),
        module(
            "FlashbackStatusPage", in: "Flashback/StatusPage",
            ["Basics", "ExporterWeb", "FlashbackAPI", "FlashbackCollectors", "HTTPServer", httpTypes]),
        module(
            "FlashbackSimulator", in: "Flashback/Simulator",
            ["FlashbackRecording", "HTTPServer", concurrencyHelpers, httpTypes, logging, nioCore, nioSSL, serviceLifecycle]),

        // The two programs.
        program(
            "FlashbackExporter", in: "Programs/Exporter",
            [
                "Basics", "CAllocator", "Configuration", "ExporterWeb", "Exposition", "FlashbackAPI", "FlashbackCollectors",
                "FlashbackRecording", "FlashbackSimulator", "FlashbackStatusPage", "HTTPClient", "HTTPServer", argumentParser,
                concurrencyHelpers, httpTypes, logging, nioCore, serviceLifecycle, unixSignals,
            ]),
        program(
            "SimulatorCommand", in: "Programs/Simulator",
            [
                "Configuration", "FlashbackRecording", "FlashbackSimulator", "HTTPServer", argumentParser, logging, nioSSL,
                serviceLifecycle, unixSignals,
            ]),

        // Tests, in the folders of what they test.
        .target(
            name: "TestTools", dependencies: [concurrencyHelpers, nioSSL], path: "Tests/Tools", swiftSettings: swiftSettings),
        .target(
            name: "TestSupport",
            dependencies: [
                "TestTools", "Basics", "Exposition", "FlashbackAPI", "FlashbackCollectors", "FlashbackSimulator", "HTTPClient",
                "HTTPServer",
                concurrencyHelpers, httpTypes, logging, nioCore,
            ],
            path: "Tests/Support",
            swiftSettings: swiftSettings),
        tests("BasicsTests", in: "Kit/Basics", ["Basics"]),
        tests("ExpositionTests", in: "Kit/Exposition", ["Basics", "CZlib", "Exposition", "TestSupport", "TestTools", nioCore]),
        tests(
            "HTTPClientTests", in: "Kit/HTTPClient",
            ["Basics", "HTTPClient", "HTTPServer", "TestTools", concurrencyHelpers, httpTypes, nioSSL]),
        tests(
            "HTTPServerTests", in: "Kit/HTTPServer",
            [
                "Basics", "HTTPServer", "TestTools", concurrencyHelpers, httpTypes, nioCore, nioEmbedded, nioHPACK, nioHTTP2,
                nioPosix,
                nioSSL,
            ]),
        tests(
            "ConfigurationTests", in: "Kit/Configuration",
            ["Configuration", "HTTPServer", "TestSupport", "TestTools", argumentParser, concurrencyHelpers, logging]),
        tests(
            "ExporterWebTests", in: "Kit/ExporterWeb",
            [
                "Basics", "Configuration", "ExporterWeb", "Exposition", "HTTPServer", "TestSupport", "TestTools",
                concurrencyHelpers, httpTypes, logging,
            ]),
        tests(
            "FlashbackAPITests", in: "Flashback/API",
            [
                "Basics", "FlashbackAPI", "FlashbackRecording", "FlashbackSimulator", "HTTPClient", "TestSupport", "TestTools",
                concurrencyHelpers, httpTypes, logging,
            ],
            exclude: ["Decoding/JSONTestSuite.txt"]),
        tests(
            "FlashbackCollectorsTests", in: "Flashback/Collectors",
            [
                "Basics", "Exposition", "FlashbackAPI", "FlashbackCollectors", "FlashbackRecording", "FlashbackSimulator",
                "HTTPClient", "HTTPServer", "TestSupport", "TestTools", concurrencyHelpers, httpTypes, logging,
            ],
            exclude: ["Goldens"]),
        tests(
            "FlashbackStatusPageTests", in: "Flashback/StatusPage",
            [
                "Basics", "ExporterWeb", "FlashbackAPI", "FlashbackCollectors", "FlashbackStatusPage", "HTTPServer",
                "TestSupport",
                "TestTools", httpTypes,
            ]),
        tests(
            "FlashbackSimulatorTests", in: "Flashback/Simulator",
            [
                "Basics", "FlashbackRecording", "FlashbackSimulator", "HTTPClient", "HTTPServer", concurrencyHelpers, httpTypes,
                nioCore,
                nioSSL,
            ]),
        tests(
            "FlashbackExporterTests", in: "Programs/Exporter",
            [
                "Basics", "Configuration", "ExporterWeb", "Exposition", "FlashbackAPI", "FlashbackCollectors",
                "FlashbackExporter", "FlashbackRecording",
                "FlashbackSimulator", "FlashbackStatusPage", "HTTPClient", "HTTPServer", "TestSupport", "TestTools",
                argumentParser, concurrencyHelpers, httpTypes,
                logging,
            ]),
        // The definitions in Tests/Fuzzing/Targets are also compiled by the package in `Fuzzing`.
        tests(
            "FuzzTests", in: "Fuzzing",
            [
                "Basics", "Configuration", "ExporterWeb", "Exposition", "FlashbackAPI", "FlashbackRecording",
                "FlashbackSimulator", "FlashbackStatusPage", "HTTPServer", "TestSupport", "TestTools", httpTypes, nioHTTP1,
            ]),
        tests(
            "EndToEndTests", in: "EndToEnd",
            [
                "FlashbackExporter", "FlashbackSimulator", "HTTPServer", "SimulatorCommand", "TestSupport", "TestTools",
                concurrencyHelpers, httpTypes,
            ]),
    ]
)
