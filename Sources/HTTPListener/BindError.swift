/// An address that could not be listened on.
package struct BindError: Error, CustomStringConvertible {
    package let address: ListenAddress
    /// The system's reason, such as "Address already in use".
    package let reason: String

    package var description: String { "cannot listen on \(address): \(reason)" }
}
