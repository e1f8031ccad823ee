/// What a recording keeps of a known field. The `switch` is exhaustive, so a field without an entry does not compile.
struct FieldTreatment {
    /// The treatment of a string, a number or a boolean.
    enum Scalar {
        /// A pseudonym.
        case identity(Pseudonyms.Kind)
        /// The identifier of the row's own object, or its name.
        case rowIdentity, rowName
        case word(HarmlessText.Vocabulary)
        /// A known word, or a pseudonym for an unknown one, which still distinguishes objects.
        case wordOrIdentity(HarmlessText.Vocabulary, Pseudonyms.Kind)
        case region, version
        /// A number, also in a string.
        case number
        /// A number or a date.
        case time
        case flag
        /// Only type and length.
        case text
        /// Nothing.
        case secret
    }

    let scalar: Scalar
    /// The kind of the rows in a list or an object; nil when the field contains neither, so that its content is ignored.
    let rows: Rows?

    /// The objects in a field.
    enum Rows {
        /// The same kind as the object that contains the field.
        case same
        case of(Pseudonyms.Kind)
    }

    private init(as scalar: Scalar, rows: Rows? = nil) {
        (self.scalar, self.rows) = (scalar, rows)
    }

    init(_ name: FieldName) {
        switch name {
        // Envelopes.
        case .success: self.init(as: .flag)
        case .message, .error_message, .errorMessage: self.init(as: .text)
        // Some answers have a code in these fields.
        case .error, .error_code, .errorCode: self.init(as: .word(.error))
        case .buckets, .units: self.init(as: .text, rows: .of(.bucket))
        case .data, .stats, .entities: self.init(as: .text, rows: .same)
        case .nodeStats: self.init(as: .text, rows: .of(.node))
        // A list of reports, or the status itself.
        case .nodeStatus: self.init(as: .word(.status), rows: .of(.node))
        // Buckets.
        case .id, .entityId: self.init(as: .rowIdentity)
        case .name, .entityName: self.init(as: .rowName)
        // The remote bucket's name, or the bucket of a repository.
        case .bucket, .unit: self.init(as: .identity(.cloudBucket), rows: .of(.bucket))
        case .storageType: self.init(as: .word(.storageType))
        case .region: self.init(as: .region)
        case .endpoint, .host, .url: self.init(as: .identity(.address))
        case .workspaceId: self.init(as: .identity(.workspace))
        case .status, .node_status: self.init(as: .word(.status))
        case .lastStatusAt, .createdAt, .lastUpdated, .last_updated, .dateBalance, .expiresAt, .day: self.init(as: .time)
        // Totals.
        case .bucketId, .unitId: self.init(as: .identity(.bucket))
        case .totalCount, .requests, .totalUploadBytes, .upl_bytes, .uplBytes, .totalDownloadBytes, .dwl_bytes, .dwlBytes,
            .totalSizeChange, .size_change, .sizeChange:
            self.init(as: .number)
        // Nodes.
        case .ip, .nodeId: self.init(as: .identity(.node))
        case .version: self.init(as: .version)
        case .latency_ms, .latencyMs, .avg_latency_ms, .last_latency_ms, .perc_uptime, .online: self.init(as: .number)
        // Repositories.
        case .repos: self.init(as: .text, rows: .of(.repository))
        case .repoId: self.init(as: .identity(.repository))
        case .mode: self.init(as: .word(.mode))
        case .disabled, .master: self.init(as: .flag)
        case .folder: self.init(as: .identity(.folder))
        // Traffic of a window.
        case .totals, .meta: self.init(as: .text, rows: .same)
        case .totalEntities: self.init(as: .number)
        // Traffic by time.
        case .series: self.init(as: .text, rows: .same)
        case .ts: self.init(as: .time)
        // Tokens.
        case .accessToken, .token, .access_token, .refreshToken, .refresh_token: self.init(as: .secret)
        // Quotas.
        case .subscription: self.init(as: .text, rows: .of(.subscription))
        case .quotaUsage: self.init(as: .text, rows: .of(.other))
        case .capability: self.init(as: .text, rows: .of(.capability))
        case .code: self.init(as: .wordOrIdentity(.capability, .capability))
        case .periodType: self.init(as: .word(.period))
        case .usage: self.init(as: .text, rows: .same)
        case .current, .max: self.init(as: .number)
        // Credits.
        case .creditBalance, .realtimeBalance, .pendingConsumption, .storage, .ai: self.init(as: .number)
        case .breakdown: self.init(as: .text, rows: .same)
        // Workspaces.
        case .workspaces: self.init(as: .text, rows: .of(.workspace))
        }
    }

    /// The kind of pseudonym for the names of a kind of object.
    static func name(of kind: Pseudonyms.Kind) -> Pseudonyms.Kind {
        switch kind {
        case .bucket: .bucketName
        case .repository: .repositoryName
        case .workspace: .workspaceName
        case .node: .nodeName
        case .subscription: .subscriptionName
        default: kind
        }
    }
}
