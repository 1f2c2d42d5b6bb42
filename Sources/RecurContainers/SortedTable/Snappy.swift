import RecurTensors

/// Bytes that snappy compressed, without a frame around them (google/snappy, `format_description.txt`).
enum Snappy {
  /// A copy of 64 bytes takes three, so no stream grows by a larger factor.
  private static let largestRatio = 64

  /// The bytes before they were compressed, at most `limit` of them.
  ///
  /// - Throws: `bundle.invalid`.
  static func decompressed(
    _ stream: ByteRegion, limit: Int
  ) throws(CheckpointError) -> ByteRegion {
    func invalid(_ reason: String, _ position: Int) -> CheckpointError {
      CheckpointError(
        .bundleInvalid, "a block is not compressed by snappy as it says: \(reason)",
        at: stream.location(at: position, length: 1))
    }
    var position = 0
    guard let promised = ProtobufReader.varint(stream, &position),
      let count = Int(exactly: promised), count / largestRatio <= stream.count, count <= limit
    else { throw invalid("its size is none that its bytes can hold", 0) }
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while position < stream.count {
      let start = position
      let tag = Int(try stream.byte(at: position))
      position += 1
      var length = tag >> 2
      if tag & 3 == 0 {
        if length >= 60 {
          let width = length - 59
          length = try number(stream, position, width)
          position += width
        }
        length += 1
        guard length <= count - result.count else { throw invalid("it is longer", start) }
        result += try stream.slice(at: position, length: length).bytes()
        position += length
        continue
      }
      let distance: Int
      switch tag & 3 {
      case 1:
        length = (length & 7) + 4
        distance = (tag >> 5) << 8 | Int(try stream.byte(at: position))
        position += 1
      case let form:
        let width = form == 2 ? 2 : 4
        length += 1
        distance = try number(stream, position, width)
        position += width
      }
      guard distance > 0, distance <= result.count, length <= count - result.count else {
        throw invalid("it copies bytes that are not there", start)
      }
      // The bytes that are copied may begin inside of what they make.
      for _ in 0..<length { result.append(result[result.count - distance]) }
    }
    guard result.count == count else { throw invalid("it is shorter", position) }
    return ByteRegion(ByteStorage(copying: result))
  }

  /// The little-endian number of `width` bytes, at most four.
  private static func number(
    _ bytes: ByteRegion, _ position: Int, _ width: Int
  ) throws(CheckpointError) -> Int {
    var value = 0
    for index in 0..<width { value |= Int(try bytes.byte(at: position + index)) << (8 * index) }
    return value
  }
}
