#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SHA256 {
  /// The digest of a file's bytes; nil for a folder and for what can't be read.
  package static func digest(ofFile path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    var digest = SHA256()
    var block = [UInt8](repeating: 0, count: min(max(Int(status.st_size), 1), 1 << 18))
    while true {
      let count = unsafe block.withUnsafeMutableBytes { bytes in
        unsafe read(descriptor, bytes.baseAddress, bytes.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return digest.digest() }
      digest.add(count == block.count ? block : Array(block[..<count]))
    }
  }

  /// The digest of a text in UTF-8.
  package static func digest(of text: String) -> String {
    var digest = SHA256()
    digest.add(Array(text.utf8))
    return digest.digest()
  }
}
