import RecurContainers
import RecurTensors

/// The type of a value (MIL.proto, `ValueType`): an array of numbers or of texts, or a state that holds one.
struct MILType: Sendable {
  /// The number of the element type; 0 for what is no array.
  var number = 0
  /// The extents; nil for a free one.
  var shape: [Int?] = []
  /// Whether the value is kept from call to call.
  var isState = false

  init() {}

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.check(depth: depth, of: "blocks and values", at: bytes.location)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: try readTensor(field.bytes(), budget)
      case 5:
        if let wrapped = try ProtobufReader.field(1, of: field.bytes()) {
          self = try MILType(wrapped, depth: depth + 1, &budget)
        }
        isState = true
      default: continue
      }
    }
  }

  /// `TensorType`.
  private mutating func readTensor(
    _ bytes: ByteRegion, _ budget: ProtobufBudget
  ) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: number = try field.integer()
      case 3:
        guard shape.count < budget.limits.rank else {
          throw CheckpointError(
            .limitExceeded, "an array has more than \(budget.limits.rank) axes",
            at: field.location)
        }
        shape.append(try Self.extent(field.bytes()))
      default: continue
      }
    }
  }

  /// `Dimension`; an extent of 0 is left out by writers.
  private static func extent(_ bytes: ByteRegion) throws(CheckpointError) -> Int? {
    var (reader, extent): (ProtobufReader, Int?) = (ProtobufReader(bytes), nil)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var (inner, size) = (ProtobufReader(try field.bytes()), 0)
      while let own = try inner.next() {
        if own.number == 1 { size = try own.integer() }
      }
      guard 0...(1 << 40) ~= size else {
        throw CheckpointError(
          .coreMLInvalid, "an array has an axis of \(size) elements", at: field.location)
      }
      extent = size
    }
    return extent
  }

  /// The element type; nil for texts and what is not read.
  var elementType: ElementType? { Self.elementTypes[number] }

  /// Whether the elements are texts.
  var isText: Bool { number == 2 }

  /// The element type in words.
  var typeName: String { isText ? "string" : elementType?.rawValue ?? "type \(number)" }

  /// Element types by their numbers (`DataType`).
  static let elementTypes: [Int: ElementType] = [
    1: .bool, 10: .float16, 11: .float32, 12: .float64, 13: .bfloat16, 21: .int8, 22: .int16,
    23: .int32, 24: .int64, 31: .uint8, 32: .uint16, 33: .uint32, 34: .uint64,
  ]

  /// The number of an element type.
  static func number(of type: ElementType) -> Int {
    elementTypes.first { $0.value == type }?.key ?? 0
  }
}
