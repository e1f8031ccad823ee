import Foundation

extension RunningPrometheus {
    /// A series over time.
    struct Course: Decodable {
        let labels: [String: String]
        let values: [Double]

        private enum CodingKeys: String, CodingKey {
            case labels = "metric"
            case values
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            labels = try container.decode([String: String].self, forKey: .labels)
            var list = try container.nestedUnkeyedContainer(forKey: .values)
            var values: [Double] = []
            while !list.isAtEnd {
                var pair = try list.nestedUnkeyedContainer()
                _ = try pair.decode(Double.self)
                values.append(Double(try pair.decode(String.self)) ?? .nan)
            }
            self.values = values
        }
    }

    /// The result of a range query, as for Grafana's graphs.
    /// - Parameters:
    ///   - start: in seconds since 1970-01-01, as is `end`.
    ///   - step: in seconds.
    func queryRange(_ expression: String, from start: Int, to end: Int, step: Int) async throws -> [Course] {
        struct Answer: Decodable {
            struct Data: Decodable {
                let result: [Course]
            }
            let data: Data
        }
        let form = ["query": expression, "start": "\(start)", "end": "\(end)", "step": "\(step)"]
        let answer = try await HTTP.send("POST", "http://\(address)/api/v1/query_range", form: form)
        guard answer.status == 200 else { throw HTTP.Failed(description: "\(expression): \(answer.text)") }
        return try JSONDecoder().decode(Answer.self, from: answer.body).data.result
    }
}
