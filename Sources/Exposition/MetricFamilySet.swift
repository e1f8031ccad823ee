/// The families of one source of metrics, declared as an enumeration so that a sample can only be written to a declared family.
///
/// The raw values count up from 0 in the order of the cases, as Swift gives them to an `enum …: Int`.
package protocol MetricFamilySet: CaseIterable, RawRepresentable<Int>, Sendable {
    var family: MetricFamily { get }
}

extension MetricFamilySet {
    /// All declarations, in their order.
    package static var families: [MetricFamily] { allCases.map(\.family) }
}
