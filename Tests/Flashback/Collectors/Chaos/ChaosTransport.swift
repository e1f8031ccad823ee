import Basics
import FlashbackSimulator
import Foundation
import HTTPClient
import HTTPTypes
import NIOConcurrencyHelpers
import TestSupport

/// Passes requests to a simulation, applies the current episodes' faults, and reports the actual answers to the witness.
struct ChaosTransport: HTTPTransport {
    /// A time in which some requests fail.
    struct Episode {
        /// The requests that may fail; nil for all.
        var kind: ChaosQuestion.Kind?
        var bucket: String?
        /// The probability that one of them fails.
        var share: Double
        /// The remaining number of cycles.
        var cycles: Int
    }

    struct State {
        var generator: SeededGenerator
        var episodes: [Episode] = []
    }

    let inner: SimulationTransport
    let simulation: FlashbackSimulation
    let witness: ChaosWitness
    let time: ManualTime
    /// The exporter's date.
    let calendar: @Sendable () -> Date
    let state: NIOLockedValueBox<State>

    init(
        _ simulation: FlashbackSimulation, _ witness: ChaosWitness, _ time: ManualTime, seed: UInt64,
        calendar: @escaping @Sendable () -> Date
    ) {
        inner = SimulationTransport(simulation)
        self.calendar = calendar
        (self.simulation, self.witness, self.time) = (simulation, witness, time)
        state = NIOLockedValueBox(State(generator: SeededGenerator(seed: seed)))
    }

    func execute(_ request: TransferRequest) async throws(TransferError) -> TransferResponse {
        let question = ChaosQuestion(request)
        let secrets = secrets(in: request)
        witness.note(secrets: secrets)
        let fault = fault(for: question, secrets)
        let askedAt = time.uptime
        var answer = Answer(askedAt: askedAt, on: calendar(), mayBeOfTrial: witness.began(question, at: askedAt))
        defer { witness.ended(question, answer, at: time.uptime) }
        switch fault {
        case .fails(let kind): throw TransferError(kind: kind, message: "chaos: \(kind.word)")
        case .answers(let status, let body, let fields):
            // The exporter does not send a rejected refresh token again.
            if question.kind == .refresh, 400..<500 ~= status, status != 429 { witness.noteLostGrant() }
            witness.note(status: status, at: time.uptime)
            return TransferResponse(status: .init(code: status), headerFields: fields, body: body)
        case .delayed(let duration): try await sleep(duration)
        case .hangs: try await sleep(.seconds(86_400 * 365))
        case .answerIsLost, .halfOfTheAnswer, .moreThanTheAnswer, .unreadableRow, nil: break
        }
        let response = try await inner.execute(request)
        // The exporter knows a rotated token even if its answer was damaged.
        witness.note(secrets: Self.tokens(in: response.body))
        if case .answerIsLost? = fault {
            if question.kind == .refresh { witness.noteLostGrant() }
            throw TransferError(kind: .connectionBroken, message: "chaos: the answer is lost")
        }
        witness.note(status: response.status.code, at: time.uptime)
        guard response.status == .ok else { return response }
        var body = response.body
        switch fault {
        case .halfOfTheAnswer?:
            if question.kind == .refresh { witness.noteLostGrant() }
            return TransferResponse(status: .ok, headerFields: response.headerFields, body: Array(body.prefix(body.count / 2)))
        case .moreThanTheAnswer?:
            if question.kind == .refresh { witness.noteLostGrant() }
            return TransferResponse(status: .ok, headerFields: response.headerFields, body: body + Array("]".utf8))
        default: break
        }
        answer.isPristine = true
        switch question.kind {
        case .list, .totals:
            answer.buckets = Set(simulation.buckets.map(\.id))
            if case .unreadableRow? = fault, let spoilt = spoil(question.kind, &body) {
                answer.buckets.remove(spoilt)
                // The exporter takes no data from a list whose rows are all unreadable, because such a list does not mean that there are no
                // buckets.
                answer.isPristine = !answer.buckets.isEmpty
            }
        case .daily: answer.hasRows = String(decoding: body, as: UTF8.self).contains("\"ip\"")
        case .statuses, .days: answer.buckets = Self.buckets(in: body)
        default: break
        }
        return TransferResponse(status: .ok, headerFields: response.headerFields, body: body)
    }

    private func sleep(_ duration: Duration) async throws(TransferError) {
        do { try await time.sleep(for: duration) } catch { throw TransferError(kind: .cancelled, message: "cancelled") }
    }

    private func fault(for question: ChaosQuestion, _ secrets: [String]) -> ChaosFault? {
        state.withLockedValue { state in
            for episode in state.episodes {
                guard episode.kind.map({ $0 == question.kind }) ?? true, episode.bucket.map({ $0 == question.bucket }) ?? true,
                    Double.random(in: 0..<1, using: &state.generator) < episode.share
                else { continue }
                return .random(&state.generator, telling: secrets, now: time.now)
            }
            return nil
        }
    }

    /// Makes one bucket's identifier unreadable.
    /// - Returns: the bucket's identifier.
    private func spoil(_ kind: ChaosQuestion.Kind, _ body: inout [UInt8]) -> String? {
        guard let id = state.withLockedValue({ simulation.buckets.randomElement(using: &$0.generator)?.id }) else { return nil }
        let name = kind == .list ? "id" : "bucketId"
        let text = String(decoding: body, as: UTF8.self)
        body = Array(text.replacingOccurrences(of: "\"\(name)\":\"\(id)\"", with: "\"\(name)\":[\"\(id)\"]").utf8)
        return id
    }

    /// The buckets that rows of an answer are about.
    private static func buckets(in body: [UInt8]) -> Set<String> {
        Set(String(decoding: body, as: UTF8.self).matches(of: /"bucketId":"([^"]+)"/).map { String($0.1) })
    }

    private func secrets(in request: TransferRequest) -> [String] {
        [request.bearerToken?.reveal()].compactMap { $0 } + (request.body.map(Self.tokens) ?? [])
    }

    private static func tokens(in body: [UInt8]) -> [String] {
        let text = String(decoding: body, as: UTF8.self)
        return text.matches(of: /"(?:refreshToken|refresh_token|accessToken)":"([^"]+)"/).map { String($0.1) }
    }
}

/// An answer as sent by the API.
struct Answer {
    let askedAt: Duration
    /// The exporter's date of the request: from midnight on, the day has another name.
    let date: Date
    var answeredAt = Duration.zero
    /// Whether it reaches the exporter unchanged, except for the rows about buckets that are not in ``buckets``.
    var isPristine = false
    /// Whether the request may have been a trial of the token, from whose answer the exporter takes no data.
    let mayBeOfTrial: Bool
    /// The buckets that a list, the totals or an answer about many buckets contain.
    var buckets: Set<String> = []
    var hasRows = true

    init(askedAt: Duration, on date: Date, mayBeOfTrial: Bool) {
        (self.askedAt, self.date, self.mayBeOfTrial) = (askedAt, date, mayBeOfTrial)
    }
}
