public import RecurTensors

/// How one framework packs the gates of a recurrent layer into its tensors.
///
/// All differences between frameworks in the weights of the same cell are values of this type, so
/// `unpack` and `pack` are written once.
public struct RecurrentLayout<Gate: RecurrentGate>: Sendable {
  /// The orientation of a weight matrix.
  public enum Orientation: Sendable {
    /// Rows are gate outputs, columns are inputs: `[gates·units, inputSize]`.
    case outputsByInputs
    /// Rows are inputs, columns are gate outputs: `[inputSize, gates·units]`.
    case inputsByOutputs
  }

  /// The gates in the order in which they are stacked.
  public let gateOrder: [Gate]
  /// The orientation of the matrices.
  public let orientation: Orientation

  /// Makes a layout.
  ///
  /// - Precondition: `gateOrder` holds every gate once.
  public init(gateOrder: [Gate], orientation: Orientation) {
    precondition(Set(gateOrder) == Set(Gate.allCases) && gateOrder.count == Gate.allCases.count)
    self.gateOrder = gateOrder
    self.orientation = orientation
  }

  /// Views of `matrix` (or a bias vector), one per gate, each `[units, columns]`.
  ///
  /// No bytes are copied.
  ///
  /// - Throws: `tensor.shape-mismatch` when the gates can't all have the same size.
  public func unpack(_ matrix: Tensor) throws(CheckpointError) -> GateMap<Gate, Tensor> {
    let outputsByInputs = orientation == .outputsByInputs ? matrix : matrix.transposed()
    guard (1...2).contains(matrix.rank), outputsByInputs.shape[0] % gateOrder.count == 0 else {
      throw CheckpointError(
        .tensorShapeMismatch,
        "shape \(shapeText(matrix.shape)) can't hold \(gateOrder.count) gates of equal size",
        at: matrix.location)
    }
    let units = outputsByInputs.shape[0] / gateOrder.count
    var parts: [Gate: Tensor] = [:]
    for (position, gate) in gateOrder.enumerated() {
      parts[gate] = outputsByInputs.slice(axis: 0, position * units..<(position + 1) * units)
    }
    return GateMap { gate in
      guard let part = parts[gate] else { preconditionFailure("gateOrder holds every gate") }
      return part
    }
  }

  /// Joins the gates into one tensor, bit for bit: the inverse of `unpack`.
  ///
  /// - Throws: `tensor.shape-mismatch` when the gates differ in shape or type.
  public func pack(_ gates: GateMap<Gate, Tensor>) throws(CheckpointError) -> Tensor {
    let parts = gateOrder.map { gates[$0] }
    guard orientation == .inputsByOutputs, parts[0].rank == 2 else {
      return try Tensor.concatenated(parts, axis: 0)
    }
    return try Tensor.concatenated(parts.map { $0.transposed() }, axis: 1)
  }
}
