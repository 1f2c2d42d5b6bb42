import RecurContainers
import RecurFormats
import RecurTensors

/// Collects the arrays in the maps of a Flax file (flax/serialization.py, 0.12).
///
/// An array is an extension of type 1: an array of its shape, the name of its type and its bytes, in
/// row-major order and little-endian.
struct FlaxArrays {
  private(set) var table = TensorTable()
  /// Values that are no arrays, in words.
  private(set) var facts: [(name: String, value: String)] = []
  /// The number of arrays that were only counted.
  private(set) var besideCount = 0
  private let limits: DecodeLimits

  init(_ limits: DecodeLimits) { self.limits = limits }

  private static let chunkMark = "__msgpack_chunked_array__"

  /// Adds the arrays in `value`, whose path is `name`.
  ///
  /// - Throws: `msgpack.invalid`, `tensor.bytes-mismatch`, `tensor.duplicate`.
  mutating func append(_ value: MessagePackValue, _ name: String) throws(CheckpointError) {
    switch value {
    case .map(let entries):
      if value[Self.chunkMark] != nil {
        try table.append(name, chunked(value, name))
        return
      }
      for entry in entries { try append(entry.value, "\(name)/\(entry.key)") }
    case .array(let elements):
      for (index, element) in elements.enumerated() { try append(element, "\(name)/\(index)") }
    case .extended(let type, let bytes):
      switch try Self.array(type, bytes, name, limits) {
      case .numbers(let tensor): try table.append(name, tensor)
      case .unreadable(let tensor): try table.append(tensor)
      }
    case .bool(let value): facts.append((name, "\(value)"))
    case .integer(let value): facts.append((name, "\(value)"))
    case .unsigned(let value): facts.append((name, "\(value)"))
    case .float(let value): facts.append((name, "\(value)"))
    case .string(let text): facts.append((name, "'\(text.prefix(80))'"))
    case .binary(let bytes): facts.append((name, "\(bytes.count) bytes"))
    case .null: break
    }
  }

  /// Counts the arrays in `value`.
  mutating func count(_ value: MessagePackValue) {
    switch value {
    case .map(let entries): for entry in entries { count(entry.value) }
    case .array(let elements): for element in elements { count(element) }
    case .extended: besideCount += 1
    case .bool, .integer, .unsigned, .float, .string, .binary, .null: break
    }
  }

  private enum Content {
    case numbers(Tensor)
    case unreadable(UnreadableTensor)
  }

  private static func array(
    _ type: Int8, _ bytes: ByteRegion, _ name: String, _ limits: DecodeLimits
  ) throws(CheckpointError) -> Content {
    var place = bytes.location
    place.object = name
    // 1: an array; 3: a scalar of NumPy, in the same form; 2: a complex number of Python.
    guard type == 1 || type == 3 else {
      return .unreadable(
        UnreadableTensor(
          name: name, type: "an extension of type \(type)", shape: [], byteCount: bytes.count,
          location: place))
    }
    let parts = try MessagePackReader.read(bytes, limits: limits).array ?? []
    let shape = parts.first?.array?.compactMap(\.integer) ?? []
    guard parts.count == 3, let word = parts[1].string, case .binary(let data) = parts[2],
      parts[0].array?.count == shape.count, shape.allSatisfy({ $0 >= 0 }),
      shape.count <= limits.rank
    else {
      throw CheckpointError(
        .messagePackInvalid, "'\(name)' is no array as Flax writes one", at: place,
        expected: "a shape, the name of a type and bytes")
    }
    guard let element = ElementType(rawValue: word) else {
      return .unreadable(
        UnreadableTensor(
          name: name, type: "'\(word)'", shape: shape, byteCount: data.count, location: place))
    }
    return .numbers(try Tensor(data, element, shape: shape, at: .init(object: name)))
  }

  /// An array of more than 1 GiB, which is stored in pieces of one axis.
  private func chunked(
    _ value: MessagePackValue, _ name: String
  ) throws(CheckpointError) -> Tensor {
    let shape = Self.inOrder(value["shape"]).compactMap(\.integer)
    var pieces: [Tensor] = []
    for (index, piece) in Self.inOrder(value["chunks"]).enumerated() {
      guard case .extended(let type, let bytes) = piece,
        case .numbers(let tensor) = try Self.array(type, bytes, "\(name)/\(index)", limits),
        tensor.rank == 1
      else { throw invalid(name) }
      pieces.append(tensor)
    }
    guard let first = pieces.first, pieces.allSatisfy({ $0.elementType == first.elementType }),
      shape.allSatisfy({ $0 >= 0 }), shape.count <= limits.rank,
      Tensor.byteCount(of: shape, first.elementType) == pieces.reduce(0, { $0 + $1.byteCount })
    else { throw invalid(name) }
    return try Tensor.concatenated(pieces, axis: 0).reshaped(shape)
      .located(at: .init(object: name))
  }

  private func invalid(_ name: String) -> CheckpointError {
    CheckpointError(
      .messagePackInvalid, "'\(name)' is no array in pieces as Flax writes one",
      at: .init(object: name), expected: "'shape', and 'chunks' with as many numbers")
  }

  /// The values of a map with the keys 0, 1, …; empty for anything else.
  private static func inOrder(_ value: MessagePackValue?) -> [MessagePackValue] {
    guard let value, let entries = value.entries else { return [] }
    let values = entries.indices.compactMap { value["\($0)"] }
    return values.count == entries.count ? values : []
  }
}
