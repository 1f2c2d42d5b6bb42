import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// Makes cells of the tensors of Flax' cells, gate by gate, as views.
struct FlaxCellReader {
  private let key: String
  private let tree: NameTree
  private var parts: CellParts

  init(_ title: String, _ group: NameTree.Group, _ tree: NameTree) {
    key = group.key
    self.tree = tree
    parts = CellParts(title, key: group.key)
  }

  var findings: [Diagnostic] { parts.findings }

  mutating func refuse(_ message: String) { parts.report(.modelUnrepresentable, message) }

  private func tensor(_ part: String, _ name: String) -> Tensor? {
    tree.part(part, of: key)?[name]
  }

  /// The parts among `names` that have a bias, if these are all of `expected` and no other one.
  ///
  /// - Returns: true with all biases, false without any; nil, with a finding, for anything else.
  private mutating func hasBiases(_ names: [String], expected: [String], hint: String? = nil)
    -> Bool?
  {
    let there = names.filter { tensor($0, "bias") != nil }
    if there.isEmpty { return false }
    guard Set(there) == Set(expected) else {
      parts.report(
        .tensorMissing, "has other biases than the class has",
        expected: expected.map { "'\($0)/bias'" }.joined(separator: ", "),
        found: there.map { "'\($0)/bias'" }.joined(separator: ", "), hint: hint)
      return nil
    }
    return true
  }

  private mutating func kernels<Gate>(
    _ input: (Gate) -> String, _ state: (Gate) -> String
  ) -> (kernel: GateMap<Gate, Tensor>, recurrentKernel: GateMap<Gate, Tensor>)? {
    var (own, recurrent) = ([Gate: Tensor](), [Gate: Tensor]())
    for gate in Gate.allCases {
      let name = "\(state(gate))/kernel"
      recurrent[gate] = parts.recurrentKernel(tensor(state(gate), "kernel")?.transposed(), name)
    }
    for gate in Gate.allCases {
      let name = "\(input(gate))/kernel"
      own[gate] = parts.kernel(tensor(input(gate), "kernel")?.transposed(), name)
    }
    guard let kernel = GateMap(own), let recurrentKernel = GateMap(recurrent) else { return nil }
    return (kernel, recurrentKernel)
  }

  /// The biases of all gates; nil, with a finding, when one does not fit.
  private mutating func biases<Gate>(_ name: (Gate) -> String) -> GateMap<Gate, Tensor>? {
    var own: [Gate: Tensor] = [:]
    for gate in Gate.allCases {
      own[gate] = parts.bias(tensor(name(gate), "bias"), "\(name(gate))/bias")
    }
    return GateMap(own)
  }

  /// The biases of gates that have one for the input, and of a candidate that has one for the state too.
  private mutating func candidateBias(
    _ input: (GRUGate) -> String
  ) throws(CheckpointError) -> RecurrentWeights<GRUGate>.Bias? {
    guard let own = biases(input), let inner = parts.bias(tensor("hn", "bias"), "hn/bias") else {
      return nil
    }
    return .split(input: own, recurrent: try .only(.candidate, inner))
  }

  // MARK: cells of linen

  mutating func lstm(_ forget: String) throws(CheckpointError) -> RecurrentCell? {
    func letter(_ gate: LSTMGate) -> String {
      switch gate {
      case .input: "i"
      case .forget: "f"
      case .cell: "g"
      case .output: "o"
      }
    }
    func input(_ gate: LSTMGate) -> String { gate == .forget ? forget : "i" + letter(gate) }
    func state(_ gate: LSTMGate) -> String { "h" + letter(gate) }
    guard let kernels = kernels(input, state),
      let hasBias = hasBiases(
        LSTMGate.allCases.flatMap { [input($0), state($0)] }, expected: LSTMGate.allCases.map(state)
      )
    else { return nil }
    var bias = RecurrentWeights<LSTMGate>.Bias.none
    if hasBias {
      guard let own = biases(state) else { return nil }
      bias = .single(own)
    }
    return lstm(kernels.kernel, kernels.recurrentKernel, bias)
  }

