#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Something that another thread does while this one does something else.
package struct BackgroundWork {
  private let thread: pthread_t

  /// Begins `work`, whose result is a number or says how it went; nil when the system has no thread left.
  package init?(_ work: @escaping @Sendable () -> CInt) {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let box = unsafe Unmanaged.passRetained(Work(work))
    let status = unsafe pthread_create(&thread, nil, { unsafe perform($0) }, box.toOpaque())
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
  /// - Precondition: it was not waited for before.
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

/// Does the work at the address, and returns its result as an address.
private func perform(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
  return unsafe UnsafeMutableRawPointer(bitPattern: Int(work.body()))
}
