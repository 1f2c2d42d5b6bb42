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
    cell = LSTMCell(lstm)
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

/// The equations of ``LSTM``, in any precision.
struct LSTMCell<Scalar: ReferenceScalar>: Sendable {
  private let kernel: GateMap<LSTMGate, [Scalar]>
  private let recurrentKernel: GateMap<LSTMGate, [Scalar]>
  private let bias: GateMap<LSTMGate, [Scalar]>
  private let activation: Activation
  private let recurrentActivation: Activation
  let units: Int

  init(_ lstm: LSTM) {
    let weights = lstm.weights
    units = lstm.units
    activation = lstm.activation
    recurrentActivation = lstm.recurrentActivation
    kernel = GateMap { Values<Scalar>(weights.kernel[$0]).elements }
    recurrentKernel = GateMap { Values<Scalar>(weights.recurrentKernel[$0]).elements }
    bias = GateMap { gate in
      switch weights.bias {
      case .none: [Scalar](repeating: 0, count: lstm.units)
      case .single(let bias): Values<Scalar>(bias[gate]).elements
      case .split(let input, let recurrent):
        zip(Values<Scalar>(input[gate]).elements, Values<Scalar>(recurrent[gate]).elements)
          .map { $0 + $1 }
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
    var shown = c
    activation.apply(to: &shown)
    for unit in 0..<units { h[unit] = o[unit] * shown[unit] }
  }

  /// function(W·x + U·h + b) for one gate.
  private func gate(
    _ gate: LSTMGate, _ function: Activation, _ x: [Scalar], _ h: [Scalar]
  ) -> [Scalar] {
    var z = bias[gate]
    for unit in 0..<units {
      z[unit] += dot(kernel[gate], row: unit, x) + dot(recurrentKernel[gate], row: unit, h)
    }
    function.apply(to: &z)
    return z
  }
}

/// One row of a row-major matrix times a vector.
func dot<Scalar: ReferenceScalar>(_ matrix: [Scalar], row: Int, _ x: [Scalar]) -> Scalar {
  var sum: Scalar = 0
  let start = row * x.count
  for column in x.indices { sum += matrix[start + column] * x[column] }
  return sum
}
