#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes all of `bytes` to `descriptor`, with as many system calls as that takes.
///
/// - Parameters:
///   - bytes: what to write.
///   - descriptor: an open file.
///   - offset: the position in the file; nil continues where the last call ended.
/// - Returns: false when the system refuses; ``systemError()`` then gives the reason.
package func writeAll(_ bytes: RawSpan, to descriptor: CInt, at offset: Int? = nil) -> Bool {
  var written = 0
  while written < bytes.byteCount {
    let count = unsafe bytes.withUnsafeBytes { buffer in
      let rest = unsafe buffer.baseAddress.map { unsafe $0 + written }
      return if let offset {
        unsafe pwrite(descriptor, rest, buffer.count - written, offset + written)
      } else {
        unsafe write(descriptor, rest, buffer.count - written)
      }
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    written += count
  }
  return true
}
