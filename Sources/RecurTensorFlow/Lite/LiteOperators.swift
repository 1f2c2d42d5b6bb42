import RecurModel
import RecurTensors

/// An operator of TensorFlow Lite: what it is in a model.
struct LiteOperatorRow: Sendable {
  typealias Apply =
    @Sendable (LiteCall, inout GraphBuilder) throws(CheckpointError) -> [GraphValue]

  /// Its number in the schema (`BuiltinOperator`).
  let number: Int
  /// Its name.
  let name: String
  /// How the library computes it otherwise than it is computed here, in words.
  var differences: @Sendable (LiteCall) throws(CheckpointError) -> [String] = { _ in [] }
  /// The results.
  let apply: Apply

  init(_ number: Int, _ name: String, _ apply: @escaping Apply) {
    self.number = number
    self.name = name
    self.apply = apply
  }
}

/// The operators of TensorFlow Lite that are read: one row each.
enum LiteOperators {
  static let whileLoop = 119
  static let callOnce = 129
  static let variableHandle = 142
  static let readVariable = 143
  static let assignVariable = 144

  /// All rows, by the numbers of the operators.
  static let table = Dictionary(
    (arithmetic + functions + shapes + parts + products + recurrent + windows).map {
      ($0.number, $0)
    },
    uniquingKeysWith: { one, _ in one })

  /// Operators that the reader of graphs follows itself.
  static let control = [
    whileLoop: "WHILE", callOnce: "CALL_ONCE", variableHandle: "VAR_HANDLE",
    readVariable: "READ_VARIABLE", assignVariable: "ASSIGN_VARIABLE",
  ]

  /// The names of operators that have no row.
  static let unread = control.merging(
    [
      10: "HASHTABLE_LOOKUP", 16: "LSTM", 23: "RESIZE_BILINEAR", 24: "RNN", 27: "SVDF",
      48: "TOPK_V2",
      67: "TRANSPOSE_CONV", 112: "REVERSE_SEQUENCE", 118: "IF", 128: "CUMSUM",
    ], uniquingKeysWith: { one, _ in one })

  /// Whether there is a row, or more, for an operator.
  static func knows(_ own: LiteOperator) -> Bool {
    table[own.code.number] != nil || control[own.code.number] != nil
  }
}
