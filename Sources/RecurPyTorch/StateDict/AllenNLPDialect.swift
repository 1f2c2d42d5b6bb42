import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// The cells of AllenNLP's `AugmentedLstm`, whose products are linear modules of their own
/// (allennlp/modules/augmented_lstm.py, 2.10).
///
/// `input_linearity.weight` `[4·units, inputSize]`, `state_linearity.weight` `[4·units, units]`, a bias each,
/// rows i, f, g, o. With a highway there are six and five blocks of rows.
struct AllenNLPDialect: TensorDialect {
  let framework = "AllenNLP"

  private static let parts = ["input_linearity", "state_linearity"]

  func modules(of stateDict: StateDict) throws(CheckpointError) -> DialectModules? {
    let tree = NameTree(
      stateDict.tensors.entries.map { name, tensor in
        (name.split(separator: ".", omittingEmptySubsequences: false).map(String.init), tensor)
      })
    let cells = Set(
      tree.keys.filter { Set(tree[$0]?.parts ?? []) == Set(Self.parts) }.map(Name.init))
    guard !cells.isEmpty else { return nil }
    var result = DialectModules()
    var findings: [Diagnostic] = []
    for key in tree.keys {
      guard let group = tree[key] else { continue }
      if cells.contains(Name(key)) {
        var parts = CellParts("AllenNLP's AugmentedLstm", key: key)
        if let cell = try Self.cell(key, tree, &parts) {
          result.modules.append(DialectModule(key, .recurrent(.lstm(cell))))
        }
        findings += parts.findings
      } else if !Self.isPart(key, of: cells) {
        for (name, tensor) in group.tensors {
          try result.others.append(NameTree.joined(key, name), tensor)
        }
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    return result
  }

  private static func isPart(_ key: String, of cells: Set<Name>) -> Bool {
    parts.contains { part in
      key == part && cells.contains(Name(""))
        || key.hasSuffix("." + part) && cells.contains(Name(String(key.dropLast(part.count + 1))))
    }
  }

  private static func cell(
    _ key: String, _ tree: NameTree, _ parts: inout CellParts
  ) throws(CheckpointError) -> LSTM? {
    let (input, state) = (
      tree.part("input_linearity", of: key), tree.part("state_linearity", of: key)
    )
    guard let kernel = input?["weight"], let own = state?["weight"], kernel.rank == 2,
      own.rank == 2,
      own.shape[1] > 0
    else {
      parts.report(.tensorMissing, "needs the weights of both of its linear modules")
      return nil
    }
    let units = own.shape[1]
    if own.shape[0] == 5 * units || kernel.shape[0] == 6 * units {
      parts.report(
        .modelUnrepresentable, "has a highway around its output, which is not read",
        at: kernel.location, expected: "use_highway=False: \(4 * units) rows",
        found: "\(kernel.shape[0]) and \(own.shape[0]) rows")
      return nil
    }
    let layout = PyTorchLayouts.lstm
    guard own.shape[0] == 4 * units, kernel.shape[0] == 4 * units else {
      parts.report(
        .tensorShapeMismatch, "has other matrices than those of four gates", at: kernel.location,
        expected: "\(4 * units) rows", found: "\(kernel.shape[0]) and \(own.shape[0]) rows")
      return nil
    }
    let names = [input, state].map { $0?.names ?? [] }
    guard names.allSatisfy({ $0.isSubset(of: ["weight", "bias"]) }) else {
      parts.report(.tensorUnused, "has tensors besides weights and biases")
      return nil
    }
    var biases: [GateMap<LSTMGate, Tensor>] = []
    for bias in [input?["bias"], state?["bias"]].compactMap({ $0 }) {
      guard bias.shape == [4 * units] else {
        parts.report(
          .tensorShapeMismatch, "has a bias of another size", at: bias.location,
          expected: "[\(4 * units)]", found: shapeText(bias.shape))
        return nil
      }
      biases.append(try layout.unpack(bias))
    }
    let bias: RecurrentWeights<LSTMGate>.Bias =
      switch biases.count {
      case 2: .split(input: biases[0], recurrent: biases[1])
      case 1: .single(biases[0])
      default: .none
      }
    return LSTM(
      inputSize: kernel.shape[1], units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(own), bias: bias),
      activation: .tanh, recurrentActivation: .sigmoid)
  }
}
