/// GET /bucket/available: the buckets that no MIRROR repository uses. The page knows no parameter, the client a `workspaceId`.
enum AvailableBuckets {
    static func answer(_ call: Call, _ organization: Organization, _ spelling: APISpelling) -> Answer {
        let workspace = call.query["workspaceId"]
        var rows = [JSONValue]()
        for bucket in organization.liveBuckets where call.maySee(bucket) && organization.isAvailable(bucket) {
            guard workspace == nil || bucket.workspaceID == workspace else { continue }
            let row = BucketRow(bucket: bucket, organization: organization, spelling: spelling, now: call.now)
            rows.append(row.available)
        }
        return .ok(spelling.available.list(rows))
    }
}
