import RecurTensors

/// A tensor that is stored in several parts, each under a key of its own
/// (tensorflow/core/util/saved_tensor_slice_util.cc, `EncodeTensorNameSlice`).
struct TensorBundleSlices {
  private let entry: TensorBundleEntry
  private let width: Int
  /// The parts, each with its start and its length along every axis.
  private let parts: [(starts: [Int], lengths: [Int])]

  /// More parts than any variable has.
  private static let mostParts = 4_096

  /// The parts of a tensor, which must cover it without overlapping.
  ///
  /// - Throws: `bundle.invalid`.
  init(_ entry: TensorBundleEntry, _ type: ElementType) throws(CheckpointError) {
    self.entry = entry
    width = type.byteCount
    func invalid(_ reason: String) -> CheckpointError {
      CheckpointError(
        .bundleInvalid, "the parts of '\(entry.name)' \(reason)", at: entry.location,
        expected: "parts that cover \(shapeText(entry.shape)) once")
    }
    guard entry.slices.count <= Self.mostParts else {
      throw invalid("are more than \(Self.mostParts)")
    }
    var parts: [(starts: [Int], lengths: [Int])] = []
    var left = entry.shape.reduce(1, *)
    for slice in entry.slices {
      guard slice.count == entry.shape.count else {
        throw invalid("have \(slice.count) axes")
      }
      var (starts, lengths, size): ([Int], [Int], Int) = ([], [], 1)
      for (extent, whole) in zip(slice, entry.shape) {
        let length = extent.length ?? whole
        guard extent.start >= 0, extent.length == nil ? extent.start == 0 : length > 0,
          extent.start <= whole, length <= whole - extent.start
        else { throw invalid("reach beyond it") }
        starts.append(extent.start)
        lengths.append(length)
        size *= length
      }
      guard size <= left else { throw invalid("overlap") }
      left -= size
      parts.append((starts, lengths))
    }
    for (index, one) in parts.enumerated() {
      for other in parts[..<index] {
        let isApart = entry.shape.indices.contains { axis in
          one.starts[axis] >= other.starts[axis] + other.lengths[axis]
            || other.starts[axis] >= one.starts[axis] + one.lengths[axis]
        }
        guard isApart else { throw invalid("overlap") }
      }
    }
    guard left == 0 else { throw invalid("leave some of it out") }
    self.parts = parts
  }

  /// The bytes of the whole tensor; `part` gives the shape and the bytes of the part under a key, nil
  /// for none.
  ///
  /// - Throws: `bundle.invalid`, and what `part` throws.
  func joined(
    _ part: ([UInt8]) throws(CheckpointError) -> (shape: [Int], bytes: ByteRegion)?
  ) throws(CheckpointError) -> ByteRegion {
    // The parts are looked up before memory is taken for all of them.
    var found: [ByteRegion] = []
    for (index, slice) in entry.slices.enumerated() {
      guard let stored = try part(Self.key(entry.name, slice)),
        stored.shape == parts[index].lengths,
        stored.bytes.count == width * stored.shape.reduce(1, *)
      else {
        throw CheckpointError(
          .bundleInvalid, "part \(index) of '\(entry.name)' is missing, or has another shape",
          at: entry.location, expected: shapeText(parts[index].lengths))
      }
      found.append(stored.bytes)
    }
    let byteCount = width * entry.shape.reduce(1, *)
    // Parts may be the same bytes; a tensor has no more bytes than its files.
    var files: [ObjectIdentifier: Int] = [:]
    for bytes in found { files[ObjectIdentifier(bytes.storage)] = bytes.storage.count }
    guard byteCount <= files.values.reduce(0, +) else {
      throw CheckpointError(
        .bundleInvalid, "'\(entry.name)' has \(byteCount) bytes, more than its files have",
        at: entry.location)
    }
    var target = [UInt8](repeating: 0, count: byteCount)
    for (part, bytes) in zip(parts, found) { copy(bytes.bytes(), part, to: &target) }
    return ByteRegion(ByteStorage(copying: target))
  }

  /// Copies a part to its place, in runs that lie together in both.
  private func copy(
    _ source: [UInt8], _ part: (starts: [Int], lengths: [Int]), to target: inout [UInt8]
  ) {
    guard !source.isEmpty else { return }
    // The last axis that is not whole, and those behind it, lie together.
    var axis = entry.shape.count
    var run = width
    while axis > 0 {
      axis -= 1
      run *= part.lengths[axis]
      if part.lengths[axis] != entry.shape[axis] { break }
    }
    var index = [Int](repeating: 0, count: axis)
    for start in stride(from: 0, to: source.count, by: run) {
      var offset = 0
      for position in entry.shape.indices {
        offset = offset * entry.shape[position] + part.starts[position]
        if position < axis { offset += index[position] }
      }
      target.replaceSubrange(
        offset * width..<offset * width + run, with: source[start..<start + run])
      for position in index.indices.reversed() {
        index[position] += 1
        if index[position] < part.lengths[position] { break }
        index[position] = 0
      }
    }
  }

  // MARK: keys

  /// The key of a part: a zero, the name, the number of axes, the start and the length of each.
  static func key(_ name: String, _ slice: [TensorBundleEntry.Extent]) -> [UInt8] {
    var key: [UInt8] = [0]
    for byte in name.utf8 {
      key.append(byte)
      if byte == 0 { key.append(0xFF) }
      if byte == 0xFF { key.append(0) }
    }
    key += [0, 1]
    // The axes are at most 32, one byte behind its length; none are no byte.
    key += slice.isEmpty ? [0] : [1, UInt8(slice.count)]
    for extent in slice { key += ordered(extent.start) + ordered(extent.length ?? -1) }
    return key
  }

  /// A number whose bytes ascend as numbers do: as many leading ones as it has bytes
  /// (tensorflow/core/lib/strings/ordered_code.cc, `WriteSignedNumIncreasing`).
  static func ordered(_ value: Int) -> [UInt8] {
    var count = 1
    while count < 9, value >= 1 << (7 * count - 1) || value < -(1 << (7 * count - 1)) { count += 1 }
    var bytes = (0..<count).reversed().map { index in
      // Above 8 bytes stands the sign.
      index < 8 ? UInt8(truncatingIfNeeded: value >> (8 * index)) : (value < 0 ? 0xFF : 0)
    }
    bytes[0] ^= UInt8(truncatingIfNeeded: 0xFF00 >> min(count, 8))
    if count > 8 { bytes[1] ^= 0x80 }
    return bytes
  }
}
