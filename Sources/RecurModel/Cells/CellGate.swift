package import RecurTensors

/// The activation functions of a cell.
package struct CellFunctions: Sendable {
  /// φ, applied to the candidate and the cell.
  package var activation: Activation
  /// ρ, applied to the gates; nil for a cell without gates.
  package var recurrent: Activation?
}

/// A gate whose values lie between 0 (nothing passes) and 1 (everything passes).
package struct CellGate: Sendable {
  /// One end of a gate's range.
  package enum End: Sendable {
    /// Nothing passes.
    case closed
    /// Everything passes.
    case open
  }

  /// The name: `forget`.
  package var name: String
  /// The gate's raw value in its `RecurrentGate`.
  package var index: Int
  /// W: `[units, inputSize]`.
  package var kernel: Tensor
  /// U: `[units, hidden]`.
  package var recurrentKernel: Tensor
  /// The biases added before the function, `[units]` each; empty without biases.
  package var biases: [Tensor]
  /// The function of the gate.
  package var function: Activation
  /// The end of the range at which the unit has no effect; nil when neither end has that effect.
  package var deadEnd: End?
}

extension RecurrentWeights {
  /// One gate of these weights, with its activation function.
  func gate(_ gate: Gate, _ function: Activation, deadEnd: CellGate.End? = nil) -> CellGate {
    let biases: [Tensor] =
      switch bias {
      case .none: []
      case .single(let one): [one[gate]]
      case .split(let input, let recurrent): [input[gate], recurrent[gate]]
      }
    return CellGate(
      name: "\(gate)", index: gate.rawValue, kernel: kernel[gate],
      recurrentKernel: recurrentKernel[gate], biases: biases, function: function,
      deadEnd: deadEnd)
  }
}