  private func lstm(
    _ kernel: GateMap<LSTMGate, Tensor>, _ recurrentKernel: GateMap<LSTMGate, Tensor>,
    _ bias: RecurrentWeights<LSTMGate>.Bias
  ) -> RecurrentCell {
    let (inputSize, units) = parts.sizes
    return .lstm(
      LSTM(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias),
        activation: .tanh, recurrentActivation: .sigmoid))
  }

  mutating func gru() throws(CheckpointError) -> RecurrentCell? {
    func letter(_ gate: GRUGate) -> String {
      switch gate {
      case .reset: "r"
      case .update: "z"
      case .candidate: "n"
      }
    }
    func input(_ gate: GRUGate) -> String { "i" + letter(gate) }
    func state(_ gate: GRUGate) -> String { "h" + letter(gate) }
    guard let kernels = kernels(input, state),
      let hasBias = hasBiases(
        GRUGate.allCases.flatMap { [input($0), state($0)] },
        expected: GRUGate.allCases.map(input) + [state(.candidate)])
    else { return nil }
    guard let bias = hasBias ? try candidateBias(input) : RecurrentWeights.Bias.none else {
      return nil
    }
    return gru(kernels.kernel, kernels.recurrentKernel, bias)
  }

  private func gru(
    _ kernel: GateMap<GRUGate, Tensor>, _ recurrentKernel: GateMap<GRUGate, Tensor>,
    _ bias: RecurrentWeights<GRUGate>.Bias
  ) -> RecurrentCell {
    let (inputSize, units) = parts.sizes
    return .gru(
      GRU(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias),
        activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .afterProduct))
  }

  /// A gated recurrent unit whose gates r and z are one gate, f.
  mutating func minimal() throws(CheckpointError) -> RecurrentCell? {
    func input(_ gate: GRUGate) -> String { gate == .candidate ? "in" : "if" }
    func state(_ gate: GRUGate) -> String { gate == .candidate ? "hn" : "hf" }
    guard let kernels = kernels(input, state),
      let hasBias = hasBiases(
        ["if", "in", "hf", "hn"], expected: ["if", "in", "hn"],
        hint: "without 'hn/bias' it was made with reset_gate=False, which is not read")
    else { return nil }
    guard let bias = hasBias ? try candidateBias(input) : RecurrentWeights.Bias.none else {
      return nil
    }
    return gru(kernels.kernel, kernels.recurrentKernel, bias)
  }

  mutating func simple() throws(CheckpointError) -> RecurrentCell? {
    guard let kernels = kernels({ (_: SimpleRNNGate) in "i" }, { _ in "h" }) else { return nil }
    return simple(kernels.kernel, kernels.recurrentKernel, input: "i", state: "h")
  }

  private mutating func simple(
    _ kernel: GateMap<SimpleRNNGate, Tensor>, _ recurrentKernel: GateMap<SimpleRNNGate, Tensor>,
    input: String, state: String
  ) -> RecurrentCell? {
    guard let hasBias = hasBiases([input, state], expected: [input]) else { return nil }
    var bias = RecurrentWeights<SimpleRNNGate>.Bias.none
    if hasBias {
      guard let own: GateMap<SimpleRNNGate, Tensor> = biases({ _ in input }) else { return nil }
      bias = .single(own)
    }
    let (inputSize, units) = parts.sizes
    return .simpleRNN(
      SimpleRNN(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias),
        activation: .tanh))
  }

  // MARK: cells of nnx

  mutating func joinedLSTM() throws(CheckpointError) -> RecurrentCell? {
    guard let (kernel, recurrentKernel) = try joined(JAXLayouts.flaxLSTM),
      let hasBias = hasBiases(["dense_i", "dense_h"], expected: ["dense_h"])
    else { return nil }
    guard
      let bias = hasBias
        ? try joinedBias("dense_h", JAXLayouts.flaxLSTM) : RecurrentWeights.Bias.none
    else { return nil }
    return lstm(kernel, recurrentKernel, bias)
  }

  mutating func joinedGRU() throws(CheckpointError) -> RecurrentCell? {
    guard let (kernel, recurrentKernel) = try joined(JAXLayouts.flaxGRU),
      let hasBias = hasBiases(["dense_i", "dense_h"], expected: ["dense_i"])
    else { return nil }
    // Nothing is added inside the reset gate.
    guard
      let bias = hasBias
        ? try joinedBias("dense_i", JAXLayouts.flaxGRU) : RecurrentWeights.Bias.none
    else { return nil }
    return gru(kernel, recurrentKernel, bias)
  }

  mutating func joinedSimple() throws(CheckpointError) -> RecurrentCell? {
    let layout = RecurrentLayout<SimpleRNNGate>(
      gateOrder: [.hidden], orientation: .inputsByOutputs)
    guard let (kernel, recurrentKernel) = try joined(layout) else { return nil }
    return simple(kernel, recurrentKernel, input: "dense_i", state: "dense_h")
  }

  private mutating func joined<Gate>(
    _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> (GateMap<Gate, Tensor>, GateMap<Gate, Tensor>)? {
    guard let input = matrix("dense_i"), let state = matrix("dense_h") else { return nil }
    let (own, recurrent) = (try layout.unpack(input), try layout.unpack(state))
    let checked = GateMap<Gate, Tensor?> { parts.recurrentKernel(recurrent[$0], "dense_h/kernel") }
    let kernels = GateMap<Gate, Tensor?> { parts.kernel(own[$0], "dense_i/kernel") }
    guard Gate.allCases.allSatisfy({ checked[$0] != nil && kernels[$0] != nil }) else { return nil }
    return (own, recurrent)
  }

  private mutating func matrix(_ part: String) -> Tensor? {
    guard let tensor = tensor(part, "kernel"), tensor.rank == 2 else {
      parts.report(.tensorShapeMismatch, "has no matrix '\(part)/kernel'")
      return nil
    }
    return tensor
  }

  private mutating func joinedBias<Gate>(
    _ part: String, _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> RecurrentWeights<Gate>.Bias? {
    guard let tensor = tensor(part, "bias"), tensor.rank == 1 else {
      parts.report(.tensorShapeMismatch, "has no vector '\(part)/bias'")
      return nil
    }
    let own = try layout.unpack(tensor)
    let checked = GateMap<Gate, Tensor?> { parts.bias(own[$0], "\(part)/bias") }
    return Gate.allCases.allSatisfy { checked[$0] != nil } ? .single(own) : nil
  }
}

extension GateMap where Value == Tensor {
  /// One tensor for each gate; nil when one is missing.
  fileprivate init?(_ tensors: [Gate: Tensor]) {
    guard tensors.count == Gate.allCases.count, let any = tensors.values.first else { return nil }
    self.init { tensors[$0] ?? any }
  }
}
