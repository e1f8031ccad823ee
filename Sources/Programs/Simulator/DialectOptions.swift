internal import ArgumentParser
internal import Configuration
internal import FlashbackSimulator

/// One flag for each variation in `APIDialect`. The first value of each is the documented one.
struct DialectOptions: ParsableArguments {
    @Option(name: .customLong("dialect.latency"), help: "A node's latency in the bucket's status.")
    var latency = APIDialect.LatencyName.snakeCase

    @Option(name: .customLong("dialect.bucket-id"), help: "The bucket's identifier beside totals and status.")
    var bucketID = APIDialect.BucketIDName.bucketID

    @Option(name: .customLong("dialect.totals"), help: "The kind of the totals.")
    var totals = APIDialect.TotalsKind.string

    @Option(name: .customLong("dialect.totals-names"), help: "The names of the totals.")
    var totalsNames = APIDialect.TotalsNames.total

    @Option(name: .customLong("dialect.azure"), help: "The storage type of Azure.")
    var azure = APIDialect.AzureWord.blob

    @Option(name: .customLong("dialect.list"), help: "The form of GET /bucket.")
    var list = APIDialect.ListForm.envelope

    @Option(name: .customLong("dialect.available"), help: "The form of GET /bucket/available.")
    var available = APIDialect.ListForm.array

    @Option(name: .customLong("dialect.optional-fields"), help: "How optional fields are represented.")
    var optionalFields = APIDialect.OptionalFields.present

    @Option(name: .customLong("dialect.latency-when-down"), help: "The latency of a node that is not ONLINE.")
    var latencyWhenDown = APIDialect.LatencyWhenDown.lastMeasured

    @Option(name: .customLong("dialect.last-updated"), help: "The time of a node's report.")
    var lastUpdated = APIDialect.LastUpdatedName.documented

    @Option(name: .customLong("dialect.node-status"), help: "The status of a node.")
    var nodeStatus = APIDialect.NodeStatusName.documented

    @Option(name: .customLong("dialect.host"), help: "A node's host pattern in the daily statistics.")
    var host = APIDialect.HostName.host

    @Option(name: .customLong("dialect.uptime"), help: "A node's uptime in the daily statistics.")
    var uptime = APIDialect.UptimeName.percentUptime

    @Option(name: .customLong("dialect.disconnected"), help: "The status word of a node that cannot reach the bucket.")
    var disconnected = APIDialect.DisconnectedWord.disconnected

    @Option(name: .customLong("dialect.online-bucket"), help: "The status word of a reachable bucket.")
    var onlineBucket = APIDialect.OnlineBucketWord.online

    @Option(name: .customLong("dialect.access-token"), help: "The access token in an answer.")
    var accessToken = APIDialect.AccessTokenName.camelCase

    @Option(name: .customLong("dialect.refresh-token"), help: "The refresh token in an answer.")
    var refreshToken = APIDialect.RefreshTokenName.camelCase

    @Option(name: .customLong("dialect.expires-at"), help: "The unit of expiresAt.")
    var expiresAt = APIDialect.ExpiryUnit.seconds

    @Option(name: .customLong("dialect.series-times"), help: "The unit of the times in the traffic by time.")
    var seriesTimes = APIDialect.SeriesTimeUnit.seconds

    @Option(name: .customLong("dialect.times"), help: "The resolution of times.")
    var times = APIDialect.TimeForm.milliseconds

    @Option(name: .customLong("dialect.errors"), help: "The form of an error.")
    var errors = ErrorEnvelope.message

    // Statistics of many buckets.
    @Option(name: .customLong("dialect.node-id"), help: "A node's identifier in the statistics of many buckets.")
    var nodeID = APIDialect.NodeIDForm.address

    @Option(name: .customLong("dialect.day"), help: "The day in the statistics of many buckets.")
    var day = APIDialect.DayForm.digits

    @Option(name: .customLong("dialect.statistics"), help: "The kind of numbers in the statistics of many buckets.")
    var statistics = APIDialect.StatisticsKind.number

    @Flag(name: .customLong("dialect.omit-idle-buckets"), help: "Leave buckets without traffic out of the totals.")
    var omitsIdleBuckets = false

    @Flag(name: .customLong("dialect.client-fields"), help: "Add the fields that only the TypeScript client knows.")
    var clientFields = false

    // MARK: Repositories, nodes and traffic

    @Option(name: .customLong("dialect.repository-buckets-name"), help: "The name of a repository's buckets.")
    var repositoryBucketsName = APIDialect.RepositoryBucketsName.buckets

    @Option(name: .customLong("dialect.repository-buckets"), help: "How a repository's buckets are described.")
    var repositoryBuckets = APIDialect.RepositoryBucketForm.both

    @Option(name: .customLong("dialect.nodes"), help: "The form of GET /node.")
    var nodeList = APIDialect.NodeListForm.envelope

    @Option(name: .customLong("dialect.node-latency"), help: "A node's own latency, and that of traffic.")
    var nodeLatency = APIDialect.NodeLatencyName.camelCase

    @Option(name: .customLong("dialect.node-address"), help: "The address of a node.")
    var nodeAddress = APIDialect.NodeAddressName.url

    @Option(name: .customLong("dialect.online-node"), help: "The status word of a node that is up.")
    var onlineNode = APIDialect.OnlineNodeWord.online

    @Option(name: .customLong("dialect.traffic-names"), help: "The names of the last 24 hours' traffic.")
    var trafficNames = APIDialect.TrafficNames.camelCase

