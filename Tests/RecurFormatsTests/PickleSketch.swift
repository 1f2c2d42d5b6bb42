import RecurContainers
import RecurTensors
import RecurTestSupport

/// A value as Python pickles it, written with instructions of protocols 2 and 3.
struct PickleSketch {
  private let content: [UInt8]

  private init(_ opcode: PickleOpcode, _ rest: [UInt8] = []) { content = [opcode.rawValue] + rest }

  private init(_ content: [UInt8]) { self.content = content }

  /// The whole pickle.
  var pickle: [UInt8] { [0x80, 3] + content + [PickleOpcode.stop.rawValue] }

  static let none = PickleSketch(.none)

  static func bool(_ value: Bool) -> PickleSketch { PickleSketch(value ? .newTrue : .newFalse) }

  static func integer(_ value: Int) -> PickleSketch {
    PickleSketch(.long1, [8] + [UInt64(bitPattern: Int64(value))].littleEndianBytes)
  }

  static func float(_ value: Double) -> PickleSketch {
    PickleSketch(.binFloat, [value.bitPattern.byteSwapped].littleEndianBytes)
  }

  static func string(_ text: String) -> PickleSketch {
    PickleSketch(.binUnicode, [UInt32(text.utf8.count)].littleEndianBytes + Array(text.utf8))
  }

  static func bytes(_ bytes: [UInt8]) -> PickleSketch {
    PickleSketch(.binBytes, [UInt32(bytes.count)].littleEndianBytes + bytes)
  }

  static func list(_ values: [PickleSketch]) -> PickleSketch {
    PickleSketch(.emptyList, marked(values.flatMap(\.content), .appends))
  }

  static func tuple(_ values: [PickleSketch]) -> PickleSketch {
    PickleSketch(marked(values.flatMap(\.content), .tuple))
  }

  static func dictionary(_ items: [(PickleSketch, PickleSketch)]) -> PickleSketch {
    PickleSketch(
      .emptyDictionary, marked(items.flatMap { $0.0.content + $0.1.content }, .setItems))
  }

  static func global(_ module: String, _ name: String) -> PickleSketch {
    PickleSketch(.global, Array("\(module)\n\(name)\n".utf8))
  }

  static func call(
    module: String, name: String, _ arguments: [PickleSketch], state: PickleSketch?
  ) -> PickleSketch {
    let made = global(module, name).content + tuple(arguments).content
    let set = state.map { $0.content + [PickleOpcode.build.rawValue] } ?? []
    return PickleSketch(made + [PickleOpcode.reduce.rawValue] + set)
  }

  static func persistent(_ id: PickleSketch) -> PickleSketch {
    PickleSketch(id.content + [PickleOpcode.binPersistent.rawValue])
  }

  private static func marked(_ content: [UInt8], _ end: PickleOpcode) -> [UInt8] {
    [PickleOpcode.mark.rawValue] + content + [end.rawValue]
  }
}

/// A checkpoint as torch.save writes it, made value by value.
struct CheckpointSketch {
  private(set) var storages: [[UInt8]] = []

  /// A tensor of float32, row-major, in a storage of its own.
  mutating func tensor(_ values: [Float], _ shape: [Int]) -> PickleSketch {
    Self.view(
      storage(values.map(\.bitPattern).littleEndianBytes, "FloatStorage", values.count), shape,
      rebuild: "_rebuild_tensor_v2", [])
  }

  /// A storage that is the value itself.
  mutating func storage(_ values: [Float]) -> PickleSketch {
    storage(values.map(\.bitPattern).littleEndianBytes, "FloatStorage", values.count)
  }

  /// A tensor of signed bytes with one scale, or one for each row.
  mutating func quantized(
    _ values: [Int8], _ shape: [Int], scales: [Double], zeroPoints: [Int]
  ) -> PickleSketch {
    let stored = storage(values.map { UInt8(bitPattern: $0) }, "QInt8Storage", values.count)
    guard scales.count > 1 else {
      let quantizer = PickleSketch.tuple([
        .global("torch", "per_tensor_affine"), .float(scales[0]), .integer(zeroPoints[0]),
      ])
      return Self.view(stored, shape, rebuild: "_rebuild_qtensor", [quantizer])
    }
    let steps = storage(scales.map(\.bitPattern).littleEndianBytes, "DoubleStorage", scales.count)
    let zeros = storage(
      zeroPoints.map { UInt64(bitPattern: Int64($0)) }.littleEndianBytes, "LongStorage",
      zeroPoints.count)
    let quantizer = PickleSketch.tuple([
      .global("torch", "per_channel_affine"),
      Self.view(steps, [scales.count], rebuild: "_rebuild_tensor_v2", []),
      Self.view(zeros, [scales.count], rebuild: "_rebuild_tensor_v2", []), .integer(0),
    ])
    return Self.view(stored, shape, rebuild: "_rebuild_qtensor", [quantizer])
  }

  private mutating func storage(_ bytes: [UInt8], _ type: String, _ count: Int) -> PickleSketch {
    storages.append(bytes)
    return .persistent(
      .tuple([
        .string("storage"), .global("torch", type), .string("\(storages.count - 1)"),
        .string("cpu"), .integer(count),
      ]))
  }

  private static func view(
    _ storage: PickleSketch, _ shape: [Int], rebuild: String, _ more: [PickleSketch]
  ) -> PickleSketch {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return .call(
      module: "torch._utils", name: rebuild,
      [
        storage, .integer(0), .tuple(shape.map { .integer($0) }),
        .tuple(strides.map { .integer($0) }),
      ] + more + [.bool(false), .dictionary([])], state: nil)
  }

  /// The bytes of the archive whose pickle is that of `root`.
  func archive(_ root: PickleSketch) throws -> [UInt8] {
    var sink = MemorySink()
    var writer = ZipWriter(alignment: 64)
    func append(_ name: String, _ content: [UInt8]) throws {
      try writer.append(name, ByteRegion(ByteStorage(copying: content)), to: &sink)
    }
    try append("x/data.pkl", root.pickle)
    for (index, storage) in storages.enumerated() { try append("x/data/\(index)", storage) }
    try append("x/version", Array("3\n".utf8))
    try writer.finish(to: &sink)
    return sink.bytes
  }
}

/// An array of NumPy in a pickle.
enum ArraySketch {
  /// `numpy.core.multiarray._reconstruct` with its state.
  static func array(
    _ data: [UInt8], type: String, order: String, shape: [Int], isFortran: Bool = false,
    package: String = "numpy._core"
  ) -> PickleSketch {
    .call(
      module: "\(package).multiarray", name: "_reconstruct",
      [.global("numpy", "ndarray"), .tuple([.integer(0)]), .bytes([0x62])],
      state: .tuple([
        .integer(1), .tuple(shape.map { .integer($0) }), dtype(type, order), .bool(isFortran),
        .bytes(data),
      ]))
  }

  /// `numpy.core.multiarray.scalar`.
  static func scalar(_ data: [UInt8], type: String, order: String = "<") -> PickleSketch {
    .call(
      module: "numpy.core.multiarray", name: "scalar", [dtype(type, order), .bytes(data)],
      state: nil)
  }

  private static func dtype(_ type: String, _ order: String) -> PickleSketch {
    .call(
      module: "numpy", name: "dtype", [.string(type), .bool(false), .bool(true)],
      state: .tuple([
        .integer(3), .string(order), .none, .none, .none, .integer(-1), .integer(-1), .integer(0),
      ]))
  }
}
