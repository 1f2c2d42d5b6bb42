import RecurContainers
import RecurModel
import RecurTensors

/// A value in a program: numbers or texts, here or in the file of weights (MIL.proto, `Value`).
struct MILValue: Sendable {
  private enum Content: Sendable {
    /// The message `TensorValue`.
    case tensor(ByteRegion)
    /// A place in the file of weights.
    case blob(file: String, offset: Int)
    /// Several values, a dictionary, or nothing.
    case other
  }

  var type = MILType()
  private var content = Content.other
  var location: Diagnostic.Location

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.take(1, at: bytes.location)
    location = bytes.location
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 2: type = try MILType(field.bytes(), depth: depth, &budget)
      case 3:
        if let tensor = try ProtobufReader.field(1, of: field.bytes()) { content = .tensor(tensor) }
      case 5:
        var (inner, file, offset) = (ProtobufReader(try field.bytes()), "", 0)
        while let own = try inner.next() {
          if own.number == 1 { file = try own.text() }
          if own.number == 2 { offset = try own.integer() }
        }
        content = .blob(file: file, offset: offset)
      default: continue
      }
    }
  }

  /// The only text; nil for other values.
  func text() throws(CheckpointError) -> String? {
    guard type.isText, case .tensor(let message) = content,
      let texts = try ProtobufReader.field(4, of: message)
    else { return nil }
    var (reader, found): (ProtobufReader, [String]) = (ProtobufReader(texts), [])
    while let field = try reader.next(), found.count < 2 { found.append(try field.text()) }
    return found.count == 1 ? found[0] : nil
  }

  /// How many bytes the numbers take; nil for texts and impossible shapes.
  var byteCount: Int? {
    guard let elementType = type.elementType, !type.shape.contains(nil) else { return nil }
    return Tensor.byteCount(of: type.shape.compactMap { $0 }, elementType)
  }

  /// The numbers; those that are bytes in order are not copied.
  ///
  /// - Throws: `coreml.invalid`, `coreml.weights`, `tensor.bytes-mismatch`.
  func tensor(_ weights: WeightFiles, named name: String) throws(CheckpointError) -> Tensor {
    var place = location
    place.object = name
    guard let elementType = type.elementType, !type.shape.contains(nil), let needed = byteCount
    else {
      throw CheckpointError(
        .coreMLInvalid, "'\(name)' is a value of \(type.typeName) of a free or impossible shape",
        at: place)
    }
    let shape = type.shape.compactMap { $0 }
    switch content {
    case .blob(let file, let offset):
      let region = try weights.numbers(
        file, offset: offset, elementType, byteCount: needed, of: name, at: place)
      return try Tensor(region, elementType, shape: shape, at: .init(object: name))
    case .tensor(let message):
      return try Tensor(
        numbers(message, elementType, needed, place), elementType, shape: shape, at: place)
    case .other:
      throw CheckpointError(.coreMLInvalid, "'\(name)' is a value without numbers", at: place)
    }
  }

  /// The numbers of the field that belongs to the element type (`TensorValue`).
  private func numbers(
    _ message: ByteRegion, _ elementType: ElementType, _ needed: Int,
    _ place: Diagnostic.Location
  ) throws(CheckpointError) -> ByteRegion {
    /// Which field has numbers of this type, and the bytes of one; 0 for a varint, nil for bytes.
    let (number, size): (Int, Int?) =
      switch elementType {
      case .float32: (1, 4)
      case .int32: (2, 0)
      case .bool: (3, 0)
      case .int64, .uint64, .uint32: (5, 0)
      case .float64: (6, 8)
      default: (7, nil)
      }
    guard let list = try ProtobufReader.field(number, of: message) else {
      guard needed == 0 else { throw mismatch(0, needed, place) }
      return ByteRegion(ByteStorage(copying: []))
    }
    var (reader, bytes): (ProtobufReader, [UInt8]) = (ProtobufReader(list), [])
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      guard let size else { return try field.bytes() }
      guard size == 0 else {
        let part = try field.fixedNumbers(width: size)
        if part.count == needed, bytes.isEmpty { return part }
        guard part.count <= needed - bytes.count else {
          throw mismatch(bytes.count + part.count, needed, place)
        }
        bytes += part.bytes()
        continue
      }
      let width = elementType.byteCount
      try field.integers { (value) throws(CheckpointError) in
        guard bytes.count + width <= needed else {
          throw mismatch(bytes.count + width, needed, place)
        }
        for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
      }
    }
    return ByteRegion(ByteStorage(copying: bytes))
  }

  private func mismatch(
    _ found: Int, _ needed: Int, _ place: Diagnostic.Location
  ) -> CheckpointError {
    CheckpointError(
      .tensorBytesMismatch, "a value has other numbers than its shape needs", at: place,
      expected: "\(needed) bytes", found: "\(found) bytes")
  }
}
