#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Identifies the state of a file: it changes when the file is written to or replaced.
package struct FileVersion: Sendable, Hashable {
    private struct Time: Sendable, Hashable {
        let seconds: Int
        let nanoseconds: Int

        init(_ time: timespec) {
            (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec)
        }
    }

    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: Time
    /// When the inode changed: a copy may keep its original's modification time.
    private let changed: Time

    /// Nil when there is no such file. Links are followed, because Kubernetes updates mounted files by changing a link.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        #if os(Linux)
        (modified, changed) = (Time(status.st_mtim), Time(status.st_ctim))
        #else
        (modified, changed) = (Time(status.st_mtimespec), Time(status.st_ctimespec))
        #endif
    }

    /// Whether the content was written before the other's.
    package func isOlder(than other: FileVersion) -> Bool {
        (modified.seconds, modified.nanoseconds) < (other.modified.seconds, other.modified.nanoseconds)
    }

    /// Whether both are versions of the same file, possibly under different names.
    package func isOfSameFile(as other: FileVersion) -> Bool { (device, inode) == (other.device, other.inode) }
}
