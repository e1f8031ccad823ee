package import Basics
internal import Exposition

/// The label `account`, which tells the series of several accounts apart: the first of every series about the account. An account
/// without a name has no such label.
package struct AccountLabel: Sendable {
    private let name: Identifier?
    private let labels: LabelBlock

    package init(_ name: Identifier?) {
        self.name = name
        labels = name.map { LabelBlock(["account": $0.text]) } ?? .none
    }

    /// A writer of samples about the account.
    /// - Parameter collector: the collector that the first samples belong to; nil for none.
    func writer<Families>(of _: Families.Type = Families.self, collector: String? = nil) -> SampleWriter<Families> {
        SampleWriter(FamilyDeclarations(constantLabels: labels), scope: scope(collector: collector))
    }

    /// The declarations of samples about the account, for writers that follow each other.
    func declarations<Families>() -> FamilyDeclarations<Families> { FamilyDeclarations(constantLabels: labels) }

    /// What samples about the account belong to.
    func scope(collector: String? = nil) -> SampleScope { SampleScope(account: name, collector: collector) }
}
