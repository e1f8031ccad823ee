internal import ArgumentParser
internal import FlashbackSimulator

/// One flag for each variation in `APIDialect`. The first value of each is the documented one.
struct SpellingOptions: ParsableArguments {
    @Option(name: .customLong("spelling.latency"), help: "A node's latency in the bucket's status.")
    var latency = APIDialect.LatencyName.snakeCase

    @Option(name: .customLong("spelling.bucket-id"), help: "The bucket's identifier beside totals and status.")
    var bucketID = APIDialect.BucketIDName.bucketID

    @Option(name: .customLong("spelling.totals"), help: "The kind of the totals.")
    var totals = APIDialect.TotalsKind.string

    @Option(name: .customLong("spelling.totals-names"), help: "The names of the totals.")
    var totalsNames = APIDialect.TotalsNames.total

    @Option(name: .customLong("spelling.azure"), help: "The storage type of Azure.")
    var azure = APIDialect.AzureWord.blob

    @Option(name: .customLong("spelling.list"), help: "The form of GET /bucket.")
    var list = APIDialect.ListForm.envelope

    @Option(name: .customLong("spelling.available"), help: "The form of GET /bucket/available.")
    var available = APIDialect.ListForm.array

    @Option(name: .customLong("spelling.optional-fields"), help: "How optional fields are represented.")
    var optionalFields = APIDialect.OptionalFields.present

    @Option(name: .customLong("spelling.latency-when-down"), help: "The latency of a node that is not ONLINE.")
    var latencyWhenDown = APIDialect.LatencyWhenDown.lastMeasured

    @Option(name: .customLong("spelling.last-updated"), help: "The time of a node's report.")
    var lastUpdated = APIDialect.LastUpdatedName.documented

    @Option(name: .customLong("spelling.node-status"), help: "The status of a node.")
    var nodeStatus = APIDialect.NodeStatusName.documented

    @Option(name: .customLong("spelling.host"), help: "A node's host pattern in the daily statistics.")
    var host = APIDialect.HostName.host

    @Option(name: .customLong("spelling.uptime"), help: "A node's uptime in the daily statistics.")
    var uptime = APIDialect.UptimeName.percentUptime

    @Option(name: .customLong("spelling.disconnected"), help: "The status word of a node that cannot reach the bucket.")
    var disconnected = APIDialect.DisconnectedWord.disconnected

    @Option(name: .customLong("spelling.online-bucket"), help: "The status word of a reachable bucket.")
    var onlineBucket = APIDialect.OnlineBucketWord.online

    @Option(name: .customLong("spelling.access-token"), help: "The access token in an answer.")
    var accessToken = APIDialect.AccessTokenName.camelCase

    @Option(name: .customLong("spelling.refresh-token"), help: "The refresh token in an answer.")
    var refreshToken = APIDialect.RefreshTokenName.camelCase

    @Option(name: .customLong("spelling.expires-at"), help: "The unit of expiresAt.")
    var expiresAt = APIDialect.ExpiryUnit.seconds

    @Option(name: .customLong("spelling.times"), help: "The resolution of times.")
    var times = APIDialect.TimeForm.milliseconds

    @Option(name: .customLong("spelling.errors"), help: "The form of an error.")
    var errors = ErrorEnvelope.message

    @Flag(name: .customLong("spelling.omit-idle-buckets"), help: "Leave buckets without traffic out of the totals.")
    var omitsIdleBuckets = false

    @Flag(name: .customLong("spelling.client-fields"), help: "Add the fields that only the TypeScript client knows.")
    var clientFields = false

    var spelling: APIDialect {
        var spelling = APIDialect()
        spelling.latencyName = latency
        spelling.bucketIDName = bucketID
        spelling.totalsKind = totals
        spelling.totalsNames = totalsNames
        spelling.azureWord = azure
        spelling.list = list
        spelling.available = available
        spelling.optionalFields = optionalFields
        spelling.latencyWhenDown = latencyWhenDown
        spelling.lastUpdatedName = lastUpdated
        spelling.nodeStatusName = nodeStatus
        spelling.hostName = host
        spelling.uptimeName = uptime
        spelling.disconnectedWord = disconnected
        spelling.onlineBucketWord = onlineBucket
        spelling.accessTokenName = accessToken
        spelling.refreshTokenName = refreshToken
        spelling.expiryUnit = expiresAt
        spelling.timeForm = times
        spelling.errorEnvelope = errors
        spelling.omitsIdleBuckets = omitsIdleBuckets
        spelling.clientFields = clientFields
        return spelling
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
extension APIDialect.TimeForm: ExpressibleByArgument {}
extension ErrorEnvelope: ExpressibleByArgument {}
