import Foundation

extension Python {
    /// A family of a body in protobuf, as Python's protobuf package decodes it.
    struct MessageFamily: Decodable {
        struct Metric: Decodable {
            let labels: [String: String]
            /// The value of a counter or gauge, as Python writes it.
            let value: String?
            /// The count of the native histogram beside the classic one, summed over its buckets.
            let nativeCount: Int?
            let count: Int?
            /// In seconds since 1970-01-01.
            let start: Double?
        }

        let name: String
        let type: String
        let unit: String
        let metrics: [Metric]
    }

    /// Declares the messages again, following Prometheus' `io/prometheus/client/metrics.proto`.
    private static let decoder = #"""
        import json, sys
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
        from google.protobuf.internal.decoder import _DecodeVarint32

        # io/prometheus/client/metrics.proto: message, then its fields as name, number, type and, for a repeated field, a star.
        SCHEMA = """
        LabelPair: name 1 string, value 2 string
        Gauge: value 1 double
        Counter: value 1 double, exemplar 2 Exemplar, created_timestamp 3 Timestamp
        Quantile: quantile 1 double, value 2 double
        Summary: sample_count 1 uint64, sample_sum 2 double, quantile 3 Quantile*, created_timestamp 4 Timestamp
        Untyped: value 1 double
        Histogram: sample_count 1 uint64, sample_count_float 4 double, sample_sum 2 double, bucket 3 Bucket*,
         created_timestamp 15 Timestamp, schema 5 sint32, zero_threshold 6 double, zero_count 7 uint64, zero_count_float 8 double,
         negative_span 9 BucketSpan*, negative_delta 10 sint64*, negative_count 11 double*, positive_span 12 BucketSpan*,
         positive_delta 13 sint64*, positive_count 14 double*, exemplars 16 Exemplar*
        Bucket: cumulative_count 1 uint64, cumulative_count_float 4 double, upper_bound 2 double, exemplar 3 Exemplar
        BucketSpan: offset 1 sint32, length 2 uint32
        Exemplar: label 1 LabelPair*, value 2 double, timestamp 3 Timestamp
        Metric: label 1 LabelPair*, gauge 2 Gauge, counter 3 Counter, summary 4 Summary, untyped 5 Untyped, histogram 7 Histogram,
         timestamp_ms 6 int64
        MetricFamily: name 1 string, help 2 string, type 3 MetricType, metric 4 Metric*, unit 5 string
        """
        TYPES = ["COUNTER", "GAUGE", "SUMMARY", "UNTYPED", "HISTOGRAM", "GAUGE_HISTOGRAM"]

        file = descriptor_pb2.FileDescriptorProto(
            name="metrics.proto", package="io.prometheus.client", syntax="proto2", dependency=["google/protobuf/timestamp.proto"])
        kinds = file.enum_type.add(name="MetricType")
        for number, name in enumerate(TYPES):
            kinds.value.add(name=name, number=number)
        for line in SCHEMA.replace("\n ", " ").strip().splitlines():
            name, fields = line.split(":")
            message = file.message_type.add(name=name)
            for field in fields.split(","):
                name, number, kind = field.split()
                repeated, kind = kind.endswith("*"), kind.rstrip("*")
                field = message.field.add(name=name, number=int(number), label=3 if repeated else 1)
                if kind.islower() or kind[-1].isdigit():
                    field.type = getattr(field, "TYPE_" + kind.upper())
                elif kind == "MetricType":
                    field.type, field.type_name = field.TYPE_ENUM, ".io.prometheus.client.MetricType"
                else:
                    package = ".google.protobuf." if kind == "Timestamp" else ".io.prometheus.client."
                    field.type, field.type_name = field.TYPE_MESSAGE, package + kind
        pool = descriptor_pool.DescriptorPool()
        pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
        pool.Add(file)
        classes = message_factory.GetMessageClassesForFiles(["metrics.proto"], pool)
        MetricFamily = classes["io.prometheus.client.MetricFamily"]

        def families(body):
            at = 0
            while at < len(body):
                size, at = _DecodeVarint32(body, at)
                assert at + size <= len(body), "cut off"
                family = MetricFamily.FromString(body[at:at + size])
                at += size
                yield family

        def native_count(histogram):
            total, count = histogram.zero_count, 0
            for delta in histogram.positive_delta:
                count += delta
                total += count
            assert len(histogram.positive_delta) == sum(span.length for span in histogram.positive_span)
            return total

        def start(message):
            return message.created_timestamp.ToNanoseconds() / 1e9 if message.HasField("created_timestamp") else None

        def read(metric):
            read = {"labels": {label.name: label.value for label in metric.label}}
            if metric.HasField("histogram"):
                histogram = metric.histogram
                native = native_count(histogram) if histogram.HasField("schema") else None
                read |= {"count": histogram.sample_count, "nativeCount": native, "start": start(histogram)}
            elif metric.HasField("counter"):
                read |= {"value": repr(metric.counter.value), "start": start(metric.counter)}
            else:
                read |= {"value": repr(metric.gauge.value)}
            return read

        print(json.dumps([
            {"name": family.name, "type": TYPES[family.type], "unit": family.unit, "metrics": [read(each) for each in family.metric]}
            for family in families(sys.stdin.buffer.read())]))
        """#

    /// The families of a protobuf body.
    /// - Throws: Python's message for a body that it cannot decode.
    static func messageFamilies(in body: Data) async throws -> [MessageFamily] {
        let decoder = try await finished(["-c", decoder], input: body)
        guard decoder.end == .status(0) else { throw HTTP.Failed(description: decoder.errorText) }
        return try JSONDecoder().decode([MessageFamily].self, from: decoder.output)
    }
}
