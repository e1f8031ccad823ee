// swift-tools-version: 6.2

import PackageDescription

/// The exporter's modules declare nothing public. SwiftPM names the package that owns such a declaration after the directory of its
/// root, and code compiled under the same name may use it; `scripts/torture/fuzz.sh` builds everything with `-enable-testing`, which
/// the rest needs.
let exporterPackage = Context.packageDirectory.split(separator: "/").dropLast().last.map(String.init) ?? ""
let exporterPackageName = String(
    exporterPackage.lowercased().map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" })

let package = Package(
    name: "flashback-exporter-fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "flashback-exporter", path: ".."),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.100.0"),
    ],
    targets: [
        // The sanitizer's allocator tells it about each allocation.
        .target(name: "HeldMemory", path: "Sources/HeldMemory"),
        // Sources/Fuzz/Targets is a link to Tests/Fuzzing/Targets.
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "HeldMemory",
                .product(name: "FuzzedModules", package: "flashback-exporter"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Sources/Fuzz",
            packageAccess: false,
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                // libFuzzer has the main function.
                .unsafeFlags(["-package-name", exporterPackageName, "-parse-as-library"]),
            ]
        ),
    ]
)
