extension Array where Element: Sendable {
    /// Transforms the elements concurrently and returns the results in the original order.
    package func concurrentMap<Result: Sendable>(_ transform: @escaping @Sendable (Element) async -> Result) async -> [Result] {
        // A single element, the usual case, needs no tasks.
        if count == 1 { return [await transform(self[0])] }
        return await withTaskGroup(of: (index: Int, result: Result).self) { group in
            for (index, element) in enumerated() {
                group.addTask { (index, await transform(element)) }
            }
            var results: [(index: Int, result: Result)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.index < $1.index }.map(\.result)
        }
    }
}
