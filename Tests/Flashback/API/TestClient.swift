import FlashbackAPI
import HTTPClient
import TestSupport

/// A client of a test's transport, on the test's time.
///
/// Failures are final unless the test specifies retries, so that nothing waits for a retry.
func client(
    _ transport: any HTTPTransport, time: ManualTime = ManualTime(), baseURL: String = "https://api.example.com",
    token: String = "hunter2",
    limit: Int = 4, retries: RetryPolicy = .never
) throws -> FlashbackClient {
    FlashbackClient(
        baseURL: try APIBaseURL(parsing: baseURL), transport: transport,
        tokens: StoredAccessToken(AccessTokenVariable(try AccessToken(parsing: token)), time: time.source),
        budget: RequestBudget(limit: limit, time: time.source, jitter: { 0 }), retries: retries, time: time.source, jitter: { 0 })
}

/// The error of a failed request; nil when it succeeds.
func failure<Asked: Endpoint>(_ client: FlashbackClient, _ endpoint: Asked) async -> APIError? {
    do throws(APIError) {
        _ = try await client.send(endpoint)
        return nil
    } catch {
        return error
    }
}
