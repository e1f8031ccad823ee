package import HTTPTypes

/// What a web configuration says of requests.
package struct RequestPolicy: Sendable {
    /// What every answer carries.
    package var headerFields: HTTPFields = [:]
    /// Who may ask; nobody in it lets everybody ask.
    package var users = BasicAuthenticationUsers()
    /// Nil does not limit how often is asked.
    package var rateLimit: RateLimit?

    package init() {}
}
