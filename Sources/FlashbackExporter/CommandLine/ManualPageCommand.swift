internal import ArgumentParser
internal import PrometheusCommandLine

/// Prints what the flags say of `man flashback-exporter`; for `scripts/package.sh`.
struct ManualPageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual-page", abstract: "Print the manual page, without its date and its end, as mdoc.",
        shouldDisplay: false)

    func run() throws {
        try StandardStream.output.write(ManualPage.text)
    }
}
