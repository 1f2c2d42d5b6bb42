package import RecurTensors

/// The functions of a cell.
package struct CellFunctions: Sendable {
  /// φ, on the candidate and the cell.
  package var activation: Activation
  /// ρ, on the gates; nil for a cell without gates.
  package var recurrent: Activation?
}

/// A gate that lets through a share between nothing and everything.
package struct CellGate: Sendable {
  /// An end of the range of a gate.
  package enum End: Sendable {
    /// Nothing passes.
    case closed
    /// Everything passes.
    case open
  }

  /// The name: `forget`.
  package var name: String
  /// The number in its `RecurrentGate`.
  package var index: Int
  /// W: `[units, inputSize]`.
  package var kernel: Tensor
  /// U: `[units, hidden]`.
  package var recurrentKernel: Tensor
  /// What is added before the function, `[units]` each; empty without biases.
  package var biases: [Tensor]
  /// The function of the gate.
  package var function: Activation
  /// The end at which a unit can't do anything; nil when there is none.
  package var deadEnd: End?
}

extension RecurrentWeights {
  /// One gate, with the function that squashes it.
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
