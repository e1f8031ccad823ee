internal import CLibcurl

/// A libcurl easy handle: configures one transfer and reports its results. Used only on the transport's thread, for one transfer
/// at a time.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Clears the transfer, its token and its body, so that the handle can be reused.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(headerList)
        headerList = nil
        errorText.pointee = 0
    }

    /// The transfer that was attached to an easy handle with ``attach(_:)``.
    static func transfer(of pointer: UnsafeMutableRawPointer) -> Transfer? {
        var context: UnsafeMutableRawPointer?
        clibcurl_get_pointer(pointer, CURLINFO_PRIVATE, &context)
        return Transfer.at(context)
    }

    /// Directs the callbacks to a transfer, which must live until ``reset()``.
    func attach(_ transfer: Transfer) throws(OptionRefused) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        try set(CURLOPT_PRIVATE, context)
        try set(CURLOPT_HEADERDATA, context)
        try set(CURLOPT_WRITEDATA, context)
        try set(CURLOPT_PREREQDATA, context)
        try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
    }

    // MARK: Options

    /// libcurl rejected an option: it is older than expected, or out of memory.
    struct OptionRefused: Error {
        let code: CURLcode
    }

    private func check(_ code: CURLcode) throws(OptionRefused) {
        guard code == CURLE_OK else { throw OptionRefused(code: code) }
    }

    func set(_ option: CURLoption, _ value: Int) throws(OptionRefused) {
        try check(clibcurl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(OptionRefused) {
        try set(option, value ? 1 : 0)
    }

    /// libcurl copies the value.
    func set(_ option: CURLoption, _ value: String?) throws(OptionRefused) {
        // `withCString` instead of Swift's implicit conversion, which would make a copy.
        try check(value?.withCString { clibcurl_set_string(pointer, option, $0) } ?? clibcurl_set_string(pointer, option, nil))
    }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(OptionRefused) {
        try check(clibcurl_set_pointer(pointer, option, value))
    }

    func setOffset(_ option: CURLoption, _ value: Int) throws(OptionRefused) {
        try check(clibcurl_set_offset(pointer, option, curl_off_t(value)))
    }

    typealias Receiver =
        @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int

    func set(_ option: CURLoption, _ value: @escaping Receiver) throws(OptionRefused) {
        try check(clibcurl_set_receiver(pointer, option, value))
    }

    func setPrerequest(_ value: @escaping curl_prereq_callback) throws(OptionRefused) {
        try check(clibcurl_set_prerequest(pointer, value))
    }

    /// The header lines must live as long as the transfer: libcurl does not copy them.
    func setHeader(_ lines: [String]) throws(OptionRefused) {
        for line in lines {
            guard let longer = line.withCString({ curl_slist_append(headerList, $0) }) else {
                throw OptionRefused(code: CURLE_OUT_OF_MEMORY)
            }
            headerList = longer
        }
        try check(clibcurl_set_list(pointer, CURLOPT_HTTPHEADER, headerList))
    }

    func setBody(_ body: [UInt8]) throws(OptionRefused) {
        try setOffset(CURLOPT_POSTFIELDSIZE_LARGE, body.count)
        let code = body.withUnsafeBytes { bytes in
            // An empty array may have no address, and with NULL libcurl would read the body from standard input.
            withUnsafePointer(to: 0 as CChar) { nothing in
                clibcurl_set_string(
                    pointer, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? nothing)
            }
        }
        try check(code)
    }

    // MARK: Results

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        clibcurl_get_long(pointer, info, &value)
        return value
    }

    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        clibcurl_get_offset(pointer, info, &value)
        return Int(value)
    }

    func string(_ info: CURLINFO) -> String? {
        var value: UnsafePointer<CChar>?
        clibcurl_get_string(pointer, info, &value)
        return value.map { String(cString: $0) }
    }

    /// libcurl's detailed error text; empty when there is none.
    var errorDetail: String { String(cString: errorText) }
}
