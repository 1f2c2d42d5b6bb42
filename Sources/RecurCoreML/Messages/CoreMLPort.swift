import RecurContainers
import RecurTensors

/// An input, an output or a state of a model (FeatureTypes.proto, `FeatureDescription`).
struct CoreMLPort: Sendable {
  var name = ""
  /// The extents with which the model was written; empty for an output of open shape.
  var shape: [Int] = []
  /// Whether an axis may have several extents.
  var isFree: [Bool] = []
  /// The number of the element type; 0 for what is no array.
  var type = 0
  /// What the port is when it is no array of numbers: `an image`.
  var other: String?
  var location: Diagnostic.Location

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    try budget.take(4, at: bytes.location)
    location = bytes.location
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try budget.name(field)
      case 3: try readType(field.bytes(), &budget)
      default: continue
      }
    }
    location.object = name.isEmpty ? nil : name
  }

  /// `FeatureType`; a state wraps an array.
  private mutating func readType(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: other = "a whole number"
      case 2: other = "a number"
      case 3: other = "a text"
      case 4: other = "an image"
      case 5: try readArray(field.bytes(), &budget)
      case 6: other = "a dictionary"
      case 7: other = "a sequence of values"
      case 8:
        if let array = try ProtobufReader.field(1, of: field.bytes()) {
          try readArray(array, &budget)
        }
      default: continue
      }
    }
  }

  /// `ArrayFeatureType`.
  private mutating func readArray(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    var (choices, ranges): ([[Int]], [Bool]) = ([], [])
    while let field = try reader.next() {
      switch field.number {
      case 1: shape += try Self.extents(field, budget)
      case 2: type = try field.integer()
      case 21:
        var inner = ProtobufReader(try field.bytes())
        while let own = try inner.next() {
          guard own.number == 1 else { continue }
          try budget.take(1, at: own.location)
          var (extents, list): ([Int], ProtobufReader) = ([], ProtobufReader(try own.bytes()))
          while let one = try list.next() {
            guard one.number == 1 else { continue }
            extents += try Self.extents(one, budget)
          }
          choices.append(extents)
        }
      case 31:
        var inner = ProtobufReader(try field.bytes())
        while let own = try inner.next() {
          guard own.number == 1 else { continue }
          try budget.take(1, at: own.location)
          ranges.append(try Self.isOpen(own.bytes()))
        }
      default: continue
      }
      guard shape.count <= budget.limits.rank, ranges.count <= budget.limits.rank else {
        throw CheckpointError(
          .limitExceeded, "an array has more than \(budget.limits.rank) axes", at: field.location)
      }
    }
    isFree = shape.indices.map { axis in
      ranges.indices.contains(axis) && ranges[axis]
        || choices.contains { !$0.indices.contains(axis) || $0[axis] != shape[axis] }
    }
    let counts = choices.map(\.count) + (ranges.isEmpty ? [] : [ranges.count])
    guard counts.allSatisfy({ $0 == shape.count }) else {
      throw CheckpointError(
        .coreMLInvalid, "the shapes of '\(name)' have different numbers of axes",
        at: bytes.location)
    }
  }

  private static func extents(
    _ field: ProtobufReader.Field, _ budget: ProtobufBudget
  ) throws(CheckpointError) -> [Int] {
    var extents: [Int] = []
    try field.integers { (extent) throws(CheckpointError) in
      guard extents.count < budget.limits.rank, 0...(1 << 40) ~= extent else {
        throw CheckpointError(
          .coreMLInvalid, "an array has an axis of \(extent) elements, or too many axes",
          at: field.location)
      }
      extents.append(extent)
    }
    return extents
  }

  /// Whether a range holds more than one extent (`SizeRange`).
  private static func isOpen(_ bytes: ByteRegion) throws(CheckpointError) -> Bool {
    var (reader, lower, upper) = (ProtobufReader(bytes), 0, 0)
    while let field = try reader.next() {
      if field.number == 1 { lower = try field.integer() }
      if field.number == 2 { upper = try field.integer() }
    }
    return lower != upper
  }

  /// The element type; nil for what is no array of numbers (`ArrayDataType`).
  var elementType: ElementType? { Self.elementTypes[type] }

  /// Element types by their numbers.
  static let elementTypes: [Int: ElementType] = [
    65568: .float32, 65600: .float64, 131104: .int32, 65552: .float16, 131080: .int8,
  ]

  /// The name, the element type and the shape.
  var text: String {
    if let other { return "\(name): \(other)" }
    let extents = shape.enumerated().map { isFree[$0] ? "\($1) or others" : "\($1)" }
    return "\(name): \(elementType?.rawValue ?? "type \(type)")"
      + (shape.isEmpty ? "" : " [\(extents.joined(separator: ", "))]")
  }
}
