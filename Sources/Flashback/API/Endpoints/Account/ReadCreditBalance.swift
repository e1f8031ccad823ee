package import FoundationEssentials
internal import HTTPTypes

/// `GET /credits/balance`: the account's credits. A deployment that does not use credits answers 400.
package struct ReadCreditBalance: Endpoint {
    package static let name = EndpointName(.get, "/credits/balance")
    package static let limits = AnswerLimits.account

    package init() {}

    package var path: [String] { ["credits", "balance"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Rows<CreditBalance> {
        try body.row(under: [.data])
    }
}

/// The object `data` of `GET /credits/balance`; all amounts are credits, which may be fractions and negative.
package struct CreditBalance: Row, Hashable {
    /// The field `creditBalance`: the balance as of ``appliedAt``.
    package let balance: ExactNumber?
    /// The field `realtimeBalance`: the balance less what has been consumed since then.
    package let realtimeBalance: ExactNumber?
    /// The field `pendingConsumption`: what has been consumed but is not yet deducted from the balance.
    package let pendingConsumption: ExactNumber?
    /// The field `breakdown.storage`.
    package let storage: ExactNumber?
    /// The field `breakdown.ai`.
    package let ai: ExactNumber?
    /// The field `dateBalance`: the last UTC date whose consumption was deducted.
    package let appliedAt: Date?

    /// Fails when the object has no readable balance.
    package init?(fields: inout RowFields) {
        balance = fields.exactNumber(.creditBalance)
        realtimeBalance = fields.exactNumber(.realtimeBalance)
        guard balance != nil || realtimeBalance != nil else { return nil }
        pendingConsumption = fields.exactNumber(.pendingConsumption)
        appliedAt = fields.dateOrDay(.dateBalance)
        let breakdown = fields.nested(.breakdown) { (storage: $0.exactNumber(.storage), ai: $0.exactNumber(.ai)) }
        storage = breakdown?.storage
        ai = breakdown?.ai
    }
}
