import RecurTensors

/// The gates of a minimal gated unit: f, h̃.
public enum MinimalGate: Int, RecurrentGate {
  /// f: the share of the old state that is kept, and the share that the candidate reads.
  case forget
  /// h̃: the candidate; Flax calls it n.
  case candidate

  /// `MGU`.
  public static var cellName: String { "MGU" }
}

/// A minimal gated unit (Zhou 2016): a gated recurrent unit with one gate for both update and
/// reset.
///
///     f = ρ(W_f·x + U_f·h + b_f)
///     before: h̃ = φ(W_h·x + U_h·(f ⊙ h) + b_h)
///     after:  h̃ = φ(W_h·x + b_h + f ⊙ (U_h·h + b'_h))
///     h ← f ⊙ h + (1 − f) ⊙ h̃
///
/// ρ is `recurrentActivation`, φ is `activation`, b' is the recurrent bias, as in ``GRU``. Flax'
/// MGUCell applies the gate after the product.
public struct MinimalGatedUnit: Sendable {
  /// The width of x.
  public var inputSize: Int
  /// The width of h.
  public var units: Int
  /// W, U and b, gate by gate.
  public var weights: RecurrentWeights<MinimalGate>
  /// φ, applied to the candidate.
  public var activation: Activation
  /// ρ, applied to the gate.
  public var recurrentActivation: Activation
  /// The place at which the gate enters the recurrent product of the candidate.
  public var resetPlacement: GRU.ResetPlacement

  /// Makes a cell.
  ///
  /// No option has a default, because each option changes the results.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<MinimalGate>, activation: Activation,
    recurrentActivation: Activation, resetPlacement: GRU.ResetPlacement
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.resetPlacement = resetPlacement
  }

  /// The gated recurrent unit with the same results: its update and reset gates both have the
  /// weights of the one gate.
  public var asGRU: GRU {
    func gates<Value>(_ own: GateMap<MinimalGate, Value>) -> GateMap<GRUGate, Value> {
      GateMap { gate in
        switch gate {
        case .update, .reset: own[.forget]
        case .candidate: own[.candidate]
        }
      }
    }
    let bias: RecurrentWeights<GRUGate>.Bias =
      switch weights.bias {
      case .none: .none
      case .single(let one): .single(gates(one))
      case .split(let input, let recurrent):
        .split(input: gates(input), recurrent: gates(recurrent))
      }
    return GRU(
      inputSize: inputSize, units: units,
      weights: RecurrentWeights(
        kernel: gates(weights.kernel), recurrentKernel: gates(weights.recurrentKernel),
        bias: bias),
      activation: activation, recurrentActivation: recurrentActivation,
      resetPlacement: resetPlacement)
  }
}

extension MinimalGatedUnit {
  /// The same unit with the weights of `gru`; nil when the two gates of `gru` differ.
  package func withWeights(of gru: GRU) -> MinimalGatedUnit? {
    func gates(_ own: GateMap<GRUGate, Tensor>) -> GateMap<MinimalGate, Tensor>? {
      guard own[.update].isBitEqual(to: own[.reset]) else { return nil }
      return GateMap { $0 == .forget ? own[.update] : own[.candidate] }
    }
    guard let kernel = gates(gru.weights.kernel),
      let recurrentKernel = gates(gru.weights.recurrentKernel)
    else { return nil }
    var copy = self
    copy.weights.kernel = kernel
    copy.weights.recurrentKernel = recurrentKernel
    switch gru.weights.bias {
    case .none: copy.weights.bias = .none
    case .single(let one):
      guard let bias = gates(one) else { return nil }
      copy.weights.bias = .single(bias)
    case .split(let input, let recurrent):
      guard let one = gates(input), let other = gates(recurrent) else { return nil }
      copy.weights.bias = .split(input: one, recurrent: other)
    }
    return copy
  }
}

extension MinimalGatedUnit: GatedCellKind {
  package var asCell: RecurrentCell { .minimalGated(self) }
  package var title: String { "MGU(\(units))" }
  package var outputSize: Int { units }
  package var states: [CellState] { [CellState(name: "h", size: units)] }
  package var hasPeepholes: Bool { false }
  package var gates: [CellGate] {
    [weights.gate(.forget, recurrentActivation, deadEnd: .open)]
  }
  package var productCount: Int { weights.productCount }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try weights.visitParameters(&visitor, inputSize: inputSize, units: units, outputSize: units)
  }

  package var outputRange: ClosedRange<Double>? { asGRU.outputRange }
}
