import RecurContainers
import RecurTensors

/// A file of TensorFlow Lite: graphs of operators, and their numbers
/// (tensorflow/compiler/mlir/lite/schema/schema.fbs).
struct LiteModel {
  /// One graph; the first one of a file is the model, and others are parts of its operators.
  struct LiteGraph {
    var name = ""
    var tensors: [LiteTensor] = []
    var inputs: [Int] = []
    var outputs: [Int] = []
    var operators: [LiteOperator] = []
  }

  let graphs: [LiteGraph]
  /// The program that wrote the file, in its words.
  let description: String

  /// Whether bytes are those of such a file.
  static func recognizes(_ bytes: ByteRegion) -> Bool { bytes.holds(Array("TFL3".utf8), at: 4) }

  /// Reads a file; every reference in it is checked.
  ///
  /// - Throws: `flatbuffer.invalid`, `tensorflow.lite.invalid`, `bytes.limit-exceeded`.
  init(_ file: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    let root = try FlatBufferTable(root: file)
    var budget = LiteBudget(byteCount: file.count, limits: limits)
    guard try root.integer(0, UInt32.self) == 3 else {
      throw CheckpointError(
        .liteInvalid, "the file is of another version of the schema", at: root.location,
        expected: "version 3")
    }
    description = try root.text(3, limit: limits.nameBytes)
    var codes: [LiteOperator.Kind] = []
    for code in try root.tables(1, limit: limits.objects) {
      try budget.take(1, at: code.location)
      // Numbers beyond 127 stand in a field of their own.
      let number = max(Int(try code.integer(0, Int8.self)), Int(try code.integer(3, Int32.self)))
      codes.append(
        LiteOperator.Kind(
          number: number, customName: try code.text(1, limit: limits.nameBytes),
          version: Int(try code.integer(2, Int32.self, usual: 1))))
    }
    var buffers: [ByteRegion?] = []
    for buffer in try root.tables(4, limit: limits.objects) {
      try budget.take(1, at: buffer.location)
      guard try buffer.integer(1, UInt64.self) <= 1, try buffer.integer(2, UInt64.self) <= 1 else {
        throw CheckpointError(
          .liteInvalid, "numbers behind the end of the FlatBuffer are not read", at: buffer.location
        )
      }
      let bytes = try buffer.vector(0, width: 1)
      buffers.append(bytes?.count == 0 ? nil : bytes)
    }
    var graphs: [LiteGraph] = []
    for table in try root.tables(2, limit: limits.objects) {
      graphs.append(try Self.graph(table, codes, buffers, &budget))
    }
    guard !graphs.isEmpty else {
      throw CheckpointError(.liteInvalid, "the file has no graph", at: root.location)
    }
    self.graphs = graphs
  }

  private static func graph(
    _ table: FlatBufferTable, _ codes: [LiteOperator.Kind], _ buffers: [ByteRegion?],
    _ budget: inout LiteBudget
  ) throws(CheckpointError) -> LiteGraph {
    var graph = LiteGraph()
    graph.name = try table.text(4, limit: budget.limits.nameBytes)
    for tensor in try table.tables(0, limit: budget.limits.objects) {
      graph.tensors.append(try LiteTensor(tensor, buffers, &budget))
    }
    func numbers(_ table: FlatBufferTable, _ field: Int, least: Int) throws(CheckpointError)
      -> [Int]
    {
      let own = try table.integers(field, Int32.self, limit: budget.limits.objects) ?? []
      try budget.take(own.count, at: table.location)
      for number in own where !(least..<graph.tensors.count ~= number) {
        throw CheckpointError(
          .liteInvalid, "a graph of \(graph.tensors.count) tensors names tensor \(number)",
          at: table.location)
      }
      return own
    }
    graph.inputs = try numbers(table, 1, least: 0)
    graph.outputs = try numbers(table, 2, least: 0)
    for own in try table.tables(3, limit: budget.limits.objects) {
      try budget.take(1, at: own.location)
      let index = Int(try own.integer(0, UInt32.self))
      guard codes.indices.contains(index) else {
        throw CheckpointError(
          .liteInvalid, "an operator has the code \(index) of \(codes.count)", at: own.location)
      }
      graph.operators.append(
        LiteOperator(
          code: codes[index], inputs: try numbers(own, 1, least: -1),
          outputs: try numbers(own, 2, least: 0), options: try own.table(4),
          location: own.location))
    }
    return graph
  }
}

/// How much a file may make: tables and vectors may be named many times, and are in the file once.
struct LiteBudget {
  let limits: DecodeLimits
  private var left: Int

  init(byteCount: Int, limits: DecodeLimits) {
    self.limits = limits
    left = max(byteCount, 1 << 16)
  }

  /// - Throws: `bytes.limit-exceeded`.
  mutating func take(
    _ count: Int, at location: Diagnostic.Location
  ) throws(CheckpointError) {
    guard count <= left else {
      throw CheckpointError(
        .limitExceeded, "the file names its tables and numbers more often than it has bytes",
        at: location)
    }
    left -= count
  }
}

/// An operator in a graph.
struct LiteOperator {
  /// Which operator it is.
  struct Kind {
    /// Its number in the schema.
    var number: Int
    /// Its name, for one that the schema does not have.
    var customName: String
    var version: Int
  }

  let code: Kind
  /// The tensors that it reads; -1 for one that is left out.
  let inputs: [Int]
  let outputs: [Int]
  let options: FlatBufferTable?
  let location: Diagnostic.Location

  /// Its name as the library has it.
  var title: String {
    code.number == Self.custom
      ? "'\(code.customName)'"
      : LiteOperators.table[code.number]?.name
        ?? LiteOperators.unread[code.number] ?? "operator \(code.number)"
  }

  /// The number of all operators that the schema does not have.
  static let custom = 32
}

extension Diagnostic.Code {
  /// A file of TensorFlow Lite that contradicts itself.
  static let liteInvalid = Self(rawValue: "tensorflow.lite.invalid")
}
