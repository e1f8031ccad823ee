internal import HTTPTypes

/// GET /user/quota: the subscription, and the use of its quotas.
enum UserQuota {
    static func answer(_ call: IncomingRequest, _ organization: Organization, _ dialect: APIDialect) -> Answer {
        let billing = organization.billing
        guard billing.hasSubscription else {
            return .failure(.notFound, code: "NO_ACTIVE_SUBSCRIPTION", "No active subscription")
        }
        let subscription = JSONValue.object([
            .init("id", "subscription-1"), .init("name", "Simulated plan"), .init("description", "The plan of the simulation"),
        ])
        let rows = billing.quotas.enumerated().map { index, quota in
            row(index, quota, used: billing.used(of: quota, organization, at: call.now), dialect)
        }
        return .ok(
            .object([.init("success", true), .init("subscription", subscription), .init("quotaUsage", .array(rows))]))
    }

    private static func row(_ index: Int, _ quota: SimulatedQuota, used: Int64, _ dialect: APIDialect) -> JSONValue {
        let capability = JSONValue.object([
            .init("id", .string("capability-\(index + 1)")), .init("code", .string(quota.code)),
            .init("description", .string("Simulated quota \(index + 1)")), .init("type", .string(quota.type)),
            .init("periodType", .string(quota.periodType)),
        ])
        // Rounded to a whole number, as documented.
        let percentage = quota.limit > 0 ? (100 * Double(used) / Double(quota.limit)).rounded() : 0
        let usage = JSONValue.object([
            .init("current", dialect.amount(used)), .init("max", dialect.amount(quota.limit)),
            .init("percentage", .number(percentage)),
        ])
        return .object([.init("capability", capability), .init("usage", usage)])
    }
}
