import RecurContainers
import RecurTensors

/// What is added to the forget gates of cells, which is no variable: constants in the graph, by the names of
/// the biases that are in the same sum (tensorflow/python/ops/rnn_cell_impl.py, `forget_bias`).
struct ForgetBiases {
  private var values: [Name: Double] = [:]
  /// What the user says, by scope.
  private var declared: [Name: Double] = [:]

  /// Nothing is known.
  init() {}

  /// Finds the constants in a graph.
  ///
  /// - Throws: what is wrong with the graph's constants.
  init(_ graph: GraphMessage) throws(CheckpointError) {
    let nodes = Dictionary(
      graph.nodes.map { (Name($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    for node in graph.nodes {
      switch node.operation {
      case "Add", "AddV2":
        for (index, input) in node.inputs.enumerated() where node.inputs.count == 2 {
          // The third of the four parts that a split makes of the sum.
          guard input.hasSuffix(":2"), let split = nodes[Name(String(input.dropLast(2)))],
            split.operation == "Split", GraphMessage.integer(split, "num_split") == 4,
            let constant = Self.source(node.inputs[1 - index], nodes),
            let number = try graph.constant(constant), number.count == 1,
            let sum = split.inputs.last, let bias = Self.bias(of: sum, nodes)
          else { continue }
          values[Name(bias)] = number.doubles()[0]
        }
      case "LSTMBlockCell", "BlockLSTM", "BlockLSTMV2":
        guard let last = node.inputs.last(where: { !$0.hasPrefix("^") }),
          let bias = Self.variable(last, nodes)
        else { continue }
        values[Name(bias)] =
          try GraphMessage.float(node, "forget_bias")
          ?? (node.operation == "BlockLSTMV2" ? 0 : 1)
      default: continue
      }
    }
  }

  /// What is added beside the bias of this name, in a cell of this scope; nil when nothing says it.
  func value(of bias: String, in scope: String) -> Double? {
    declared[Name(scope)] ?? values[Name(bias)]
  }

  /// Takes what the user says of a scope.
  mutating func declare(_ value: Double, in scope: String) { declared[Name(scope)] = value }

  /// The variable that a sum adds last.
  private static func bias(of sum: String, _ nodes: [Name: GraphOperator]) -> String? {
    guard let node = nodes[Name(plain(sum))], ["BiasAdd", "Add", "AddV2"].contains(node.operation),
      node.inputs.count >= 2
    else { return nil }
    return variable(node.inputs[1], nodes)
  }

  /// The name of the variable that a value is read from.
  private static func variable(_ name: String, _ nodes: [Name: GraphOperator]) -> String? {
    source(name, nodes).flatMap { node in
      ["VariableV2", "Variable", "VarHandleOp", "Const"].contains(node.operation)
        ? node.name : nil
    }
  }

  /// The node that a value comes from, past those that hand values on.
  private static func source(
    _ name: String, _ nodes: [Name: GraphOperator]
  ) -> GraphOperator? {
    var name = plain(name)
    for _ in 0..<32 {
      guard let node = nodes[Name(name)] else { return nil }
      guard ["Identity", "Enter", "ReadVariableOp"].contains(node.operation),
        let first = node.inputs.first
      else { return node }
      name = plain(first)
    }
    return nil
  }

  /// The name of the node in the name of a value.
  private static func plain(_ name: String) -> String {
    guard let colon = name.lastIndex(of: ":"), Int(name[name.index(after: colon)...]) != nil else {
      return name
    }
    return String(name[..<colon])
  }
}
