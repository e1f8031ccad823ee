package import Basics
package import HTTPClient
internal import HTTPTypes

/// The API's client: sends requests with the account's token and within the request budget, and counts their outcomes.
package struct FlashbackClient: Sendable {
    // Shared by all requests to avoid allocations.
    private static let headerFields: HTTPFields = [.accept: "application/json"]
    private static let headerFieldsWithBody: HTTPFields = [.accept: "application/json", .contentType: "application/json"]

    /// State shared by all copies of the client, so that a copy costs only one reference.
    private final class Shared: Sendable {
        let baseURL: APIBaseURL
        let transport: RecordedTransport
        let tokens: any AccessTokenSource
        let budget: RequestBudget
        let retries: RetryPolicy
        let timeout: Duration
        let statistics: RequestStatistics
        let time: TimeSource
        let jitter: @Sendable () -> Double
        let evidence: TokenEvidence

        init(
            baseURL: APIBaseURL, transport: RecordedTransport, tokens: any AccessTokenSource, budget: RequestBudget,
            retries: RetryPolicy, timeout: Duration, time: TimeSource, jitter: @escaping @Sendable () -> Double
        ) {
            self.baseURL = baseURL
            self.transport = transport
            self.tokens = tokens
            self.budget = budget
            self.retries = retries
            self.timeout = timeout
            statistics = transport.statistics
            self.time = time
            self.jitter = jitter
            evidence = TokenEvidence(
                lists: [
                    Question(ListBuckets(), at: baseURL), Question(ListBucketTotals(), at: baseURL),
                    Question(ListAvailableBuckets(), at: baseURL),
                ], time: time)
        }
    }

    private let shared: Shared
    private var reservedPlace: ReservedPlace?
    /// The maximum duration of a call; nil for the client's default.
    private var limit: Duration?

    /// - Parameters:
    ///   - timeout: the maximum duration of a call including its retries, counted from its first request; also the longest throttling pause
    ///     to wait for before that. Waiting for other requests does not count, because waits are long under a low limit.
    ///   - jitter: a random fraction from 0 to 1 of the wait before a retry.
    package init(
        baseURL: APIBaseURL, transport: any HTTPTransport, tokens: any AccessTokenSource, budget: RequestBudget,
        retries: RetryPolicy = .standard, timeout: Duration = .seconds(30), statistics: RequestStatistics? = nil,
        time: TimeSource, jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        let statistics = statistics ?? RequestStatistics(time: time)
        shared = Shared(
            baseURL: baseURL, transport: RecordedTransport(transport: transport, statistics: statistics, time: time),
            tokens: tokens,
            budget: budget, retries: retries, timeout: timeout, time: time, jitter: jitter)
    }

    /// The account's request budget.
    package var budget: RequestBudget { shared.budget }
    /// Counts of the requests so far.
    package var statistics: RequestStatistics { shared.statistics }

    /// A client whose first request uses a previously reserved place in the budget.
    package func using(_ place: ReservedPlace) -> FlashbackClient {
        var client = self
        client.reservedPlace = place
        return client
    }

    /// A client whose calls end within a time, if that is shorter than its own.
    package func limited(to timeout: Duration) -> FlashbackClient {
        var client = self
        client.limit = min(timeout, self.timeout)
        return client
    }

    private var timeout: Duration { limit ?? shared.timeout }

    /// The preferred executor for tasks that make many requests; nil when it makes no difference.
    package var executor: (any TaskExecutor)? { shared.transport.executor }

    /// Sends a request and decodes the response.
    package func send<Asked: Endpoint>(_ endpoint: Asked) async throws(APIError) -> Asked.Answer {
        var call = Call(
            question: Question(endpoint, at: shared.baseURL), token: try await token(for: Asked.name),
            deadline: shared.time.uptime + timeout)
        while true {
            let place = try await place(for: Asked.name, &call)
            do throws(APIError) {
                call.sentAt = shared.time.uptime
                let response = try await exchange(call.question, call.token, until: call.deadline, place)
                return try answer(of: endpoint, in: response, call.token)
            } catch {
                // Throws if the error is final.
                try await prepareRetry(after: error, &call)
                shared.statistics.recordRetry(Asked.name)
            }
        }
    }

    /// The token's state for the metrics.
    package var tokenReport: AccessTokenReport {
        get async { await shared.tokens.report }
    }

    /// A call in progress. It yields one answer, possibly after several requests.
    private struct Call {
        let question: Question
        var token: AccessToken
        /// The steady time at which the call gives up.
        var deadline: Duration
        var hasBegun = false
        /// When the latest request was sent.
        var sentAt = Duration.zero
        /// Why the latest request is retried; the call fails with this error if no time is left for the retry.
        var failure: APIError?
        var hasNewToken = false
        var throttled = 0
        var failed = 0
    }

    private func token(for endpoint: EndpointName) async throws(APIError) -> AccessToken {
        do {
            return try await shared.tokens.accessToken()
        } catch {
            throw APIError(endpoint, .token(error))
        }
    }

    // MARK: One request

    /// Waits until the budget allows a request.
    private func place(for endpoint: EndpointName, _ call: inout Call) async throws(APIError) -> RequestBudget.Place {
        let place: RequestBudget.Place
        if let reserved = reservedPlace?.take() {
            place = reserved
        } else {
            do {
                place = try await budget.acquire(until: call.deadline)
            } catch {
                switch error {
                case .cancelled: throw APIError(endpoint, .cancelled)
                case .paused(let end): throw APIError(endpoint, .paused(for: end - shared.time.uptime))
                }
            }
        }
        if !call.hasBegun {
            call.hasBegun = true
            call.deadline = shared.time.uptime + timeout
        } else if let failure = call.failure, shared.time.uptime >= call.deadline {
            budget.returnUnused(place)
            throw failure
        }
        return place
    }

    /// Sends one request, counts it, and reports its outcome to the budget.
    private func exchange(
        _ question: Question, _ token: AccessToken, until deadline: Duration, _ place: RequestBudget.Place
    ) async throws(APIError) -> TransferResponse {
        let sentAt = shared.time.uptime
        let request = TransferRequest(
            method: question.name.method, url: question.url,
            headerFields: question.body == nil ? Self.headerFields : Self.headerFieldsWithBody, body: question.body,
            bearerToken: token.secret, timeout: max(deadline - sentAt, .milliseconds(1)),
            maximumResponseBytes: question.maximumResponseBytes, isRepeatable: question.isRepeatable)
        do {
            let response = try await shared.transport.execute(request, to: question.name)
            let isSuccess = response.status.kind == .successful
            // Evidence may be sent again, so only repeatable requests qualify.
            if isSuccess, question.isRepeatable { shared.evidence.accepted(question, with: token, sentAt: sentAt) }
            if let complaint = RetryAfter.Complaint(response, now: shared.time.now) {
                shared.statistics.recordThrottled(question.name)
                budget.releaseThrottled(place, retryAfter: complaint.pause)
            } else {
                budget.release(place, isSuccess: isSuccess)
            }
            return response
        } catch {
            budget.release(place, isSuccess: false)
            throw APIError(question.name, error.kind == .cancelled ? .cancelled : .transfer(error.hiding([token.secret])))
        }
    }

    private func answer<Asked: Endpoint>(
        of endpoint: Asked, in response: TransferResponse, _ token: AccessToken
    ) throws(APIError) -> Asked.Answer {
        func said(_ envelope: ErrorEnvelope?) -> String? { envelope?.text.map { redactedLogLine($0, hiding: [token.secret]) } }
        guard response.status.kind == .successful else {
            let envelope = ErrorEnvelope(body: response.body)
            let isThrottled = RetryAfter.Complaint(response, now: shared.time.now) != nil
            throw APIError(
                Asked.name, .status(response.status.code, isThrottled: isThrottled), said: said(envelope), code: envelope?.code)
        }
        do {
            return try endpoint.answer(from: AnswerBody(response.body, maximumRows: Asked.limits.rows))
        } catch {
            let envelope = error == .unsuccessful ? ErrorEnvelope(body: response.body) : nil
            throw APIError(Asked.name, .answer(error), said: said(envelope), code: envelope?.code)
        }
    }

    // MARK: Retries

    /// Waits until the request may be retried.
    /// - Throws: the error, if it is final.
    private func prepareRetry(after error: APIError, _ call: inout Call) async throws(APIError) {
        call.failure = error
        switch error.kindOfRetry {
        case .never:
            throw error
        case .afterPause where !call.question.isRepeatable, .afterDelay where !call.question.isRepeatable:
            throw error
        case .ifTokenIsRefused:
            let token = try await tokenInstead(of: call, refusedBy: error)
            if call.hasNewToken { throw APIError(error.endpoint, .token(.refused), said: error.said) }
            call.hasNewToken = true
            call.token = token
            // Renewals have their own time limits, which may exceed the call's.
            call.failure = APIError(error.endpoint, .token(.renewedTooLate), said: error.said)
        case .afterPause:
            // The budget waits for the pause itself, together with all other requests.
            if call.throttled == shared.retries.afterThrottling { throw error }
            call.throttled += 1
            if let end = budget.pauseEnd, end > call.deadline { throw error }
        case .afterDelay:
            let wakeUp = shared.time.uptime + shared.retries.delay * (0.5 + shared.jitter() / 2)
            if call.failed == shared.retries.afterFailure || wakeUp > call.deadline { throw error }
            call.failed += 1
            do {
                try await shared.time.sleep(until: wakeUp)
            } catch _ {
                throw APIError(error.endpoint, .cancelled)
            }
        }
    }

    // MARK: Tokens

    /// A replacement for a token that got a 401.
    /// - Throws: the error, if the token is valid and only this request is forbidden; or why no other token is available.
    private func tokenInstead(of call: Call, refusedBy error: APIError) async throws(APIError) -> AccessToken {
        do throws(AccessTokenError) {
            let current = try await shared.tokens.accessToken()
            if current != call.token { return current }
            let finding = await shared.evidence.finding(
                on: call.token, refusedFor: call.question, sentAt: call.sentAt, trial: trial)
            switch finding {
            case .accepted?: break
            case .refused?: return try await shared.tokens.replacement(for: call.token)
            case .inconclusive?: throw AccessTokenError.unproven
            case nil: throw AccessTokenError("cancelled")
            }
        } catch let refusal {
            throw APIError(error.endpoint, Task.isCancelled ? .cancelled : .token(refusal), said: error.said)
        }
        throw error
    }

    /// Whether the API accepts a token for at least one of the requests, or rejects it; nil when cancelled.
    private func trial(_ token: AccessToken, of questions: [Question]) async -> TokenEvidence.Finding? {
        var finding = TokenEvidence.Finding.inconclusive
        for question in questions where !Task.isCancelled {
            let deadline = shared.time.uptime + shared.timeout
            guard let place = try? await budget.acquire(until: deadline) else { break }
            let response = try? await exchange(question, token, until: deadline, place)
            if response?.status.kind == .successful { return .accepted }
            if response?.status == .unauthorized { finding = .refused }
        }
        return Task.isCancelled ? nil : finding
    }
}
