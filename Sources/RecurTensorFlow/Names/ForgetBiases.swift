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
    let frames = try GraphFrames(graph)
    for node in graph.nodes {
      switch node.operation {
      case "Add", "AddV2":
        for (index, input) in node.inputs.enumerated() where node.inputs.count == 2 {
          // The third of the four parts that a split makes of the sum.
          guard input.hasSuffix(":2"), let split = frames.nodes[Name(String(input.dropLast(2)))],
            split.operation == "Split", GraphMessage.integer(split, "num_split") == 4,
            let constant = frames.source(of: node.inputs[1 - index]),
            let number = try graph.constant(constant), number.count == 1,
            let sum = split.inputs.last, let bias = Self.bias(of: sum, frames)
          else { continue }
          values[Name(bias)] = number.doubles()[0]
        }
      case "LSTMBlockCell", "BlockLSTM", "BlockLSTMV2":
        guard let last = node.dataInputs.last, let bias = frames.variable(of: last)
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
  private static func bias(of sum: String, _ frames: GraphFrames) -> String? {
    guard let node = frames.nodes[Name(GraphOperator.node(sum))],
      ["BiasAdd", "Add", "AddV2"].contains(node.operation), node.inputs.count >= 2
    else { return nil }
    return frames.variable(of: node.inputs[1])
  }
}
