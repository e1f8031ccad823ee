internal import ArgumentParser
internal import FlashbackSimulator

/// One flag for each variation in `APISpelling`. The first value of each is the documented one.
struct SpellingOptions: ParsableArguments {
    @Option(name: .customLong("spelling.latency"), help: "A node's latency in the bucket's status.")
    var latency = APISpelling.LatencyName.snakeCase

    @Option(name: .customLong("spelling.bucket-id"), help: "The bucket's identifier beside totals and status.")
    var bucketID = APISpelling.BucketIDName.bucketID

    @Option(name: .customLong("spelling.totals"), help: "The kind of the totals.")
    var totals = APISpelling.TotalsKind.string

    @Option(name: .customLong("spelling.totals-names"), help: "The names of the totals.")
    var totalsNames = APISpelling.TotalsNames.total

    @Option(name: .customLong("spelling.azure"), help: "The storage type of Azure.")
    var azure = APISpelling.AzureWord.blob

    @Option(name: .customLong("spelling.list"), help: "The form of GET /bucket.")
    var list = APISpelling.ListForm.envelope

    @Option(name: .customLong("spelling.available"), help: "The form of GET /bucket/available.")
    var available = APISpelling.ListForm.array

    @Option(name: .customLong("spelling.optional-fields"), help: "What becomes of optional fields.")
    var optionalFields = APISpelling.OptionalFields.present

    @Option(name: .customLong("spelling.latency-when-down"), help: "The latency of a node that is not ONLINE.")
    var latencyWhenDown = APISpelling.LatencyWhenDown.lastMeasured

    @Option(name: .customLong("spelling.last-updated"), help: "The time of a node's report.")
    var lastUpdated = APISpelling.LastUpdatedName.documented

    @Option(name: .customLong("spelling.node-status"), help: "The status of a node.")
    var nodeStatus = APISpelling.NodeStatusName.documented

    @Option(name: .customLong("spelling.host"), help: "A node's host pattern in the daily statistics.")
    var host = APISpelling.HostName.host

    @Option(name: .customLong("spelling.uptime"), help: "A node's uptime in the daily statistics.")
    var uptime = APISpelling.UptimeName.percentUptime

    @Option(name: .customLong("spelling.disconnected"), help: "The word for a node that does not reach the bucket.")
    var disconnected = APISpelling.DisconnectedWord.disconnected

    @Option(name: .customLong("spelling.online-bucket"), help: "The word for a bucket that is reached.")
    var onlineBucket = APISpelling.OnlineBucketWord.online

    @Option(name: .customLong("spelling.access-token"), help: "The access token in an answer.")
    var accessToken = APISpelling.AccessTokenName.camelCase

    @Option(name: .customLong("spelling.refresh-token"), help: "The refresh token in an answer.")
    var refreshToken = APISpelling.RefreshTokenName.camelCase

    @Option(name: .customLong("spelling.expires-at"), help: "The unit of expiresAt.")
    var expiresAt = APISpelling.ExpiryUnit.seconds

    @Option(name: .customLong("spelling.times"), help: "The resolution of times.")
    var times = APISpelling.TimeForm.milliseconds

    @Option(name: .customLong("spelling.errors"), help: "The form of an error.")
    var errors = ErrorEnvelope.message

    @Flag(name: .customLong("spelling.omit-idle-buckets"), help: "Leave buckets without traffic out of the totals.")
    var omitsIdleBuckets = false

    @Flag(name: .customLong("spelling.client-fields"), help: "Add the fields that only the TypeScript client knows.")
    var clientFields = false

    var spelling: APISpelling {
        var spelling = APISpelling()
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

extension APISpelling.LatencyName: ExpressibleByArgument {}
extension APISpelling.BucketIDName: ExpressibleByArgument {}
extension APISpelling.TotalsKind: ExpressibleByArgument {}
extension APISpelling.TotalsNames: ExpressibleByArgument {}
extension APISpelling.AzureWord: ExpressibleByArgument {}
extension APISpelling.ListForm: ExpressibleByArgument {}
extension APISpelling.OptionalFields: ExpressibleByArgument {}
extension APISpelling.LatencyWhenDown: ExpressibleByArgument {}
extension APISpelling.LastUpdatedName: ExpressibleByArgument {}
extension APISpelling.NodeStatusName: ExpressibleByArgument {}
extension APISpelling.HostName: ExpressibleByArgument {}
extension APISpelling.UptimeName: ExpressibleByArgument {}
extension APISpelling.DisconnectedWord: ExpressibleByArgument {}
extension APISpelling.OnlineBucketWord: ExpressibleByArgument {}
extension APISpelling.AccessTokenName: ExpressibleByArgument {}
extension APISpelling.RefreshTokenName: ExpressibleByArgument {}
extension APISpelling.ExpiryUnit: ExpressibleByArgument {}
extension APISpelling.TimeForm: ExpressibleByArgument {}
extension ErrorEnvelope: ExpressibleByArgument {}
