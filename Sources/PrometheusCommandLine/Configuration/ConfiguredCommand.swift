package import ArgumentParser

/// A command whose flags can also be given in the environment and in a configuration file.
package protocol ConfiguredCommand: AsyncParsableCommand {
    /// Runs the command.
    /// - Parameter configuration: what all layers say, the command line included.
    func run(_ configuration: LayeredConfiguration) async throws
}
