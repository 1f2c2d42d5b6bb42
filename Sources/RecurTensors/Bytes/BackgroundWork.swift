#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Work that runs on another thread while this thread goes on.
package struct BackgroundWork {
  private let thread: pthread_t

  /// Begins `work`, whose result is a number or an error code; nil when the system has no thread
  /// left.
  ///
  /// - Parameters:
  ///   - stackSize: the bytes of the thread's stack; what the system gives every thread unless told.
  ///   - work: what the thread does.
  package init?(stackSize: Int? = nil, _ work: @escaping @Sendable () -> CInt) {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let box = unsafe Unmanaged.passRetained(Work(work))
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if let stackSize { unsafe pthread_attr_setstacksize(&attributes, stackSize) }
    let status = unsafe pthread_create(
      &thread, &attributes, { unsafe perform($0) }, box.toOpaque())
    guard status == 0 else {
      unsafe box.release()
      return nil
    }
    #if canImport(Darwin)
      guard let thread else { return nil }
    #endif
    self.thread = thread
  }

  /// Waits until the work is done.
  ///
  /// - Precondition: nobody has waited for this work before.
  /// - Returns: what the work returned.
  @discardableResult
  package func wait() -> CInt {
    var result: UnsafeMutableRawPointer?
    unsafe pthread_join(thread, &result)
    return CInt(truncatingIfNeeded: Int(bitPattern: result))
  }
}

private final class Work: Sendable {
  let body: @Sendable () -> CInt

  init(_ body: @escaping @Sendable () -> CInt) { self.body = body }
}

/// Runs the work at the address `argument` and returns the result of the work as an address.
private func perform(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
  return unsafe UnsafeMutableRawPointer(bitPattern: Int(work.body()))
}
