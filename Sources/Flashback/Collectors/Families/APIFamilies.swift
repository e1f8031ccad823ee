internal import Basics
package import Exposition
internal import FlashbackAPI
internal import FoundationEssentials

/// Counts and limits of the API requests.
package enum APIFamilies: Int, MetricFamilySet {
    case requests, duration, retries, throttled, concurrencyLimit, rateLimit, pauseEnd, tokenExpiry, tokenRenewals,
        tokenUnsaved

    package var family: MetricFamily {
        switch self {
        case .requests:
            MetricFamily(
                "flashback_api_requests_total", .counter,
                help:
                    "Requests to the Flashback API by endpoint and HTTP status code, or kind of failure if there was no response; "
                    + "other for a code that is no status, or that comes after 30 different ones.",
                labelNames: ["endpoint", "code"])
        case .duration:
            MetricFamily(
                "flashback_api_request_duration_seconds", .histogram, unit: .seconds,
                help: "Duration of requests to the Flashback API, including failed ones.",
                labelNames: ["endpoint"])
        case .retries:
            MetricFamily(
                "flashback_api_retries_total", .counter,
                help: "Retries of failed requests to the Flashback API.",
                labelNames: ["endpoint"])
        case .throttled:
            MetricFamily(
                "flashback_api_throttled_total", .counter,
                help: "Requests that the Flashback API throttled: answered with 429, or with 503 and Retry-After.",
                labelNames: ["endpoint"])
        case .concurrencyLimit:
            MetricFamily(
                "flashback_api_concurrency_limit", .gauge,
                help:
                    "Current limit of concurrent requests to the Flashback API: lower while it refuses many, higher after successes."
            )
        case .rateLimit:
            MetricFamily(
                "flashback_api_request_rate_limit", .gauge,
                help:
                    "Current limit of requests per second to the Flashback API; +Inf while only concurrency is limited."
            )
        case .pauseEnd:
            MetricFamily(
                "flashback_api_pause_end_timestamp_seconds", .gauge, unit: .seconds,
                help: "End of the pause that the Flashback API asked for, in seconds since 1970-01-01 UTC; 0 without a pause."
            )
        case .tokenExpiry:
            MetricFamily(
                "flashback_api_token_expiry_timestamp_seconds", .gauge, unit: .seconds,
                help: "When the access token in use expires, in seconds since 1970-01-01 UTC; from its claim exp, else expiresAt."
            )
        case .tokenRenewals:
            MetricFamily(
                "flashback_api_token_renewals_total", .counter,
                help: "Renewals of the access token by the exporter, by result; 0 for a token that the exporter "
                    + "does not renew.",
                labelNames: ["result"])
        case .tokenUnsaved:
            MetricFamily(
                "flashback_api_token_unsaved", .gauge,
                help:
                    "Whether the current refresh token is only in memory, because its file could not be written (1), or not (0)."
            )
        }
    }

    static func rendered(_ context: ReadingContext) async -> [RenderedFamily] {
        var samples = context.account.writer(of: APIFamilies.self)
        write(context.client.statistics, to: &samples)
        write(context.client.budget, context.time, to: &samples)
        write(await context.client.tokenReport, since: context.client.statistics.start, to: &samples)
        return samples.rendered()
    }

    private static func write(_ statistics: RequestStatistics, to samples: inout SampleWriter<APIFamilies>) {
        for (endpoint, counts) in statistics.current() {
            let labels = LabelBlock(["endpoint": endpoint.description])
            for (code, requests) in counts.requests.sorted(by: { $0.key < $1.key }) {
                samples.append(
                    .requests, labels, LabelBlock(["code": code]), value: .integer(requests.count), since: requests.start)
            }
            samples.append(
                .duration, labels,
                histogram: Histogram(
                    upperBounds: RequestStatistics.durationBounds, counts: counts.durations, sum: counts.totalDuration,
                    native: counts.nativeDurations),
                since: counts.start)
            samples.append(.retries, labels, value: .integer(counts.retries), since: counts.start)
            samples.append(.throttled, labels, value: .integer(counts.throttled), since: counts.start)
        }
    }

    private static func write(_ budget: RequestBudget, _ time: TimeSource, to samples: inout SampleWriter<APIFamilies>) {
        samples.append(.concurrencyLimit, value: SampleValue(budget.currentConcurrency))
        samples.append(.rateLimit, value: .real(budget.currentRate ?? .infinity))
        // 0 instead of no sample, so that an alert that compares it with the current time also works without a pause.
        samples.append(.pauseEnd, value: budget.pauseEnd.map { SampleValue(timestamp: time.date(at: $0)) } ?? 0)
    }

    private static func write(_ token: AccessTokenReport, since start: Date, to samples: inout SampleWriter<APIFamilies>) {
        if let expiry = token.expiresAt { samples.append(.tokenExpiry, value: SampleValue(timestamp: expiry)) }
        let renewals = token.renewals ?? AccessTokenReport.Renewals()
        samples.append(.tokenRenewals, LabelBlock(["result": "success"]), value: .integer(renewals.succeeded), since: start)
        samples.append(.tokenRenewals, LabelBlock(["result": "failure"]), value: .integer(renewals.failed), since: start)
        samples.append(.tokenUnsaved, value: token.isUnsaved ? 1 : 0)
    }
}
