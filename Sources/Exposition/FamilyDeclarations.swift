/// The families of one source with what is made of their declarations alone.
///
/// A source that is read at every scrape keeps them, so that only its samples are written anew.
package struct FamilyDeclarations<Family: MetricFamilySet>: Sendable {
    let families: [MetricFamily]
    /// Labels that every sample carries before its own.
    let constantLabels: LabelBlock
    /// What a sample's line begins with, for each family.
    let starts: [LineStart]
    let headers: [FamilyHeader]

    /// - Parameter constantLabels: labels that every sample carries before its own.
    package init(of _: Family.Type = Family.self, constantLabels: LabelBlock = .none) {
        families = Family.families
        self.constantLabels = constantLabels
        starts = families.map { LineStart($0.name, constantLabels) }
        let deflater = Deflater()
        headers = families.map { FamilyHeader($0, deflater: deflater) }
    }
}
