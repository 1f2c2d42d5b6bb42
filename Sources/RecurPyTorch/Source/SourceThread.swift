package import RecurTensors
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs work on a thread with a large stack: sources nest deeper than the stacks of threads allow.
package enum SourceThread {
  private static let stackSize = 256 << 20

  /// Does the work and waits for its result; without a thread, the work is done here.
  package static func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws(CheckpointError) -> Value
  ) throws(CheckpointError) -> Value {
    let outcome = Outcome<Value>()
    let task = Task {
      do throws(CheckpointError) {
        outcome.store(.success(try work()))
      } catch {
        outcome.store(.failure(error))
      }
    }
    if !start(task) { task.body() }
    guard let result = outcome.result else {
      throw CheckpointError(.sourceUnsupported, "the source can't be read")
    }
    return try result.get()
  }

  /// Runs a task on a new thread up to its end; false when the system has no thread left.
  private static func start(_ task: Task) -> Bool {
    var attributes = pthread_attr_t()
    guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
    defer { unsafe pthread_attr_destroy(&attributes) }
    guard unsafe pthread_attr_setstacksize(&attributes, stackSize) == 0 else { return false }
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let box = unsafe Unmanaged.passRetained(task)
    let status = unsafe pthread_create(
      &thread, &attributes, { unsafe perform($0) }, box.toOpaque())
    guard status == 0 else {
      unsafe box.release()
      return false
    }
    #if canImport(Darwin)
      guard let thread else { return false }
    #endif
    pthread_join(thread, nil)
    return true
  }

  fileprivate final class Task: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, CheckpointError>?>(nil)

    func store(_ result: Result<Value, CheckpointError>) { value.withLock { $0 = result } }

    var result: Result<Value, CheckpointError>? { value.withLock { $0 } }
  }
}

/// Runs the task at the address `argument`.
private func perform(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let task = unsafe Unmanaged<SourceThread.Task>.fromOpaque(argument).takeRetainedValue()
  task.body()
  return nil
}
