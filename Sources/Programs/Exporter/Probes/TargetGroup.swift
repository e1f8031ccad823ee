internal import Basics
internal import FlashbackAPI
internal import FoundationEssentials

/// A target group of Prometheus' HTTP service discovery (`http_sd_configs`): one bucket, whose labels are available to relabelling.
struct TargetGroup: Encodable {
    let targets: [String]
    let labels: [String: String]

    /// - Parameter account: the account's name; nil when there is only one.
    init(_ bucket: Bucket, account: Identifier?) {
        targets = [bucket.id.text]
        let prefix = "__meta_flashback_"
        let values = [
            "bucket_id": bucket.id.text,
            "bucket_name": bucket.name,
            "cloud_bucket": bucket.cloudBucket,
            "storage_type": bucket.storageType?.description,
            "bucket_region": bucket.region,
            "endpoint": bucket.endpoint,
            "workspace_id": bucket.workspaceID?.text,
            "account": account?.text,
        ]
        var labels: [String: String] = [:]
        for (name, value) in values { labels[prefix + name] = value }
        // Every scrape configuration needs these, and deriving them there is error-prone.
        labels["__metrics_path__"] = ProbeRoutes.Path.probe.rawValue
        labels["__param_target"] = bucket.id.text
        labels["__param_account"] = account?.text
        self.labels = labels
    }

    /// The JSON document for some groups.
    static func encoded(_ groups: [TargetGroup]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(groups))
    }
}
