#if CommandLine
  import RecurTensors

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// The names in a folder, sorted by their bytes.
  struct FolderListing {
    private(set) var names: [String] = []
    /// Names that are no UTF-8, with `\xE9` for bytes that make no text.
    private(set) var unreadableNames: [String] = []

    /// Lists the folder at `path`.
    ///
    /// - Throws: `file.unreadable`.
    init(_ path: String) throws(CheckpointError) {
      guard let stream = unsafe opendir(path) else { throw Self.failure(path) }
      defer { unsafe closedir(stream) }
      var names: [Name] = []
      errno = 0
      while let entry = unsafe readdir(stream) {
        let bytes = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          unsafe pointer.withMemoryRebound(to: UInt8.self, capacity: 1) { start in
            unsafe Array(UnsafeBufferPointer(start: start, count: Self.length(start)))
          }
        }
        if let name = String(validating: bytes, as: UTF8.self) {
          names.append(Name(name))
        } else {
          unreadableNames.append(Self.shown(bytes))
        }
        errno = 0
      }
      guard errno == 0 else { throw Self.failure(path) }
      self.names = names.sorted().map(\.text)
      unreadableNames.sort()
    }

    private static func length(_ start: UnsafePointer<UInt8>) -> Int {
      unsafe start.withMemoryRebound(to: CChar.self, capacity: 1) { unsafe strlen($0) }
    }

    /// The text in `bytes`, with a number for what is none.
    static func shown(_ bytes: [UInt8]) -> String {
      var text = ""
      for byte in bytes {
        text += byte < 0x80 ? String(UnicodeScalar(byte)) : "\\x" + hexadecimal(byte)
      }
      return text
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    private static func failure(_ path: String) -> CheckpointError {
      CheckpointError(
        .fileUnreadable, "can't list the folder: \(systemError())", at: .init(file: path))
    }
  }
#endif
