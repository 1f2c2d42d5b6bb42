#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Puts what was written to a file on the disk, while this thread does something else.
struct BackgroundFlush {
  private let thread: pthread_t

  /// Begins; nil when the system has no thread left.
  ///
  /// - Precondition: `descriptor` stays open until `wait` has returned.
  init?(of descriptor: CInt) {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = unsafe pthread_create(
      &thread, nil, { argument in unsafe flush(argument) },
      UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1))
    guard status == 0 else { return nil }
    #if canImport(Darwin)
      guard let thread else { return nil }
    #endif
    self.thread = thread
  }

  /// Waits until everything that was written before is on the disk.
  ///
  /// - Precondition: it was not waited for before.
  /// - Returns: 0, or the number of the system's error.
  func wait() -> CInt {
    var result: UnsafeMutableRawPointer?
    unsafe pthread_join(thread, &result)
    return CInt(Int(bitPattern: result))
  }
}

/// Flushes the file whose descriptor is one less than the address, and returns the error as an address.
private func flush(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  unsafe fsync(CInt(Int(bitPattern: argument) - 1)) == 0
    ? nil : UnsafeMutableRawPointer(bitPattern: Int(errno))
}
