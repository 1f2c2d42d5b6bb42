public import RecurModel
import RecurTensors

/// An LSTM with its weights loaded, one timestep of one sequence at a time, in Double.
///
/// The equations are those of ``LSTM``; ``Model/run(_:state:)`` runs whole models.
public struct LSTMReference: Sendable {
  /// h and c of one sequence.
  public struct State: Sendable, Hashable {
    /// h, `[units]`.
    public var hidden: [Double]
    /// c, `[units]`.
    public var cell: [Double]

    /// Makes a state from h and c, `[units]` each.
    public init(hidden: [Double], cell: [Double]) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  /// The width of x.
  public let inputSize: Int
  /// The width of h and c.
  public let units: Int
  private let cell: LSTMCell<Double>

  /// Loads the weights of `lstm`.
  public init(_ lstm: LSTM) {
    inputSize = lstm.inputSize
    units = lstm.units
    cell = LSTMCell(lstm, precision: .float64)
  }

  /// Zeros: the state before the first timestep.
  public var zeroState: State {
    let zeros = [Double](repeating: 0, count: units)
    return State(hidden: zeros, cell: zeros)
  }

  /// Advances `state` by one timestep.
  ///
  /// - Parameters:
  ///   - x: the input at this timestep, `[inputSize]`.
  ///   - state: h and c, `[units]` each; replaced by the next ones.
  /// - Returns: the new h, `[units]`.
  /// - Precondition: `x`, h and c have the sizes above.
  public func step(_ x: [Double], _ state: inout State) -> [Double] {
    precondition(x.count == inputSize, "x needs \(inputSize) numbers")
    precondition(state.hidden.count == units && state.cell.count == units)
    cell.step(x, &state.hidden, &state.cell)
    return state.hidden
  }
}

/// The equations of ``LSTM``, in any precision; a layer that computes in 16 bits rounds to them
/// after each operation.
struct LSTMCell<Scalar: ReferenceScalar>: Sendable {
  private let kernel: GateMap<LSTMGate, [Scalar]>
  private let recurrentKernel: GateMap<LSTMGate, [Scalar]>
  private let bias: GateMap<LSTMGate, [Scalar]>
  private let activation: Activation
  private let recurrentActivation: Activation
  private let precision: ElementType
  let units: Int

  init(_ lstm: LSTM, precision: ElementType) {
    let weights = lstm.weights
    self.precision = precision
    func load(_ tensor: Tensor) -> [Scalar] {
      precision.rounding(Values<Scalar>(tensor).elements)
    }
    units = lstm.units
    activation = lstm.activation
    recurrentActivation = lstm.recurrentActivation
    kernel = GateMap { load(weights.kernel[$0]) }
    recurrentKernel = GateMap { load(weights.recurrentKernel[$0]) }
    bias = GateMap { gate in
      switch weights.bias {
      case .none: [Scalar](repeating: 0, count: lstm.units)
      case .single(let bias): load(bias[gate])
      case .split(let input, let recurrent): zip(load(input[gate]), load(recurrent[gate])).map(+)
      }
    }
  }

  /// Replaces h and c by those after input `x`.
  func step(_ x: [Scalar], _ h: inout [Scalar], _ c: inout [Scalar]) {
    let i = gate(.input, recurrentActivation, x, h)
    let f = gate(.forget, recurrentActivation, x, h)
    let g = gate(.cell, activation, x, h)
    let o = gate(.output, recurrentActivation, x, h)
    for unit in 0..<units { c[unit] = f[unit] * c[unit] + i[unit] * g[unit] }
    c = precision.rounding(c)
    var shown = c
    activation.apply(to: &shown)
    shown = precision.rounding(shown)
    for unit in 0..<units { h[unit] = o[unit] * shown[unit] }
    h = precision.rounding(h)
  }

  /// function(W·x + U·h + b) for one gate.
  private func gate(
    _ gate: LSTMGate, _ function: Activation, _ x: [Scalar], _ h: [Scalar]
  ) -> [Scalar] {
    var z = bias[gate]
    for unit in 0..<units {
      z[unit] += dot(kernel[gate], row: unit, x) + dot(recurrentKernel[gate], row: unit, h)
    }
    z = precision.rounding(z)
    function.apply(to: &z)
    return precision.rounding(z)
  }
}

/// One row of a row-major matrix times a vector.
func dot<Scalar: ReferenceScalar>(_ matrix: [Scalar], row: Int, _ x: [Scalar]) -> Scalar {
  var sum: Scalar = 0
  let start = row * x.count
  for column in x.indices { sum += matrix[start + column] * x[column] }
  return sum
}
