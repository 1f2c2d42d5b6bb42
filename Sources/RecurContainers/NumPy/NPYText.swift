package import RecurTensors

/// An array of strings.
package struct NPYText: Sendable {
  /// The extents.
  package let shape: [Int]
  /// The strings, row-major, without the zeros that fill them up.
  package let strings: [String]

  /// The strings of an array, of `S` or `U` elements; nil for an array of any other type.
  ///
  /// - Throws: `npy.header.invalid`, `npy.dtype.unsupported`, `tensor.bytes-mismatch`, and
  ///   `limit.exceeded` for more than 2^24 bytes.
  package init?(_ bytes: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    guard
      case .unreadable(let type, let shape, let byteCount) = try NPYFile.content(
        bytes, limits: limits), let kind = type.dropFirst().first, kind == "U" || kind == "S"
    else { return nil }
    guard byteCount <= 1 << 24 else {
      throw CheckpointError(
        .limitExceeded, "the array of strings has \(byteCount) bytes; at most \(1 << 24) are read",
        at: bytes.location)
    }
    let data = try bytes.slice(at: bytes.count - byteCount, length: byteCount).bytes()
    let count = shape.reduce(1, *)
    let width = count > 0 ? byteCount / count : 0
    self.shape = shape
    strings = (0..<count).map { index in
      let element = data[index * width..<(index + 1) * width]
      return kind == "S"
        ? Self.text(element) : Self.characters(element, isSwapped: type.first == ">")
    }
  }

  private static func text(_ element: ArraySlice<UInt8>) -> String {
    let used = element.count - element.reversed().prefix { $0 == 0 }.count
    return String(decoding: element.prefix(used), as: UTF8.self)
  }

  /// Characters of four bytes each.
  private static func characters(_ element: ArraySlice<UInt8>, isSwapped: Bool) -> String {
    let bytes = Array(element)
    var codes = stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
      (0..<4).reduce(UInt32(0)) { code, place in
        code << 8 | UInt32(bytes[start + (isSwapped ? place : 3 - place)])
      }
    }
    while codes.last == 0 { codes.removeLast() }
    var text = String.UnicodeScalarView()
    for code in codes { text.append(Unicode.Scalar(code) ?? "\u{FFFD}") }
    return String(text)
  }
}
