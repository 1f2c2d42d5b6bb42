import RecurContainers
import RecurTensors

// The options of an operator (tensorflow/core/framework/attr_value.proto).
extension GraphOperator {
  /// A whole number; nil when it is left out.
  func integer(_ name: String) -> Int? { GraphMessage.integer(self, name) }

  /// A Boolean; false when it is left out.
  func flag(_ name: String) -> Bool {
    attributes[name].flatMap { ProtobufOutline($0)?.integer(5) } ?? 0 != 0
  }

  /// A text; nil when it is left out.
  func text(_ name: String) -> String? { attributes[name].flatMap { ProtobufOutline($0)?.text(2) } }

  /// A number with a fraction; nil when it is left out.
  func float(_ name: String) throws(CheckpointError) -> Double? {
    try GraphMessage.float(self, name)
  }

  /// The element type; nil when it is left out, or no type of numbers.
  func type(_ name: String) -> ElementType? {
    guard let number = attributes[name].flatMap({ ProtobufOutline($0)?.integer(6) }) else {
      return nil
    }
    // Types of references are those of values, and 100 more.
    return TensorBundleEntry.elementType(Int(truncatingIfNeeded: number % 100))
  }

  /// Whole numbers; nil when they are left out.
  func integers(_ name: String) throws(CheckpointError) -> [Int]? {
    guard
      let list = try attributes[name].flatMap({ value throws(CheckpointError) in
        try ProtobufReader.field(1, of: value)
      })
    else { return nil }
    var (numbers, reader): ([Int], ProtobufReader) = ([], ProtobufReader(list))
    while let field = try reader.next() {
      guard field.number == 3 else { continue }
      try field.integers { (value) throws(CheckpointError) in
        guard numbers.count < 1_024 else {
          throw CheckpointError(
            .tensorFlowGraphInvalid, "'\(self.name)' has more than 1024 numbers for '\(name)'",
            at: field.location)
        }
        numbers.append(Int(truncatingIfNeeded: value))
      }
    }
    return numbers
  }

  /// The extents of a shape, nil for free ones; nil when nothing is known of it.
  func shape(_ name: String, _ limits: DecodeLimits) throws(CheckpointError) -> [Int?]? {
    guard
      let message = try attributes[name].flatMap({ value throws(CheckpointError) in
        try ProtobufReader.field(7, of: value)
      })
    else { return nil }
    var (shape, reader): ([Int?], ProtobufReader) = ([], ProtobufReader(message))
    while let field = try reader.next() {
      if field.number == 3, try field.integer() != 0 { return nil }
      guard field.number == 2 else { continue }
      var (extent, dimension) = (0, ProtobufReader(try field.bytes()))
      while let part = try dimension.next() {
        if part.number == 1 { extent = try part.integer() }
      }
      guard shape.count < limits.rank, extent < 1 << 40 else {
        throw CheckpointError(
          .tensorFlowGraphInvalid, "axis \(shape.count) of '\(self.name)' has the extent \(extent)",
          at: location)
      }
      shape.append(extent < 0 ? nil : extent)
    }
    return shape
  }
}
