package import Exposition
package import FlashbackAPI
package import FoundationEssentials

/// The result of one probe of a bucket.
package struct ProbeResult: Sendable {
    /// Why it failed; nil for a success.
    package let failure: ProbeFailure?
    /// The status that the API returned.
    package var status: ReachabilityStatus?
    /// The latency that the API returned, in milliseconds.
    package var latencyMilliseconds: Double?
    /// The duration of the request; zero without a request.
    package var duration = Duration.zero
    /// When the request was sent; nil without a request.
    package var sentAt: Date?

    init(_ failure: ProbeFailure) {
        self.failure = failure
    }

    /// The result of a validation that was carried out. A status other than online is a failure, whatever the rest of the answer says. An
    /// unknown status is not, because the API itself reports success.
    init(_ validation: BucketValidation) {
        switch validation.status {
        case .offline, .disconnected: failure = .validationFailed
        case .online, .unknown, nil: failure = nil
        }
        status = validation.status
        latencyMilliseconds = validation.latencyMilliseconds
    }

    /// The samples of ``ProbeFamilies``. They have no labels that identify the bucket: Prometheus adds the target's labels.
    /// - Parameter states: which status samples to write. The selection of families does not apply: the answer describes another target.
    package func rendered(states: ExportedStates = .all) -> [RenderedFamily] {
        let selection = MetricSelection(states: states)
        var samples = SampleWriter(FamilyDeclarations(of: ProbeFamilies.self, selection: selection))
        samples.append(.success, value: SampleValue(failure == nil))
        samples.append(.duration, value: SampleValue(duration))
        if let latencyMilliseconds { samples.append(.latency, value: SampleValue(milliseconds: latencyMilliseconds)) }
        status?.write(to: &samples, .status, .none)
        if let sentAt { samples.append(.sent, value: SampleValue(timestamp: sentAt)) }
        if let failure { samples.append(.failure, LabelBlock(["reason": failure.rawValue]), value: 1) }
        return samples.rendered()
    }
}

/// Why a probe failed: the value of the label `reason`.
package enum ProbeFailure: String, Error, Sendable, CaseIterable {
    /// The API reports that the bucket cannot be reached: HTTP 400, `success: false`, or a status other than online.
    case validationFailed = "validation_failed"
    /// No valid access token, or HTTP 401.
    case unauthorized
    /// HTTP 403.
    case forbidden
    /// HTTP 404.
    case notFound = "not_found"
    /// HTTP 429 or 503 with Retry-After, or no request because of a pause that the API asked for.
    case throttled
    /// HTTP 5xx.
    case serverError = "server_error"
    /// Another HTTP status, or an answer that cannot be read.
    case unexpectedAnswer = "unexpected_answer"
    /// No answer in time.
    case timeout
    /// The API cannot be reached, or the connection broke.
    case connection
    /// No request: the limits on concurrent probes or requests left no place in time.
    case busy

    init(_ error: APIError) {
        self =
            switch error.reason {
            case .token: .unauthorized
            case .transfer where error.isTimeout: .timeout
            case .transfer, .cancelled: .connection
            case .status(_, isThrottled: true), .paused: .throttled
            case .status(400, _), .answer(.unsuccessful): .validationFailed
            case .status(401, _): .unauthorized
            case .status(403, _): .forbidden
            case .status(404, _): .notFound
            case .status(500..., _): .serverError
            case .status, .answer: .unexpectedAnswer
            }
    }
}

/// The families in the response to a probe, named like blackbox_exporter's.
package enum ProbeFamilies: Int, MetricFamilySet {
    case success, duration, latency, status, sent, failure

    package var family: MetricFamily {
        switch self {
        case .success:
            MetricFamily("probe_success", .gauge, help: "Whether the API reached the bucket (1) or the probe failed (0).")
        case .duration:
            MetricFamily(
                "probe_duration_seconds", .gauge, unit: .seconds,
                help: "Duration of the request to the API, without waiting for its turn; 0 if none was sent.")
        case .latency:
            MetricFamily(
                "probe_latency_seconds", .gauge, unit: .seconds,
                help: "Latency of the bucket that the API measured for the probe; from the field latency_ms.")
        case .status:
            MetricFamily(
                "probe_status", .gauge,
                help: "Whether the bucket is in the state given by the label status (1) or not (0); from the field status.",
                labelNames: ["status"])
        case .sent:
            MetricFamily(
                "probe_sent_timestamp_seconds", .gauge, unit: .seconds,
                help: "When the request was sent, in seconds since 1970-01-01 UTC; earlier than the scrape for a shared result.")
        case .failure:
            MetricFamily(
                "probe_failure_info", .info, help: "Why the probe failed, always 1; absent after a success.",
                labelNames: ["reason"])
        }
    }
}
