/// GET /bucket
enum ListBuckets {
    static func answer(_ call: Call, _ organization: Organization, _ spelling: APISpelling) -> Answer {
        let workspace = call.query["workspaceId"]
        var rows = [JSONValue]()
        for bucket in organization.liveBuckets where call.maySee(bucket) {
            guard workspace == nil || bucket.workspaceID == workspace else { continue }
            let row = BucketRow(bucket: bucket, organization: organization, spelling: spelling, now: call.now).listed
            for _ in 0...bucket.extraRows { rows.append(row) }
        }
        return .ok(spelling.list.list(rows))
    }
}
