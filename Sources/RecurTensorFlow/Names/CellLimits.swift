import RecurContainers
import RecurTensors

/// What cells of TensorFlow 1 keep their c and their projected h within, which is no variable: constants in
/// the graph, by the scopes of the cells (tensorflow/python/ops/rnn_cell_impl.py, `cell_clip`, `proj_clip`).
struct CellLimits {
  /// The limits of one cell.
  struct Limits {
    var cell: Double?
    var projection: Double?
  }

  private var values: [Name: Limits] = [:]

  /// Nothing is known.
  init() {}

  /// Finds the constants in a graph.
  ///
  /// - Throws: what is wrong with the graph's constants.
  init(_ graph: GraphMessage) throws(CheckpointError) {
    let frames = try GraphFrames(graph)
    func node(_ value: String) -> GraphOperator? {
      frames.nodes[Name(GraphOperator.node(value))]
    }
    /// The constant that a value is, behind what hands it on.
    func number(_ value: String) throws(CheckpointError) -> Double? {
      var own = node(value)
      for _ in 0..<8 {
        guard let current = own else { return nil }
        guard ["Identity", "Enter"].contains(current.operation) else { break }
        own = current.dataInputs.first.flatMap(node)
      }
      guard let own, let tensor = try graph.constant(own), tensor.count == 1 else { return nil }
      return tensor.doubles()[0]
    }
    for own in graph.nodes {
      switch own.operation {
      case "Maximum":
        guard own.dataInputs.count == 2, let least = try number(own.dataInputs[1]), least < 0,
          let inner = node(own.dataInputs[0]), inner.operation == "Minimum",
          inner.dataInputs.count == 2, try number(inner.dataInputs[1]) == -least,
          let limited = node(inner.dataInputs[0])
        else { continue }
        add(-least, of: limited)
      case "ClipByValue":
        guard own.dataInputs.count == 3, let least = try number(own.dataInputs[1]), least < 0,
          try number(own.dataInputs[2]) == -least, let limited = node(own.dataInputs[0])
        else { continue }
        add(-least, of: limited)
      case "LSTMBlockCell", "BlockLSTM", "BlockLSTMV2":
        let usual: Double = own.operation == "BlockLSTMV2" ? 0 : 3
        let limit = try GraphMessage.float(own, "cell_clip") ?? usual
        guard limit > 0,
          let weights = own.dataInputs.dropFirst(own.operation == "LSTMBlockCell" ? 3 : 4).first
        else { continue }
        values[Name(scope(of: weights, node)), default: .init()].cell = limit
      default: continue
      }
    }
  }

  /// The scope of the variable that a value is read from.
  private func scope(of value: String, _ node: (String) -> GraphOperator?) -> String {
    var own = node(value)
    for _ in 0..<8 {
      guard let current = own, ["Identity", "Enter", "ReadVariableOp"].contains(current.operation)
      else {
        break
      }
      own = current.dataInputs.first.flatMap(node)
    }
    return own?.name.split(separator: "/").dropLast().joined(separator: "/") ?? ""
  }

  /// Sums are cells, and products of matrices are projections.
  private mutating func add(_ limit: Double, of limited: GraphOperator) {
    let scope = Name(GraphOperator.layerName(limited.name))
    switch limited.operation {
    case "MatMul": values[scope, default: .init()].projection = limit
    case "Add", "AddV2": values[scope, default: .init()].cell = limit
    default: return
    }
  }

  /// The limits of the cell in a scope.
  func limits(in scope: String) -> Limits { values[Name(scope)] ?? .init() }

  /// Takes what the user says of a scope.
  mutating func declare(_ limits: Limits, in scope: String) { values[Name(scope)] = limits }
}
