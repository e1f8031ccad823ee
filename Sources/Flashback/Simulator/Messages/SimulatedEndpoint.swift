internal import Basics
internal import HTTPServer
internal import HTTPTypes

/// An endpoint of the simulated API. Its raw value is the documented name.
package enum SimulatedEndpoint: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case listBuckets = "GET /bucket"
    case createBucket = "POST /bucket"
    case bucketTotals = "GET /bucket/stats"
    case availableBuckets = "GET /bucket/available"
    case updateBucket = "PUT /bucket/{bucketId}"
    case deleteBucket = "DELETE /bucket/{bucketId}"
    case bucketStatus = "GET /bucket/{bucketId}/status"
    case dailyStats = "POST /bucket/{bucketId}/stats"
    case validateBucket = "POST /bucket/{bucketId}/validate"
    // Repositories, nodes and traffic.
    case listRepositories = "GET /repo"
    case repositoryTotals = "GET /repo/stats"
    case listNodes = "GET /node"
    case nodeTraffic = "GET /v2/stats/storage/breakdown/nodes"
    case bucketTraffic = "GET /v2/stats/storage/breakdown/buckets"
    // Traffic by time.
    case storageStatistics = "GET /v2/stats/storage"
    case login = "POST /user/login"
    case refresh = "POST /user/refresh"
    // The account.
    case quota = "GET /user/quota"
    case creditBalance = "GET /credits/balance"
    case listWorkspaces = "GET /workspace"

    // Statistics of many buckets.
    case latestNodeStatistics = "GET /stats/nodes/minute"
    case dailyNodeStatistics = "GET /stats/nodes/daily"

    package var description: String { rawValue }

    /// Only the login endpoints need no access token.
    var needsToken: Bool { self != .login && self != .refresh }
}

/// The target of a method and path.
enum Route: Equatable {
    case endpoint(SimulatedEndpoint, bucketID: String?)
    /// The path exists only with other methods.
    case wrongMethod(allowed: [HTTPRequest.Method])
    case unknown

    init(_ method: HTTPRequest.Method, _ path: Substring) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let methods: [HTTPRequest.Method: SimulatedEndpoint]
        var bucketID: String?
        switch Array(parts) {
        case ["bucket"]: methods = [.get: .listBuckets, .post: .createBucket]
        case ["bucket", "stats"]: methods = [.get: .bucketTotals]
        case ["bucket", "available"]: methods = [.get: .availableBuckets]
        // Repositories, nodes and traffic.
        case ["repo"]: methods = [.get: .listRepositories]
        case ["repo", "stats"]: methods = [.get: .repositoryTotals]
        case ["node"]: methods = [.get: .listNodes]
        case ["v2", "stats", "storage", "breakdown", "nodes"]: methods = [.get: .nodeTraffic]
        case ["v2", "stats", "storage", "breakdown", "buckets"]: methods = [.get: .bucketTraffic]
        // Traffic by time.
        case ["v2", "stats", "storage"]: methods = [.get: .storageStatistics]
        case ["user", "login"]: methods = [.post: .login]
        case ["user", "refresh"]: methods = [.post: .refresh]
        // Statistics of many buckets.
        case ["stats", "nodes", "minute"]: methods = [.get: .latestNodeStatistics]
        case ["stats", "nodes", "daily"]: methods = [.get: .dailyNodeStatistics]
        case ["user", "quota"]: methods = [.get: .quota]
        case ["credits", "balance"]: methods = [.get: .creditBalance]
        case ["workspace"]: methods = [.get: .listWorkspaces]
        case let parts where parts.count == 2 && parts[0] == "bucket" && !parts[1].isEmpty:
            methods = [.put: .updateBucket, .delete: .deleteBucket]
            bucketID = PercentEncoding.decode(parts[1])
        case let parts where parts.count == 3 && parts[0] == "bucket" && !parts[1].isEmpty:
            bucketID = PercentEncoding.decode(parts[1])
            switch parts[2] {
            case "status": methods = [.get: .bucketStatus]
            case "stats": methods = [.post: .dailyStats]
            case "validate": methods = [.post: .validateBucket]
            default: methods = [:]
            }
        default: methods = [:]
        }
        if let endpoint = methods[method] {
            self = .endpoint(endpoint, bucketID: bucketID)
        } else if methods.isEmpty {
            self = .unknown
        } else {
            self = .wrongMethod(allowed: methods.keys.sorted { $0.rawValue < $1.rawValue })
        }
    }
}
