package import CurlTransport
internal import HTTPTypes

/// The API's client: asks an endpoint with the account's token, within the request budget, and counts what happens.
package struct FlashbackClient: Sendable {
    // The same for all requests, of which there are many.
    private static let headerFields: HTTPFields = [.accept: "application/json"]
    private static let headerFieldsWithBody: HTTPFields = [.accept: "application/json", .contentType: "application/json"]

    private let baseURL: APIBaseURL
    private let transport: RecordedTransport
    private let tokens: any AccessTokenSource
    private let retries: RetryPolicy
    private let timeout: Duration
    private let time: TimeSource
    private let jitter: @Sendable () -> Double
    private var reservedPlace: ReservedPlace?

    /// How many requests may be made.
    package let budget: RequestBudget
    /// What the requests so far came to.
    package let statistics: RequestStatistics

    /// - Parameters:
    ///   - timeout: how long a call may take, with its retries, from its first request on; and the longest pause that it waits for
    ///     before it. Its wait for others' requests does not count: where few are allowed, many must wait for longer.
    ///   - jitter: a random share from 0 to 1 of the wait before a retry.
    package init(
        baseURL: APIBaseURL, transport: any HTTPTransport, tokens: any AccessTokenSource, budget: RequestBudget,
        retries: RetryPolicy = .standard, timeout: Duration = .seconds(30), statistics: RequestStatistics = RequestStatistics(),
        time: TimeSource, jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.baseURL = baseURL
        self.transport = RecordedTransport(transport: transport, statistics: statistics, time: time)
        self.tokens = tokens
        self.budget = budget
        self.retries = retries
        self.timeout = timeout
        self.statistics = statistics
        self.time = time
        self.jitter = jitter
    }

    /// A client whose first request uses a place in the budget that was taken before.
    package func using(_ place: ReservedPlace) -> FlashbackClient {
        var client = self
        client.reservedPlace = place
        return client
    }

    /// Where tasks that make many requests run best; nil when that makes no difference.
    package var executor: (any TaskExecutor)? { transport.executor }

    /// Asks an endpoint and reads its answer.
    package func send<Asked: Endpoint>(_ endpoint: Asked) async throws(APIError) -> Asked.Answer {
        var call = Call(token: try await token(for: Asked.name), deadline: time.uptime + timeout)
        while true {
            let place = try await place(for: Asked.name, &call)
            do throws(APIError) {
                let response = try await exchange(endpoint, call, place)
                return try answer(of: endpoint, in: response, call.token)
            } catch {
                // Throws where the error is final.
                try await prepareRetry(after: error, &call)
                statistics.recordRetry(Asked.name)
            }
        }
    }

    /// What is to be told of the token.
    package var tokenReport: AccessTokenReport {
        get async { await tokens.report }
    }

    /// A call under way: one answer wanted, perhaps at the cost of several requests.
    private struct Call {
        var token: AccessToken
        /// The steady time after which nothing is waited for.
        var deadline: Duration
        var hasBegun = false
        /// Why the latest request is to be made again.
        var failure: APIError?
        var hasNewToken = false
        var throttled = 0
        var failed = 0
    }

    private func token(for endpoint: EndpointName) async throws(APIError) -> AccessToken {
        do {
            return try await tokens.accessToken()
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
                case .paused(let end): throw APIError(endpoint, .paused(for: end - time.uptime))
                }
            }
        }
        if !call.hasBegun {
            call.hasBegun = true
            call.deadline = time.uptime + timeout
        } else if let failure = call.failure, time.uptime >= call.deadline {
            budget.release(place, isSuccess: false)
            throw failure
        }
        return place
    }

    /// Sends one request, counts it, and tells the budget how it went.
    private func exchange<Asked: Endpoint>(
        _ endpoint: Asked, _ call: Call, _ place: RequestBudget.Place
    ) async throws(APIError) -> TransferResponse {
        let request = request(for: endpoint, call)
        do {
            let response = try await transport.execute(request, to: Asked.name)
            let mayComplain = [.tooManyRequests, .serviceUnavailable].contains(response.status)
            let retryAfter = mayComplain ? RetryAfter.duration(in: response.headerFields, now: time.now) : nil
            if response.status == .tooManyRequests || retryAfter != nil {
                statistics.recordThrottled(Asked.name)
                budget.releaseThrottled(place, retryAfter: retryAfter)
            } else {
                budget.release(place, isSuccess: response.status.kind == .successful)
            }
            return response
        } catch {
            budget.release(place, isSuccess: false)
            throw APIError(Asked.name, error.kind == .cancelled ? .cancelled : .transfer(error))
        }
    }

    private func request<Asked: Endpoint>(for endpoint: Asked, _ call: Call) -> TransferRequest {
        let body = endpoint.body
        return TransferRequest(
            method: Asked.name.method, url: baseURL.url(path: endpoint.path, query: endpoint.query),
            headerFields: body == nil ? Self.headerFields : Self.headerFieldsWithBody, body: body,
            bearerToken: call.token.secret, timeout: max(call.deadline - time.uptime, .milliseconds(1)),
            maximumResponseBytes: Asked.limits.bytes)
    }

    private func answer<Asked: Endpoint>(
        of endpoint: Asked, in response: TransferResponse, _ token: AccessToken
    ) throws(APIError) -> Asked.Answer {
        func said(_ envelope: ErrorEnvelope?) -> String? { envelope?.text.map { spoken($0, hiding: token.secret) } }
        guard response.status.kind == .successful else {
            let envelope = ErrorEnvelope(body: response.body)
            let isThrottled = RetryAfter.duration(in: response.headerFields, now: time.now) != nil
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
        case .withNewToken:
            if call.hasNewToken { throw error }
            call.hasNewToken = true
            do {
                call.token = try await tokens.replacement(for: call.token)
            } catch let refusal {
                throw APIError(error.endpoint, .token(refusal), said: error.said)
            }
        case .afterPause:
            // The pause itself is waited for with everybody else's, in the budget.
            if call.throttled == retries.afterThrottling { throw error }
            call.throttled += 1
            if let end = budget.pauseEnd, end > call.deadline { throw error }
        case .afterDelay:
            let wakeUp = time.uptime + retries.delay * (0.5 + jitter() / 2)
            if call.failed == retries.afterFailure || wakeUp > call.deadline { throw error }
            call.failed += 1
            do {
                try await time.sleep(until: wakeUp)
            } catch _ {
                throw APIError(error.endpoint, .cancelled)
            }
        }
    }
}
