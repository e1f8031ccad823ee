/// The families of one source with what is made of their declarations alone.
///
/// A source that is read at every scrape keeps them, so that only its samples are written anew.
package struct FamilyDeclarations<Family: MetricFamilySet>: Sendable {
    let families: [MetricFamily]
    let names: [[UInt8]]
    let headers: [FamilyHeader]

    package init(of _: Family.Type = Family.self) {
        families = Family.families
        names = families.map { Array($0.name.utf8) }
        let deflater = Deflater()
        headers = families.map { FamilyHeader($0, deflater: deflater) }
    }
}
