internal import CBuildInformation
package import Exposition

/// The program's version and build.
package enum BuildInformation {
    /// The program's name, such as "example-exporter".
    package static var program: String { String(cString: build_program()) }

    /// The prefix of the names of the program's own families, such as "example_exporter_".
    static let metricPrefix = program.replacing("-", with: "_") + "_"

    /// The semantic version, raised at each release.
    package static let version = "0.1.0"

    /// The commit that it was built from; "unknown" when it was not built in a checkout.
    package static var revision: String { String(cString: build_revision()) }

    /// The compiler's version, as precisely as conditional compilation allows.
    package static var swiftVersion: String {
        #if compiler(>=6.4)
        "6.4 or later"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }

    /// The build information family.
    package enum Families: Int, MetricFamilySet {
        case buildInformation

        package var family: MetricFamily {
            MetricFamily(
                metricPrefix + "build_info", .info,
                help: "Version, commit and compiler of the exporter's build, always 1.",
                labelNames: ["version", "revision", "swift_version"])
        }
    }

    /// Its only sample never changes, so it is written and compressed once, not for each scrape.
    package static let rendered: [RenderedFamily] = {
        var samples = SampleWriter<Families>()
        samples.append(
            .buildInformation, LabelBlock(["version": version, "revision": revision, "swift_version": swiftVersion]), value: 1)
        return samples.rendered()
    }()
}
