internal import NIOConcurrencyHelpers

/// Test controls for the subscription, its quotas, the credits and the workspaces.
extension FlashbackSimulation {
    /// The names and addresses of all users in GET /workspace, which must not appear anywhere but in API responses.
    package var personalData: [String] {
        state.withLockedValue { state in
            state.organization.workspaces.flatMap { workspace in
                SimulatedUser.all(of: workspace, canary: state.organization.canary).flatMap { [$0.id, $0.name, $0.email] }
            }
        }
    }

    /// The quotas in GET /user/quota.
    package var quotas: [SimulatedQuota] {
        get { state.withLockedValue { $0.organization.billing.quotas } }
        set { state.withLockedValue { $0.organization.billing.quotas = newValue } }
    }

    /// Sets the use of the quotas with a code; nil derives it from the buckets and their traffic again.
    /// - Returns: false if there is no such quota.
    @discardableResult
    package func setUsed(_ used: Int64?, ofQuota code: String) -> Bool {
        state.withLockedValue { state in
            let matching = state.organization.billing.quotas.indices.filter { state.organization.billing.quotas[$0].code == code }
            for index in matching { state.organization.billing.quotas[index].used = used }
            return !matching.isEmpty
        }
    }

    /// How much of a quota is used now; nil if there is no such quota.
    package func used(ofQuota code: String) -> Int64? {
        let now = timestamp
        return state.withLockedValue { state in
            let billing = state.organization.billing
            return billing.quotas.first { $0.code == code }.map { billing.used(of: $0, state.organization, at: now) }
        }
    }

    /// Ends or restores the subscription. Without one GET /user/quota returns 404.
    package func setSubscription(_ isActive: Bool) {
        state.withLockedValue { $0.organization.billing.hasSubscription = isActive }
    }

    /// Makes the deployment use credits or not; without them GET /credits/balance returns 400.
    package func setUsesCredits(_ usesCredits: Bool) {
        state.withLockedValue { $0.organization.billing.usesCredits = usesCredits }
    }

    /// Sets the credits; nil derives them from the traffic again.
    package func setCredits(_ credits: SimulatedCredits?) {
        state.withLockedValue { $0.organization.billing.credits = credits }
    }

    /// The credits now.
    package var credits: SimulatedCredits {
        let now = timestamp
        return state.withLockedValue { $0.organization.billing.credits($0.organization, at: now) }
    }
}
