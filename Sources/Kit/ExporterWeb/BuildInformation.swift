internal import CBuildInformation
package import Exposition

/// What this program is.
package enum BuildInformation {
    /// The program's name, such as "example-exporter".
    package static var program: String { String(cString: build_program()) }

    /// What the names of its own families begin with, such as "example_exporter_".
    static let metricPrefix = program.replacing("-", with: "_") + "_"

    /// The version, raised at each release (semantic versioning).
    package static let version = "0.1.0"

    /// The commit that it was built from, "unknown" when it was not built in a checkout.
    package static var revision: String { String(cString: build_revision()) }

    /// The compiler's version, as far as a program can know it.
    package static var swiftVersion: String {
        #if compiler(>=6.4)
        "6.4 or later"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }

    /// The family that tells it.
    package enum Families: Int, MetricFamilySet {
        case buildInformation

        package var family: MetricFamily {
            MetricFamily(
                metricPrefix + "build_info", .info,
                help: "The exporter's version, the commit and the compiler that it was built from, always 1.",
                labelNames: ["version", "revision", "swift_version"])
        }
    }

    /// Its one sample, which never changes: it is written and deflated once, and not for each scrape.
    package static let rendered: [RenderedFamily] = {
        var samples = SampleWriter<Families>()
        samples.append(
            .buildInformation, LabelBlock(["version": version, "revision": revision, "swift_version": swiftVersion]), value: 1)
        return samples.rendered()
    }()
}
