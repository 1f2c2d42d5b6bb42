import RecurContainers
import RecurTensors

/// A tensor in any of its storage forms (`TensorProto`); its numbers are read when they are needed.
struct ONNXTensor: Sendable {
  var name = ""
  /// The number of the element type.
  var type = 0
  var shape: [Int] = []
  /// The bytes of all elements, if they are in the file and in order.
  private var raw: ByteRegion?
  /// The file that holds the numbers: `location`, `offset`, `length`.
  private var external: [(name: String, value: String)] = []
  private(set) var isExternal = false
  private let message: ByteRegion
  let location: Diagnostic.Location

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    try budget.take(1, at: bytes.location)
    message = bytes
    var place = bytes.location
    var (reader, extents): (ProtobufReader, [Int]) = (ProtobufReader(bytes), [])
    while let field = try reader.next() {
      switch field.number {
      case 1:
        let rank = budget.limits.rank
        try field.integers { (extent) throws(CheckpointError) in
          extents.append(extent)
          guard extents.count <= rank else {
            throw CheckpointError(
              .limitExceeded, "a tensor has more than \(rank) axes", at: field.location)
          }
        }
      case 2: type = try field.integer()
      case 8: name = try field.text(limit: budget.limits.nameBytes)
      case 9: raw = try field.bytes()
      case 13:
        try budget.take(1, at: field.location)
        external.append(try ONNXModel.entry(field.bytes()))
      case 14: isExternal = try field.integer() == 1
      default: continue
      }
    }
    shape = extents
    place.object = name.isEmpty ? nil : name
    location = place
  }

  /// The element type; nil for one that can only be listed.
  var elementType: ElementType? { Self.elementTypes[type] }

  /// The element type in words.
  var typeName: String {
    elementType?.rawValue ?? [8: "string", 21: "uint4", 22: "int4", 23: "float4_e2m1"][type]
      ?? "type \(type)"
  }

  /// ONNX' numbers of element types.
  static let elementTypes: [Int: ElementType] = [
    1: .float32, 2: .uint8, 3: .int8, 4: .uint16, 5: .int16, 6: .int32, 7: .int64, 9: .bool,
    10: .float16, 11: .float64, 12: .uint32, 13: .uint64, 14: .complex64, 15: .complex128,
    16: .bfloat16, 17: .float8E4M3FN, 18: .float8E4M3FNUZ, 19: .float8E5M2, 20: .float8E5M2FNUZ,
    24: .float8E8M0FNU,
  ]

  /// ONNX' number of an element type.
  static func number(of type: ElementType) -> Int {
    elementTypes.first { $0.value == type }?.key ?? 0
  }

  /// The numbers.
  ///
  /// Numbers that are bytes in order, in this file or another one, are not copied.
  ///
  /// - Throws: `onnx.invalid`, `onnx.external-data`, `tensor.bytes-mismatch`.
  func tensor(_ files: ONNXExternalFiles) throws(CheckpointError) -> Tensor {
    guard let type = elementType else {
      throw CheckpointError(
        .onnxInvalid, "the tensor '\(name)' has elements of type \(typeName), which is not read",
        at: location)
    }
    if isExternal {
      return try Tensor(
        files.region(external, of: self, byteCount: Tensor.byteCount(of: shape, type)), type,
        shape: shape, at: .init(object: name))
    }
    if let raw { return try Tensor(raw, type, shape: shape, at: location) }
    return try Tensor(typed(type), type, shape: shape, at: location)
  }

  /// The numbers of the field that belongs to the element type.
  private func typed(_ type: ElementType) throws(CheckpointError) -> ByteRegion {
    let width = type.byteCount
    guard let needed = Tensor.byteCount(of: shape, type) else {
      throw CheckpointError(
        .tensorBytesMismatch, "shape \(shapeText(shape)) of \(type) is impossible", at: location)
    }
    var (reader, bytes): (ProtobufReader, [UInt8]) = (ProtobufReader(message), [])
    /// Which field has numbers of this type, and the bytes of one number; 0 for a varint.
    let (number, size): (Int, Int) =
      switch type {
      case .float32, .complex64: (4, 4)
      case .float64, .complex128: (10, 8)
      case .int64: (7, 0)
      case .uint32, .uint64: (11, 0)
      default: (5, 0)
      }
    while let field = try reader.next() {
      guard field.number == number else { continue }
      guard size == 0 else {
        let part = try field.fixedNumbers(width: size)
        guard part.count <= needed - bytes.count else { throw tooMany(needed) }
        // One part in order is not copied.
        if part.count == needed { return part }
        bytes += part.bytes()
        continue
      }
      try field.integers { (value) throws(CheckpointError) in
        guard bytes.count + width <= needed else { throw tooMany(needed) }
        for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
      }
    }
    return ByteRegion(ByteStorage(copying: bytes))
  }

  private func tooMany(_ needed: Int) -> CheckpointError {
    CheckpointError(
      .tensorBytesMismatch, "the tensor '\(name)' has more numbers than \(shapeText(shape))",
      at: location, expected: "\(needed) bytes")
  }
}
