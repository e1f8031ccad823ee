package import Basics
package import Exposition

/// What all samples of an account have in common: the label `account`, and the selection of families to write.
///
/// The label distinguishes the series of several accounts, and comes first on every series of an account. An account without a name has no
/// such label.
package struct AccountLabel: Sendable {
    let name: Identifier?
    private let labels: LabelBlock
    private let selection: MetricSelection

    package init(_ name: Identifier?, selection: MetricSelection) {
        self.name = name
        self.selection = selection
        labels = name.map { LabelBlock(["account": $0.text]) } ?? .none
    }

    /// A writer of the account's samples.
    /// - Parameter collector: the collector that the first samples belong to; nil for none.
    func writer<Families>(of _: Families.Type = Families.self, collector: String? = nil) -> SampleWriter<Families> {
        SampleWriter(declarations(), scope: scope(collector: collector))
    }

    /// The declarations of the account's samples, for consecutive writers.
    func declarations<Families>() -> FamilyDeclarations<Families> {
        FamilyDeclarations(constantLabels: labels, selection: selection)
    }

    /// The scope of the account's samples.
    func scope(collector: String? = nil) -> SampleScope { SampleScope(account: name, collector: collector) }
}
