/// What the API's documents say about the response of an endpoint, and which other forms the exporter reads.
struct EndpointContract: Sendable {
    let name: String
    /// The response's object, or the one that contains its list.
    let root: ObjectContract
    /// The field of ``root`` with the list that may also be the whole response; nil when there is none.
    var list: String?
    /// Whether the documented response is the list itself.
    var isArray = false
    /// The documented fields of errors besides `success`.
    var errorFields: Set<String> = ["message"]
}

/// The fields of an object.
struct ObjectContract: Sendable {
    let fields: [FieldContract]

    init(_ fields: FieldContract...) {
        self.fields = fields
    }

    init(_ fields: [FieldContract]) {
        self.fields = fields
    }
}

/// A field of an object.
struct FieldContract: Sendable {
    /// The documented form of a value.
    indirect enum Form: Sendable {
        /// Neither decoded nor checked.
        case unused
        case text
        /// A number, as a number or in a string.
        case number, numberInString
        case boolean
        case time
        /// The IP address of a node.
        case node
        /// A day as `ddmmyyyy`.
        case day
        /// Seconds since 1970.
        case seconds
        /// Documented words, and the vocabulary that the exporter knows.
        case word([String], HarmlessText.Vocabulary)
        case object(ObjectContract)
        case list(ObjectContract)
    }

    /// The documented name, then those under which the exporter finds the field too.
    let names: [String]
    let form: Form
    /// Whether objects without the field are documented.
    let isOptional: Bool

    /// A field of every object.
    static func field(_ names: String..., form: Form) -> FieldContract {
        FieldContract(names: names, form: form, isOptional: false)
    }

    static func optional(_ names: String..., form: Form) -> FieldContract {
        FieldContract(names: names, form: form, isOptional: true)
    }

    /// Documented fields that the exporter does not decode.
    static func unused(_ names: String...) -> [FieldContract] {
        names.map { FieldContract(names: [$0], form: .unused, isOptional: true) }
    }
}
