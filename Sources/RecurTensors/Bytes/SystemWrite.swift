#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes all of `bytes` to `descriptor`, however many calls that takes.
///
/// - Returns: false when the system refuses; ``systemError()`` then says why.
package func writeAll(_ bytes: RawSpan, to descriptor: CInt) -> Bool {
  var written = 0
  while written < bytes.byteCount {
    let count = unsafe bytes.withUnsafeBytes { buffer in
      unsafe write(
        descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    written += count
  }
  return true
}
