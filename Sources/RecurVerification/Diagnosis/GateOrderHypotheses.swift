package import RecurModel
import RecurTensors

/// Which weights of a cell a change concerns.
struct WeightParts: OptionSet, Sendable {
  let rawValue: Int
  static let kernel = WeightParts(rawValue: 1)
  static let recurrentKernel = WeightParts(rawValue: 2)
  static let bias = WeightParts(rawValue: 4)
  static let all: WeightParts = [.kernel, .recurrentKernel, .bias]

  /// In words: `the kernels`; empty for all of them.
  var title: String {
    switch self {
    case .all: ""
    case [.kernel, .recurrentKernel]: "both kernels"
    case .bias: "the bias"
    case .kernel: "the kernel"
    default: "the recurrent kernel"
    }
  }
}

/// A gate that has a letter, and orders that frameworks are known for.
protocol LetteredGate: RecurrentGate {
  /// The letter its framework's documentation uses.
  func letter(_ framework: Model.Framework) -> String
  /// Orders by the letters of Keras, and who has them.
  static var knownOrders: [String: String] { get }
}

extension LSTMGate: LetteredGate {
  func letter(_ framework: Model.Framework) -> String {
    switch self {
    case .input: "i"
    case .forget: "f"
    case .cell: framework == .keras ? "c" : "g"
    case .output: "o"
    }
  }

  // onnx/defs/rnn/defs.cc; tensorflow 1 rnn_cell_impl.py; Torch7 FastLSTM.lua; Core ML tools
  // recurrent.py; caffe lstm_layer; OpenVINO LSTMCell; Deeplearning4j LSTMParamInitializer.
  static var knownOrders: [String: String] {
    [
      "iofc": "ONNX", "icfo": "TensorFlow 1's LSTM cells and Torch7", "ifoc": "Core ML and Caffe",
      "fico": "OpenVINO", "cfoi": "Deeplearning4j", "cifo": "RETURNN",
      "ifco": "Keras, PyTorch and CuDNN",
    ]
  }
}

extension GRUGate: LetteredGate {
  func letter(_ framework: Model.Framework) -> String {
    switch self {
    case .update: "z"
    case .reset: "r"
    case .candidate: framework == .keras ? "h" : "n"
    }
  }

  // keras/src/layers/rnn/gru.py; torch.nn.GRU; onnx/defs/rnn/defs.cc; Core ML tools recurrent.py.
  static var knownOrders: [String: String] {
    ["zrh": "Keras and ONNX", "rzh": "PyTorch and CuDNN", "rhz": "Core ML"]
  }
}

extension Hypothesis {
  /// Every other order of the gate blocks of a scope, in the weights that `parts` names.
  ///
  /// `change` puts the cell's own weights through a permutation; it returns nil for other cells.
  static func gateOrders<Gate: LetteredGate>(
    _ scope: HypothesisScope, _ layout: RecurrentLayout<Gate>, _ framework: Model.Framework,
    _ parts: WeightParts,
    change:
      @escaping @Sendable (
        RecurrentCell, (RecurrentWeights<Gate>) -> RecurrentWeights<Gate>
      ) -> RecurrentCell?
  ) -> [Hypothesis] {
    let reader = layout.gateOrder
    func text(_ order: [Gate], _ framework: Model.Framework, _ separator: String = ", ") -> String {
      order.map { $0.letter(framework) }.joined(separator: separator)
    }
    return permutations(of: reader).filter { $0 != reader }.map { file in
      let part = parts.title.isEmpty ? "" : "\(parts.title) of "
      let known = Gate.knownOrders[text(file, .keras, "")]
      var hypothesis = Hypothesis(
        .gateOrder, scope,
        "the gate blocks of \(part)\(scope.title) are in the order \(text(file, framework))",
        expected: "blocks \(text(reader, framework))", found: "blocks \(text(file, framework))",
        reason: known.map { "\(text(file, framework)) is the order of \($0)" },
        cells: { cell in
          change(cell) { $0.permuted(parts, from: reader, to: file) }
        })
      if parts == .all, scope.half == nil {
        let positions = reader.map { file.firstIndex(of: $0) ?? 0 }
        hypothesis.fixes = zip(scope.names, scope.keyTests).map {
          reordering($0, $1, positions, framework)
        }
      }
      return hypothesis
    }
  }

  /// The line of code that puts the blocks of a layer in the framework's order.
  private static func reordering(
    _ layer: String, _ keyTest: String?, _ positions: [Int], _ framework: Model.Framework
  ) -> Diagnostic.Fix {
    let order = "(" + positions.map(String.init).joined(separator: ", ") + ")"
    let count = positions.count
    switch framework {
    case .keras:
      return .init(
        .keras,
        "layer = model.get_layer(\"\(layer)\"); layer.set_weights([np.concatenate("
          + "[np.split(w, \(count), -1)[k] for k in \(order)], -1) for w in layer.get_weights()])")
    case .pytorch:
      let test = keyTest ?? "k.startswith(\"\(layer).\")"
      return .init(
        .pytorch,
        "sd = {k: torch.cat([w.chunk(\(count))[j] for j in \(order)]) if \(test) else w "
          + "for k, w in sd.items()}")
    }
  }

  /// All orders of `items`, that of `items` first.
  private static func permutations<Item>(of items: [Item]) -> [[Item]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index -> [[Item]] in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }
}

extension RecurrentWeights {
  /// The weights that were meant, when the file's blocks follow the order `file` and were read as
  /// `reader`.
  func permuted(_ parts: WeightParts, from reader: [Gate], to file: [Gate]) -> RecurrentWeights {
    func map(_ gates: GateMap<Gate, Tensor>) -> GateMap<Gate, Tensor> {
      GateMap { gate in gates[file.firstIndex(of: gate).map { reader[$0] } ?? gate] }
    }
    var copy = self
    if parts.contains(.kernel) { copy.kernel = map(kernel) }
    if parts.contains(.recurrentKernel) { copy.recurrentKernel = map(recurrentKernel) }
    if parts.contains(.bias) {
      switch bias {
      case .none: break
      case .single(let one): copy.bias = .single(map(one))
      case .split(let input, let recurrent):
        copy.bias = .split(input: map(input), recurrent: map(recurrent))
      }
    }
    return copy
  }
}
