import RecurContainers
import RecurModel
import RecurTensors

/// A tensor of a graph: numbers of the file, or a value that an operator computes.
struct LiteTensor {
  /// How whole numbers stand for real ones: (q − zero) · scale.
  struct LiteQuantization {
    /// One, or one per position of `axis`.
    var scales: [Double]
    var zeros: [Int]
    var axis: Int
  }

  let name: String
  let shape: [Int]
  /// The shape with -1 for extents that may be any; nil when all are those of `shape`.
  let signature: [Int]?
  /// The number of the element type.
  let type: Int
  /// Whether it keeps its numbers from one call to the next.
  let isVariable: Bool
  let quantization: LiteQuantization?
  /// The numbers, of a tensor that is none of an operator's results.
  let bytes: ByteRegion?
  let isSparse: Bool
  let location: Diagnostic.Location

  init(
    _ table: FlatBufferTable, _ buffers: [ByteRegion?], _ budget: inout LiteBudget
  ) throws(CheckpointError) {
    try budget.take(1, at: table.location)
    let limits = budget.limits
    name = try table.text(3, limit: limits.nameBytes)
    location = table.location.inside(.init(object: name.isEmpty ? nil : name))
    shape = try table.integers(0, Int32.self, limit: limits.rank) ?? []
    signature = try table.integers(7, Int32.self, limit: limits.rank)
    type = Int(try table.integer(1, Int8.self))
    isVariable = try table.integer(5, UInt8.self) != 0
    isSparse = try table.table(6) != nil
    quantization = try table.table(4).flatMap { own throws(CheckpointError) in
      try Self.quantization(own, &budget)
    }
    let buffer = Int(try table.integer(2, UInt32.self))
    guard buffer == 0 || buffers.indices.contains(buffer) else {
      throw CheckpointError(
        .liteInvalid,
        "the tensor '\(name)' has the numbers of buffer \(buffer) of \(buffers.count)",
        at: location)
    }
    bytes = buffer == 0 ? nil : buffers[buffer]
    guard let bytes, let element = elementType, !isSparse else { return }
    guard Tensor.byteCount(of: shape, element) == bytes.count else {
      throw CheckpointError(
        .liteInvalid,
        "the tensor '\(name)' of \(element) and the shape \(shapeText(shape)) has \(bytes.count) bytes",
        at: location,
        expected: Tensor.byteCount(of: shape, element).map { "\($0) bytes" },
        found: "\(bytes.count) bytes")
    }
  }

  private static func quantization(
    _ table: FlatBufferTable, _ budget: inout LiteBudget
  ) throws(CheckpointError) -> LiteQuantization? {
    let scales = try table.floats(2, limit: budget.limits.jsonValues) ?? []
    let zeros = try table.integers(3, Int64.self, limit: budget.limits.jsonValues) ?? []
    try budget.take(scales.count + zeros.count, at: table.location)
    guard !scales.isEmpty else { return nil }
    guard zeros.isEmpty || zeros.count == scales.count else {
      throw CheckpointError(
        .liteInvalid, "a tensor has \(scales.count) scales and \(zeros.count) zero points",
        at: table.location)
    }
    return LiteQuantization(
      scales: scales, zeros: zeros.isEmpty ? scales.map { _ in 0 } : zeros,
      axis: Int(try table.integer(6, Int32.self)))
  }

  /// The element type; nil for one that is no number, or of less than 8 bits.
  var elementType: ElementType? {
    [
      0: .float32, 1: .float16, 2: .int32, 3: .uint8, 4: .int64, 6: .bool, 7: .int16,
      8: .complex64, 9: .int8, 10: .float64, 11: .complex128, 12: .uint64, 15: .uint32,
      16: .uint16, 18: .bfloat16,
    ][type]
  }

  /// The element type in words.
  var typeName: String {
    elementType?.rawValue ?? [5: "string", 13: "resource", 14: "variant", 17: "int4"][type]
      ?? "type \(type)"
  }

  /// Whether whole numbers stand for real ones.
  var isQuantized: Bool {
    guard let type = elementType else { return false }
    return quantization != nil && !type.isFloatingPoint && type != .bool
  }

  /// The numbers as they are stored; nil for a value that is computed.
  ///
  /// - Throws: `tensorflow.unsupported`.
  func stored() throws(CheckpointError) -> Tensor? {
    guard let bytes else { return nil }
    guard let element = elementType, !isSparse else {
      throw CheckpointError(
        .tensorFlowUnsupported,
        "the tensor '\(name)' is \(isSparse ? "sparse" : "of \(typeName)"), which is not read",
        at: location)
    }
    return try Tensor(bytes, element, shape: shape, at: bytes.location.inside(location))
  }

  /// The numbers that are computed with: those of whole numbers that stand for real ones in float32.
  ///
  /// - Throws: `tensorflow.unsupported`, `tensorflow.lite.invalid`.
  func numbers() throws(CheckpointError) -> Tensor? {
    guard let stored = try stored(), let quantization, isQuantized else { return try stored() }
    let values = stored.doubles()
    let axis = quantization.axis
    let count = quantization.scales.count
    guard count == 1 || shape.indices.contains(axis) && shape[axis] == count else {
      throw CheckpointError(
        .liteInvalid, "the tensor '\(name)' has \(count) scales and the shape \(shapeText(shape))",
        at: location)
    }
    let inner = count == 1 ? 1 : shape[(axis + 1)...].reduce(1, *)
    let real = values.indices.map { index in
      let position = count == 1 ? 0 : index / inner % count
      return Float(
        (values[index] - Double(quantization.zeros[position])) * quantization.scales[position])
    }
    return try Tensor.float32(real, shape: shape).located(at: stored.location)
  }
}
