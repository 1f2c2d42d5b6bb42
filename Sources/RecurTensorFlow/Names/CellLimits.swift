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
    func number(_ value: String) throws(CheckpointError) -> Double? {
      guard let own = frames.source(of: value), let tensor = try graph.constant(own),
        tensor.count == 1
      else { return nil }
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
        add(-least, of: limited, frames)
      case "ClipByValue":
        guard own.dataInputs.count == 3, let least = try number(own.dataInputs[1]), least < 0,
          try number(own.dataInputs[2]) == -least, let limited = node(own.dataInputs[0])
        else { continue }
        add(-least, of: limited, frames)
      case "LSTMBlockCell", "BlockLSTM", "BlockLSTMV2":
        let usual: Double = own.operation == "BlockLSTMV2" ? 0 : 3
        let limit = try GraphMessage.float(own, "cell_clip") ?? usual
        guard limit > 0,
          let weights = own.dataInputs.dropFirst(own.operation == "LSTMBlockCell" ? 3 : 4).first,
          let kernel = frames.variable(of: weights)
        else { continue }
        values[Self.scope(of: kernel), default: .init()].cell = limit
      default: continue
      }
    }
  }

  /// The scope of a variable.
  private static func scope(of variable: String) -> Name {
    Name(variable.split(separator: "/").dropLast().joined(separator: "/"))
  }

  /// Sums are cells, and products of matrices are projections.
  private mutating func add(_ limit: Double, of limited: GraphOperator, _ frames: GraphFrames) {
    guard let kernel = Self.kernel(behind: limited, frames) else { return }
    switch limited.operation {
    case "MatMul":
      let scope = Self.scope(of: kernel)
      guard scope.text.hasSuffix("/projection") else { return }
      values[Self.scope(of: scope.text), default: .init()].projection = limit
    case "Add", "AddV2": values[Self.scope(of: kernel), default: .init()].cell = limit
    default: return
    }
  }

  /// The kernel of the nearest product that a value is computed from, in the same timestep.
  private static func kernel(behind limited: GraphOperator, _ frames: GraphFrames) -> String? {
    var (open, seen): ([GraphOperator], Set<Name>) = ([limited], [Name(limited.name)])
    var position = 0
    while position < open.count, open.count <= 64 {
      let node = open[position]
      position += 1
      if node.operation == "MatMul", node.dataInputs.count == 2,
        let kernel = frames.variable(of: node.dataInputs[1])
      {
        return kernel
      }
      for input in node.dataInputs {
        guard let next = frames.nodes[Name(GraphOperator.node(input))],
          !["Switch", "Merge", "TensorArrayReadV3"].contains(next.operation),
          seen.insert(Name(next.name)).inserted
        else { continue }
        open.append(next)
      }
    }
    return nil
  }

  /// The limits of the cell in a scope.
  func limits(in scope: String) -> Limits { values[Name(scope)] ?? .init() }

  /// Takes what the user says of a scope.
  mutating func declare(_ limits: Limits, in scope: String) {
    if let cell = limits.cell { values[Name(scope), default: .init()].cell = cell }
    if let projection = limits.projection {
      values[Name(scope), default: .init()].projection = projection
    }
  }
}
