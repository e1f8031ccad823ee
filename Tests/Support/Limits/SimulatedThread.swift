import Foundation
import NIOConcurrencyHelpers

/// A thread that runs the jobs of one program: those of tasks that prefer it, and those that its own jobs start elsewhere, such as the
/// unstructured tasks of code that does not know it.
final class SimulatedThread: TaskExecutor {
    private let jobs = NIOLockedValueBox<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job))
    }

    func enqueue(_ job: UnownedJob) {
        jobs.withLockedValue { $0.append(job) }
    }

    /// - Parameters:
    ///   - body: runs on the thread.
    ///   - end: called when the thread takes no more jobs.
    func start(_ body: @escaping @Sendable () -> Void, end: @escaping @Sendable () -> Void) {
        GlobalExecutorHook.install()
        Thread.detachNewThread { [self] in
            GlobalExecutorHook.current = self
            body()
            GlobalExecutorHook.current = nil
            end()
        }
    }

    /// Runs jobs until there are none.
    func runJobs() {
        while true {
            let batch = jobs.withLockedValue { jobs in
                defer { jobs = [] }
                return jobs
            }
            if batch.isEmpty { return }
            for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}

/// The runtime's hook for jobs on the threads that all tasks share. Jobs from a ``SimulatedThread`` stay on it; all other jobs go where
/// they would go without the hook.
private enum GlobalExecutorHook {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        precondition(pthread_key_create(&key, nil) == 0, "no thread-local storage is left")
        return key
    }()

    /// The simulated thread that is running; nil on other threads. The code that runs on it keeps it alive.
    static var current: SimulatedThread? {
        get { pthread_getspecific(key).map { Unmanaged.fromOpaque($0).takeUnretainedValue() } }
        set { pthread_setspecific(key, newValue.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }) }
    }

    static func install() { _ = installed }

    private static let installed: Void = {
        guard let symbol = dlsym(dlopen(nil, RTLD_LAZY), "swift_task_enqueueGlobal_hook") else {
            preconditionFailure("this Swift runtime has no hook for its global executor")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, original in
            if let thread = GlobalExecutorHook.current { thread.enqueue(job) } else { original(job) }
        }
    }()
}
