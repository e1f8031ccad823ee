/// How much of a YAML text is read. The defaults are far above what a person writes.
package struct YAMLLimits: Sendable, Hashable {
    package var bytes = 1_048_576
    /// Lists and mappings within each other.
    package var depth = 32
    /// Values, those that an alias repeats being counted again: a few lines of aliases can stand for billions.
    package var nodes = 20_000

    package init() {}
}
