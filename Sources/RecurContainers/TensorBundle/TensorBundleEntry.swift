package import RecurTensors

/// What the index of a checkpoint says of one tensor
/// (tensorflow/core/protobuf/tensor_bundle.proto, `BundleEntryProto`).
package struct TensorBundleEntry: Sendable {
  /// A part of one axis.
  struct Extent: Sendable {
    var start = 0
    /// The length; nil for the whole axis.
    var length: Int?
  }

  /// Its name.
  package let name: String
  /// The number of its element type.
  package private(set) var type = 0
  /// Its shape, outermost first.
  package private(set) var shape: [Int] = []
  /// The data file that holds it.
  private(set) var shard = 0
  /// The first byte of it in the data file.
  private(set) var offset = 0
  /// How many bytes it has there.
  package private(set) var byteCount = 0
  /// The masked checksum of these bytes.
  private(set) var checksum: UInt32 = 0
  /// The parts that it is stored in, each with a part of every axis; empty for a tensor in one piece.
  private(set) var slices: [[Extent]] = []
  /// Where the index says this.
  package let location: Diagnostic.Location

  /// Reads an entry.
  ///
  /// - Throws: `protobuf.invalid`, `bundle.invalid`, `bytes.limit-exceeded`.
  init(
    _ message: ByteRegion, name: String, limits: DecodeLimits
  ) throws(CheckpointError) {
    self.name = name
    location = message.location.inside(.init(object: name))
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      switch field.number {
      case 1: type = try field.integer()
      case 2: shape = try Self.shape(field.bytes(), at: location, limits)
      case 3: shard = try field.integer()
      case 4: offset = try field.integer()
      case 5: byteCount = try field.integer()
      case 6:
        guard case .fixed(let bytes) = field.content, bytes.count == 4 else {
          throw field.mismatch("number of 4 bytes")
        }
        checksum = try bytes.integer(UInt32.self, at: 0)
      case 7: slices.append(try Self.slice(field.bytes(), limits))
      default: continue
      }
    }
  }

  /// The extents of a `TensorShapeProto`; an extent of 0 is an empty message.
  ///
  /// - Throws: `protobuf.invalid`, `bundle.invalid`.
  package static func shape(
    _ message: ByteRegion, at location: Diagnostic.Location, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [Int] {
    var shape: [Int] = []
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      if field.number == 3, try field.integer() != 0 {
        throw CheckpointError(.bundleInvalid, "a tensor has no known number of axes", at: location)
      }
      guard field.number == 2 else { continue }
      var (extent, dimension) = (0, ProtobufReader(try field.bytes()))
      while let part = try dimension.next() {
        if part.number == 1 { extent = try part.integer() }
      }
      guard extent >= 0, shape.count < limits.rank else {
        throw CheckpointError(
          .bundleInvalid, "axis \(shape.count) of a tensor has the extent \(extent)", at: location,
          expected: "0 or more, on at most \(limits.rank) axes")
      }
      shape.append(extent)
    }
    return shape
  }

  private static func slice(
    _ message: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [Extent] {
    var (extents, reader): ([Extent], ProtobufReader) = ([], ProtobufReader(message))
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      var (extent, part) = (Extent(), ProtobufReader(try field.bytes()))
      while let number = try part.next() {
        switch number.number {
        case 1: extent.start = try number.integer()
        case 2: extent.length = try number.integer()
        default: continue
        }
      }
      guard extents.count < limits.rank else {
        throw CheckpointError(
          .limitExceeded, "a part of a tensor has more than \(limits.rank) axes",
          at: field.location)
      }
      extents.append(extent)
    }
    return extents
  }

  /// The element type; nil for elements that are no numbers (tensorflow/core/framework/types.proto).
  package var elementType: ElementType? { Self.elementType(type) }

  /// The element type of a number in `DataType`.
  package static func elementType(_ number: Int) -> ElementType? {
    [
      1: .float32, 2: .float64, 3: .int32, 4: .uint8, 5: .int16, 6: .int8, 8: .complex64,
      9: .int64, 10: .bool, 14: .bfloat16, 17: .uint16, 18: .complex128, 19: .float16, 22: .uint32,
      23: .uint64, 24: .float8E5M2, 25: .float8E4M3FN,
    ][number]
  }

  /// Whether the elements are texts.
  package var isText: Bool { type == 7 }

  /// The element type in words.
  package var typeName: String {
    elementType?.rawValue ?? [7: "string", 20: "resource", 21: "variant"][type] ?? "type \(type)"
  }
}
