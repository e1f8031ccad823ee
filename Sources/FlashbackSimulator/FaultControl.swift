internal import NIOConcurrencyHelpers

extension FlashbackSimulation {
    /// The faults that are ordered, changeable while requests are under way.
    package var faults: Faults { Faults(state: state) }

    /// Orders faults and takes the orders back.
    package struct Faults: Sendable {
        let state: NIOLockedValueBox<SimulationState>

        /// An order.
        package struct ID: Sendable, Hashable {
            let number: Int
        }

        /// Orders a fault after those ordered before. Of several that fit a request the first is shown, and counted.
        /// - Parameters:
        ///   - endpoint: the only endpoint that fails so; nil for all.
        ///   - bucketID: the only bucket whose own endpoints fail so; nil for all.
        ///   - times: how many requests fail so; nil for all until the order is taken back.
        @discardableResult
        package func add(
            _ fault: SimulatedFault, to endpoint: SimulatedEndpoint? = nil, bucket bucketID: String? = nil, times: Int? = nil
        ) -> ID {
            ID(number: state.withLockedValue { $0.faults.add(fault, endpoint, bucketID, times: times) })
        }

        package func remove(_ id: ID) {
            state.withLockedValue { $0.faults.remove(id.number) }
        }

        package func removeAll() {
            state.withLockedValue { $0.faults.removeAll() }
        }

        /// How many more requests an order is for: nil when for all, 0 when it is spent or was taken back.
        package func remaining(_ id: ID) -> Int? {
            state.withLockedValue { $0.faults.remaining(id.number) }
        }
    }
}