    @Option(name: .customLong("dialect.traffic"), help: "The kind of the last 24 hours' traffic.")
    var traffic = APIDialect.TrafficKind.number

    @Option(name: .customLong("dialect.traffic-page"), help: "The most rows on a page of the last 24 hours' traffic.")
    var trafficPage = 100

    @Flag(name: .customLong("dialect.omit-total-entities"), help: "Do not tell how many rows all pages have.")
    var omitsTotalEntities = false

    func validate() throws {
        if trafficPage < 1 { throw InvalidArgument("--dialect.traffic-page must be at least 1") }
    }
    @Option(name: .customLong("dialect.amounts"), help: "The kind of the amounts of quotas and credits.")
    var amounts = APIDialect.AmountKind.number

    @Option(name: .customLong("dialect.credit-date"), help: "The date of the balance of credits.")
    var creditDate = APIDialect.CreditDateForm.time

    @Option(name: .customLong("dialect.quota-errors"), help: "The form of an error about quotas and credits.")
    var quotaErrors = ErrorEnvelope.codeAndMessage

    var dialect: APIDialect {
        var dialect = APIDialect()
        dialect.latencyName = latency
        dialect.bucketIDName = bucketID
        dialect.totalsKind = totals
        dialect.totalsNames = totalsNames
        dialect.azureWord = azure
        dialect.list = list
        dialect.available = available
        dialect.optionalFields = optionalFields
        dialect.latencyWhenDown = latencyWhenDown
        dialect.lastUpdatedName = lastUpdated
        dialect.nodeStatusName = nodeStatus
        dialect.hostName = host
        dialect.uptimeName = uptime
        dialect.disconnectedWord = disconnected
        dialect.onlineBucketWord = onlineBucket
        dialect.accessTokenName = accessToken
        dialect.refreshTokenName = refreshToken
        dialect.expiryUnit = expiresAt
        dialect.seriesTimeUnit = seriesTimes
        dialect.timeForm = times
        dialect.errorEnvelope = errors
        dialect.omitsIdleBuckets = omitsIdleBuckets
        dialect.clientFields = clientFields
        // Repositories, nodes and traffic.
        dialect.repositoryBucketsName = repositoryBucketsName
        dialect.repositoryBucketForm = repositoryBuckets
        dialect.nodeList = nodeList
        dialect.nodeLatencyName = nodeLatency
        dialect.nodeAddressName = nodeAddress
        dialect.onlineNodeWord = onlineNode
        dialect.trafficNames = trafficNames
        dialect.trafficKind = traffic
        dialect.maximumTrafficPageRows = trafficPage
        dialect.omitsTotalEntities = omitsTotalEntities
        // Statistics of many buckets.
        dialect.nodeIDForm = nodeID
        dialect.dayForm = day
        dialect.statisticsKind = statistics
        dialect.amountKind = amounts
        dialect.creditDateForm = creditDate
        dialect.quotaErrorEnvelope = quotaErrors
        return dialect
    }
}

extension APIDialect.LatencyName: ExpressibleByArgument {}
extension APIDialect.BucketIDName: ExpressibleByArgument {}
extension APIDialect.TotalsKind: ExpressibleByArgument {}
extension APIDialect.TotalsNames: ExpressibleByArgument {}
extension APIDialect.AzureWord: ExpressibleByArgument {}
extension APIDialect.ListForm: ExpressibleByArgument {}
extension APIDialect.OptionalFields: ExpressibleByArgument {}
extension APIDialect.LatencyWhenDown: ExpressibleByArgument {}
extension APIDialect.LastUpdatedName: ExpressibleByArgument {}
extension APIDialect.NodeStatusName: ExpressibleByArgument {}
extension APIDialect.HostName: ExpressibleByArgument {}
extension APIDialect.UptimeName: ExpressibleByArgument {}
extension APIDialect.DisconnectedWord: ExpressibleByArgument {}
extension APIDialect.OnlineBucketWord: ExpressibleByArgument {}
extension APIDialect.AccessTokenName: ExpressibleByArgument {}
extension APIDialect.RefreshTokenName: ExpressibleByArgument {}
extension APIDialect.ExpiryUnit: ExpressibleByArgument {}
extension APIDialect.SeriesTimeUnit: ExpressibleByArgument {}
extension APIDialect.TimeForm: ExpressibleByArgument {}
extension APIDialect.NodeIDForm: ExpressibleByArgument {}
extension APIDialect.DayForm: ExpressibleByArgument {}
extension APIDialect.StatisticsKind: ExpressibleByArgument {}
extension ErrorEnvelope: ExpressibleByArgument {}

// Repositories, nodes and traffic.
extension APIDialect.RepositoryBucketsName: ExpressibleByArgument {}
extension APIDialect.RepositoryBucketForm: ExpressibleByArgument {}
extension APIDialect.NodeListForm: ExpressibleByArgument {}
extension APIDialect.NodeLatencyName: ExpressibleByArgument {}
extension APIDialect.NodeAddressName: ExpressibleByArgument {}
extension APIDialect.OnlineNodeWord: ExpressibleByArgument {}
extension APIDialect.TrafficNames: ExpressibleByArgument {}
extension APIDialect.TrafficKind: ExpressibleByArgument {}
extension APIDialect.AmountKind: ExpressibleByArgument {}
extension APIDialect.CreditDateForm: ExpressibleByArgument {}
