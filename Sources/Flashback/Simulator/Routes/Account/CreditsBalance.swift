internal import HTTPTypes

/// GET /credits/balance: the credits, or 400 in a deployment without credits.
enum CreditsBalance {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        guard organization.billing.usesCredits else {
            return .failure(.badRequest, code: "CREDITS_NOT_ENABLED", "The credits system is not enabled")
        }
        let credits = organization.billing.credits(organization, at: call.now)
        let date: JSONValue =
            switch dialect.creditDateForm {
            case .time: dialect.time(call.now.startOfDay)
            case .day: .string(call.now.isoDay)
            case .null: .null
            }
        let breakdown = JSONValue.object([
            .init("storage", dialect.amount(credits.storage)), .init("ai", dialect.amount(credits.ai)),
        ])
        let data = JSONValue.object([
            .init("creditBalance", dialect.amount(credits.balance)), .init("dateBalance", date),
            .init("realtimeBalance", dialect.amount(credits.balance - credits.pending)),
            .init("pendingConsumption", dialect.amount(credits.pending)), .init("breakdown", breakdown),
        ])
        return .ok(.object([.init("success", true), .init("data", data)]))
    }
}
