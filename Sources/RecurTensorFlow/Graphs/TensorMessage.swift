import RecurContainers
import RecurTensors

/// A tensor in a message: all bytes, or numbers one by one of which the last one stands for the rest
/// (tensorflow/core/framework/tensor.proto).
struct TensorMessage {
  let type: Int
  let shape: [Int]
  private let message: ByteRegion
  private let content: ByteRegion?
  private let location: Diagnostic.Location

  /// Reads the type and the shape.
  ///
  /// - Throws: `protobuf.invalid`, `bundle.invalid`.
  init(
    _ message: ByteRegion, limits: DecodeLimits, at location: Diagnostic.Location
  ) throws(CheckpointError) {
    var (type, shape, content): (Int, [Int], ByteRegion?) = (0, [], nil)
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      switch field.number {
      case 1: type = try field.integer()
      case 2: shape = try TensorBundleEntry.shape(field.bytes(), at: location, limits)
      case 4: content = try field.bytes()
      default: continue
      }
    }
    self.type = type
    self.shape = shape
    self.content = content
    self.message = message
    self.location = location
  }

  /// The numbers; nil for elements that are none.
  ///
  /// The number of the element type and the shape are given where the message does not say them. With
  /// `repeatsLast` the last number stands for those that are left out.
  ///
  /// - Throws: `tensorflow.graph.invalid`, `tensor.bytes-mismatch`.
  func tensor(
    type number: Int? = nil, shape own: [Int]? = nil, repeatsLast: Bool = true
  ) throws(CheckpointError) -> Tensor? {
    guard let element = TensorBundleEntry.elementType(number ?? type) else { return nil }
    let shape = own ?? self.shape
    if let content, content.count > 0 {
      return try Tensor(content, element, shape: shape, at: content.location.inside(location))
    }
    guard let needed = Tensor.byteCount(of: shape, element) else {
      throw CheckpointError(
        .tensorFlowGraphInvalid, "the shape \(shapeText(shape)) of a tensor is impossible",
        at: location)
    }
    let bytes = try typed(element, most: max(needed, element.byteCount))
    let region = ByteRegion(ByteStorage(copying: bytes))
    guard bytes.count < needed, repeatsLast else {
      return try Tensor(region, element, shape: shape, at: location)
    }
    // One number stands for all of them, without taking memory for each.
    guard bytes.count == element.byteCount else {
      guard !bytes.isEmpty else {
        let zeros = [UInt8](repeating: 0, count: element.byteCount)
        return try Tensor(
          ByteRegion(ByteStorage(copying: zeros)), element, shape: shape,
          strides: shape.map { _ in 0 }, offset: 0, at: location)
      }
      guard needed <= 1 << 24 else {
        throw CheckpointError(
          .tensorFlowGraphInvalid, "a tensor of \(needed) bytes has \(bytes.count) of them",
          at: location)
      }
      let last = bytes.suffix(element.byteCount)
      var all = bytes
      while all.count < needed { all += last }
      return try Tensor(
        ByteRegion(ByteStorage(copying: all)), element, shape: shape, at: location)
    }
    return try Tensor(
      region, element, shape: shape, strides: shape.map { _ in 0 }, offset: 0, at: location)
  }

  /// The numbers of the field that belongs to the element type.
  private func typed(_ type: ElementType, most: Int) throws(CheckpointError) -> [UInt8] {
    /// Which field has numbers of this type, and the bytes of one number; 0 for a varint.
    let (number, size): (Int, Int) =
      switch type {
      case .float32: (5, 4)
      case .float64: (6, 8)
      case .int64: (10, 0)
      case .bool: (11, 0)
      case .float16, .bfloat16: (13, 0)
      case .uint32: (16, 0)
      case .uint64: (17, 0)
      case .complex64: (9, 4)
      case .complex128: (12, 8)
      default: (7, 0)
      }
    var (reader, bytes): (ProtobufReader, [UInt8]) = (ProtobufReader(message), [])
    let width = type.byteCount
    func tooMany() -> CheckpointError {
      CheckpointError(
        .tensorFlowGraphInvalid, "a tensor has more numbers than its shape", at: location,
        expected: "\(most) bytes")
    }
    while let field = try reader.next() {
      guard field.number == number else { continue }
      guard size == 0 else {
        let part = try field.fixedNumbers(width: size)
        guard part.count <= most - bytes.count else { throw tooMany() }
        bytes += part.bytes()
        continue
      }
      try field.integers { (value) throws(CheckpointError) in
        guard bytes.count + width <= most else { throw tooMany() }
        for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
      }
    }
    return bytes
  }
}
