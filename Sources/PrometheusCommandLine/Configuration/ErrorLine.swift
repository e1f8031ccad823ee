internal import ArgumentParser

/// What the argument parser says of an error, as one line.
enum ErrorLine {
    /// The parser's message without the usage that would follow it.
    static func text(of error: any Error, _ command: any ParsableArguments.Type) -> String {
        command.message(for: error).split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
}
