package import Basics
package import HTTPClient
internal import HTTPTypes

/// The API's client: asks an endpoint with the account's token, within the request budget, and counts what happens.
package struct FlashbackClient: Sendable {
    // The same for all requests, of which there are many.
    private static let headerFields: HTTPFields = [.accept: "application/json"]
    private static let headerFieldsWithBody: HTTPFields = [.accept: "application/json", .contentType: "application/json"]

    /// What the clients of all requests have in common: for each request only a reference is copied.
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

    /// - Parameters:
    ///   - timeout: how long a call may take, with its retries, from its first request on; and the longest pause that it waits for
    ///     before it. Its wait for others' requests does not count: where few are allowed, many must wait for longer.
    ///   - jitter: a random share from 0 to 1 of the wait before a retry.
    package init(
        baseURL: APIBaseURL, transport: any HTTPTransport, tokens: any AccessTokenSource, budget: RequestBudget,
        retries: RetryPolicy = .standard, timeout: Duration = .seconds(30), statistics: RequestStatistics = RequestStatistics(),
        time: TimeSource, jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        shared = Shared(
            baseURL: baseURL, transport: RecordedTransport(transport: transport, statistics: statistics, time: time),
            tokens: tokens,
            budget: budget, retries: retries, timeout: timeout, time: time, jitter: jitter)
    }

    /// How many requests may be made.
    package var budget: RequestBudget { shared.budget }
    /// What the requests so far came to.
    package var statistics: RequestStatistics { shared.statistics }

    /// A client whose first request uses a place in the budget that was taken before.
    package func using(_ place: ReservedPlace) -> FlashbackClient {
        var client = self
        client.reservedPlace = place
        return client
    }

    /// Where tasks that make many requests run best; nil when that makes no difference.
    package var executor: (any TaskExecutor)? { shared.transport.executor }

    /// Asks an endpoint and reads its answer.
    package func send<Asked: Endpoint>(_ endpoint: Asked) async throws(APIError) -> Asked.Answer {
        var call = Call(
            question: Question(endpoint, at: shared.baseURL), token: try await token(for: Asked.name),
            deadline: shared.time.uptime + shared.timeout)
        while true {
            let place = try await place(for: Asked.name, &call)
            do throws(APIError) {
                call.sentAt = shared.time.uptime
                let response = try await exchange(call.question, call.token, until: call.deadline, place)
                return try answer(of: endpoint, in: response, call.token)
            } catch {
                // Throws where the error is final.
                try await prepareRetry(after: error, &call)
                shared.statistics.recordRetry(Asked.name)
            }
        }
    }

    /// What is to be told of the token.
    package var tokenReport: AccessTokenReport {
        get async { await shared.tokens.report }
    }

    /// A call under way: one answer wanted, perhaps at the cost of several requests.
    private struct Call {
        let question: Question
        var token: AccessToken
        /// The steady time after which nothing is waited for.
        var deadline: Duration
        var hasBegun = false
        /// When the latest request was made.
        var sentAt = Duration.zero
        /// Why the latest request is to be made again.
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
            call.deadline = shared.time.uptime + shared.timeout
        } else if let failure = call.failure, shared.time.uptime >= call.deadline {
            budget.returnUnused(place)
            throw failure
        }
        return place
    }

    /// Sends one request, counts it, and tells the budget how it went.
    private func exchange(
        _ question: Question, _ token: AccessToken, until deadline: Duration, _ place: RequestBudget.Place
    ) async throws(APIError) -> TransferResponse {
        let sentAt = shared.time.uptime
        let request = TransferRequest(
            method: question.name.method, url: question.url,
            headerFields: question.body == nil ? Self.headerFields : Self.headerFieldsWithBody, body: question.body,
            bearerToken: token.secret, timeout: max(deadline - sentAt, .milliseconds(1)),
            maximumResponseBytes: question.maximumResponseBytes)
        do {
            let response = try await shared.transport.execute(request, to: question.name)
            let isSuccess = response.status.kind == .successful
            if isSuccess { shared.evidence.accepted(question, with: token, sentAt: sentAt) }
            if let complaint = RetryAfter.Complaint(response, now: shared.time.now) {
                shared.statistics.recordThrottled(question.name)
                budget.releaseThrottled(place, retryAfter: complaint.pause)
            } else {
                budget.release(place, isSuccess: isSuccess)
            }
            return response
        } catch {
            budget.release(place, isSuccess: false)
            throw APIError(question.name, error.kind == .cancelled ? .cancelled : .transfer(error))
        }
    }

    private func answer<Asked: Endpoint>(
        of endpoint: Asked, in response: TransferResponse, _ token: AccessToken
    ) throws(APIError) -> Asked.Answer {
        func said(_ envelope: ErrorEnvelope?) -> String? { envelope?.text.map { spoken($0, hiding: [token.secret]) } }
        guard response.status.kind == .successful else {
            let envelope = ErrorEnvelope(body: response.body)
            let isThrottled = RetryAfter.duration(in: response.headerFields, now: shared.time.now) != nil
            throw APIError(Asked.name, .status(response.status.code, isThrottled: isThrottled), said: said(envelope))
        }
        do {
            return try endpoint.answer(from: AnswerBody(response.body, mostRows: Asked.limits.rows))
        } catch {
            if case .unsuccessful(let envelope) = error { throw APIError(Asked.name, .answer(error), said: said(envelope)) }
            throw APIError(Asked.name, .answer(error))
        }
    }

    // MARK: Retries

    /// Waits until a request may be made again.
    /// - Throws: the error, where it is final.
    private func prepareRetry(after error: APIError, _ call: inout Call) async throws(APIError) {
        call.failure = error
        switch error.kindOfRetry {
        case .never:
            throw error
        case .ifTokenIsRefused:
            let token = try await tokenInstead(of: call, refusedBy: error)
            if call.hasNewToken { throw APIError(error.endpoint, .token(.refused), said: error.said) }
            call.hasNewToken = true
            call.token = token
        case .afterPause:
            // The pause itself is waited for with everybody else's, in the budget.
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

    /// A token to use instead of one with which a request was answered with 401.
    /// - Throws: the error, where the API takes the token and refuses only what was asked; or why there is no other token.
    private func tokenInstead(of call: Call, refusedBy error: APIError) async throws(APIError) -> AccessToken {
        do throws(AccessTokenError) {
            let current = try await shared.tokens.accessToken()
            if current != call.token { return current }
            let isRefused = await shared.evidence.isRefused(call.token, by: call.question, sentAt: call.sentAt, trial: isAccepted)
            if isRefused == true { return try await shared.tokens.replacement(for: call.token) }
            if isRefused == nil { throw AccessTokenError("cancelled") }
        } catch let refusal {
            throw APIError(error.endpoint, Task.isCancelled ? .cancelled : .token(refusal), said: error.said)
        }
        throw error
    }

    /// Whether the API accepts a token for one of some requests; nil when that was broken off.
    private func isAccepted(_ token: AccessToken, for questions: [Question]) async -> Bool? {
        for question in questions where !Task.isCancelled {
            let deadline = shared.time.uptime + shared.timeout
            guard let place = try? await budget.acquire(until: deadline) else { break }
            let response = try? await exchange(question, token, until: deadline, place)
            if response?.status.kind == .successful { return true }
        }
        return Task.isCancelled ? nil : false
    }
}
