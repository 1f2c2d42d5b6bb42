import RecurFormats
package import RecurModel
package import RecurTensors

/// Collects the matrices and biases of one cell, and what is wrong with them.
///
/// Matrices are views with rows of outputs, `[units, inputs]`.
package struct CellParts {
  /// The framework and its name of the cell: `Flax' LSTMCell`.
  private let title: String
  /// The path of the cell.
  private let key: String
  /// The width of h, once a matrix told it.
  private var units: Int?
  /// The width of x, once a matrix told it.
  private var inputSize: Int?
  package private(set) var findings: [Diagnostic] = []

  package init(_ title: String, key: String) {
    self.title = title
    self.key = key
  }

  /// The width of x and that of h; zero for a cell with errors.
  package var sizes: (inputSize: Int, units: Int) { (inputSize ?? 0, units ?? 0) }

  /// Says how wide h is, as far as a tensor tells.
  package mutating func tell(units: Int) { self.units = self.units ?? units }

  /// A matrix of one gate for the input.
  ///
  /// - Returns: the matrix; nil when it is missing or does not fit.
  package mutating func kernel(_ tensor: Tensor?, _ name: String) -> Tensor? {
    guard let tensor = number(tensor, name, rank: 2) else { return nil }
    inputSize = inputSize ?? tensor.shape[1]
    return checked(tensor, name, [units ?? tensor.shape[0], inputSize ?? tensor.shape[1]])
  }

  /// A matrix of one gate for the state.
  ///
  /// - Returns: the matrix; nil when it is missing or does not fit.
  package mutating func recurrentKernel(_ tensor: Tensor?, _ name: String) -> Tensor? {
    guard let tensor = number(tensor, name, rank: 2) else { return nil }
    let own = units ?? tensor.shape[0]
    units = own
    return checked(tensor, name, [own, own])
  }

  /// A bias of one gate.
  ///
  /// - Returns: the bias; nil when it is missing or does not fit.
  package mutating func bias(_ tensor: Tensor?, _ name: String) -> Tensor? {
    guard let tensor = number(tensor, name, rank: 1) else { return nil }
    return checked(tensor, name, [units ?? tensor.shape[0]])
  }

  /// Reports what is wrong with the cell as a whole.
  package mutating func report(
    _ code: Diagnostic.Code, _ message: String, at location: Diagnostic.Location? = nil,
    expected: String? = nil, found: String? = nil, hint: String? = nil
  ) {
    findings.append(
      Diagnostic(
        code, .error, "\(title) '\(key)' \(message)", at: location ?? .init(object: key),
        expected: expected, found: found, hint: hint))
  }

  private mutating func number(_ tensor: Tensor?, _ name: String, rank: Int) -> Tensor? {
    guard let tensor else {
      findings.append(
        Diagnostic(
          .tensorMissing, .error, "\(title) '\(key)' has no tensor '\(name)'",
          at: .init(object: key)))
      return nil
    }
    guard tensor.elementType.isFloatingPoint else {
      findings.append(
        Diagnostic(
          .tensorDtypeUnsupported, .error,
          "'\(name)' of '\(key)' holds \(tensor.elementType), not floating-point numbers",
          at: tensor.location))
      return nil
    }
    guard tensor.rank == rank, !tensor.shape.contains(0) else {
      mismatch(tensor, name, "\(rank) axes, none of them empty")
      return nil
    }
    return tensor
  }

  private mutating func checked(_ tensor: Tensor, _ name: String, _ shape: [Int]) -> Tensor? {
    guard tensor.shape == shape else {
      mismatch(tensor, name, shapeText(shape))
      return nil
    }
    return tensor
  }

  private mutating func mismatch(_ tensor: Tensor, _ name: String, _ expected: String) {
    findings.append(
      Diagnostic(
        .tensorShapeMismatch, .error,
        "'\(name)' of '\(key)' does not fit the other tensors of \(title)", at: tensor.location,
        expected: expected, found: shapeText(tensor.shape),
        reason: "axes are [outputs, inputs] here, however the file has them"))
  }
}

extension GateMap where Value == Tensor {
  /// A bias of one gate, and zeros for the other gates.
  package static func only(
    _ gate: Gate, _ bias: Tensor
  ) throws(CheckpointError) -> GateMap {
    let zeros = try Tensor.zeros(bias.elementType, shape: bias.shape)
    return GateMap { $0 == gate ? bias : zeros }
  }
}
