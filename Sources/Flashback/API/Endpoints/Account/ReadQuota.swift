package import Basics
internal import HTTPTypes

/// `GET /user/quota`: the account's subscription, and how much of each of its quotas is used.
///
/// An account without a subscription gets 404 with the code ``noActiveSubscription``.
package struct ReadQuota: Endpoint {
    package static let name = EndpointName(.get, "/user/quota")
    package static let limits = AnswerLimits.account

    /// The error code for an account without a subscription.
    package static let noActiveSubscription = "NO_ACTIVE_SUBSCRIPTION"

    package init() {}

    package var path: [String] { ["user", "quota"] }

    package func answer(from body: AnswerBody) throws(UnreadableAnswer) -> Quota {
        var subscription: Subscription?
        let usage: Rows<CapabilityUsage> = try body.rows(under: [.quotaUsage, .data]) { envelope in
            subscription = envelope.nested(.subscription) { Subscription(fields: &$0) }
        }
        return Quota(subscription: subscription, usage: usage)
    }
}

/// The response of `GET /user/quota`.
package struct Quota: Sendable {
    /// The field `subscription`; nil when it is missing or cannot be read.
    package let subscription: Subscription?
    /// The field `quotaUsage`; its counts include the unreadable fields of the subscription.
    package let usage: Rows<CapabilityUsage>
}

/// The subscription of an account, which determines its quotas.
package struct Subscription: Row, Hashable {
    /// The field `id`.
    package let id: Identifier
    /// The field `name`.
    package let name: String?

    package init?(fields: inout RowFields) {
        guard let id = fields.identifier(.id) else { return nil }
        self.id = id
        name = fields.label(.name)
    }
}

/// A row of `GET /user/quota`: the use of one capability, in the unit that its code implies.
///
/// The row's percentage is rounded to a whole number and is not decoded.
package struct CapabilityUsage: Row, Hashable {
    /// The identity of a capability: a code may have several periods.
    package struct ID: Sendable, Hashable {
        /// The field `capability.code`, such as `STORAGE_TOTAL_BYTES`.
        package let code: Identifier
        /// The field `capability.periodType` in lower case, such as `all_time`; empty when it is missing.
        package let period: Identifier
    }

    package let id: ID
    /// The field `usage.current`.
    package let used: ExactNumber?
    /// The field `usage.max`; zero is possible.
    package let limit: ExactNumber?

    package init?(fields: inout RowFields) {
        let id = fields.nested(.capability) { capability -> ID? in
            guard let code = capability.identifier(.code) else { return nil }
            return ID(code: code, period: Identifier(capability.label(.periodType)?.lowercased() ?? ""))
        }
        guard let id else { return nil }
        self.id = id
        let usage = fields.nested(.usage) { usage in
            (used: usage.exactNumber(.current, in: 0...), limit: usage.exactNumber(.max, in: 0...))
        }
        used = usage?.used
        limit = usage?.limit
    }
}
