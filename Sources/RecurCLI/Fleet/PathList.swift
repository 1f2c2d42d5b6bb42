#if CommandLine
  import RecurTensors

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// Paths of files in a stream, one a line or one before each NUL, read as they come.
  struct PathList: Sendable {
    /// A path, or what can't be one and why.
    enum Item: Sendable {
      case path(String)
      case refused(String, CheckpointError)
    }

    private static let longest = 1 << 16
    private let name: String
    private let descriptor: CInt
    private let separator: UInt8
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var number = 0

    /// Opens the list at `path`, or standard input for `-`.
    ///
    /// - Throws: `file.unreadable`.
    init(_ path: String, hasNulls: Bool) throws(CheckpointError) {
      separator = hasNulls ? 0 : 0x0A
      guard path != "-" else {
        (name, descriptor) = ("standard input", STDIN_FILENO)
        return
      }
      name = path
      descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw CheckpointError(
          .fileUnreadable, "can't open the list of files: \(systemError())", at: .init(file: path))
      }
    }

    /// The next path; nil at the end.
    ///
    /// Empty lines are left out.
    ///
    /// - Throws: `file.unreadable` where the list can't be read on.
    mutating func next() throws(CheckpointError) -> Item? {
      while true {
        let searched = buffer[start...]
        if let end = searched.firstIndex(of: separator) {
          let item = item(Array(buffer[start..<end]))
          start = end + 1
          if let item { return item }
        } else if buffer.count - start > Self.longest {
          return try tooLong()
        } else if !(try fill()) {
          let item = item(Array(buffer[start...]))
          start = buffer.count
          return item
        }
      }
    }

    /// Reads on; false at the end.
    private mutating func fill() throws(CheckpointError) -> Bool {
      guard !isAtEnd else { return false }
      buffer.removeFirst(start)
      start = 0
      var block = [UInt8](repeating: 0, count: Self.longest)
      var count = -1
      repeat {
        count = unsafe block.withUnsafeMutableBytes { bytes in
          unsafe read(descriptor, bytes.baseAddress, bytes.count)
        }
      } while count < 0 && errno == EINTR
      guard count >= 0 else {
        isAtEnd = true
        throw CheckpointError(
          .fileUnreadable, "can't read the list of files: \(systemError())", at: .init(file: name))
      }
      isAtEnd = count == 0
      buffer += block[..<count]
      return count > 0
    }

    private mutating func item(_ bytes: [UInt8]) -> Item? {
      number += 1
      guard !bytes.isEmpty else { return nil }
      if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) {
        return .path(text)
      }
      return refused(
        FolderListing.shown(bytes),
        "the name is no text in UTF-8, so nothing can be opened under it")
    }

    private mutating func tooLong() throws(CheckpointError) -> Item {
      let shown = FolderListing.shown(Array(buffer[start..<start + 64])) + "…"
      number += 1
      repeat {
        if let end = buffer[start...].firstIndex(of: separator) {
          start = end + 1
          break
        }
        start = buffer.count
      } while try fill()
      return refused(shown, "the name is longer than \(Self.longest) bytes")
    }

    private func refused(_ path: String, _ message: String) -> Item {
      .refused(
        path,
        CheckpointError(
          .fileUnreadable, message, at: .init(file: path),
          notes: ["it is entry \(number) of \(name)"]))
    }
  }
#endif
