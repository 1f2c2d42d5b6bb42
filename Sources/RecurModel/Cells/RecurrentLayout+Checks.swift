package import RecurTensors

/// The roles of a recurrent layer's tensors.
package enum RecurrentTensorRole: String, Sendable {
  case kernel
  case recurrentKernel = "recurrent kernel"
  case bias
}

/// The declared sizes of a recurrent layer; nil means not declared.
package struct RecurrentSizes: Sendable {
  package var units: Int?
  package var inputSize: Int?
  /// The width of h; the same as `units` unless declared.
  package var outputSize: Int?
  /// The source of the declaration, for messages: `the config`, `--units`.
  package var declaredBy: String

  package init(units: Int?, inputSize: Int?, outputSize: Int? = nil, declaredBy: String) {
    self.units = units
    self.inputSize = inputSize
    self.outputSize = outputSize ?? units
    self.declaredBy = declaredBy
  }
}

extension RecurrentLayout {
  /// The sizes that a tensor of this shape implies in this layout, or nil when the shape fits no
  /// sizes.
  package func implied(
    _ shape: [Int], _ role: RecurrentTensorRole, sizes: RecurrentSizes? = nil
  ) -> (units: Int, inputSize: Int)? {
    let gates = gateOrder.count
    let rank = role == .bias ? 1 : 2
    guard shape.count == rank else { return nil }
    let outputs = orientation == .outputsByInputs ? shape[0] : shape[rank - 1]
    let inputs = orientation == .outputsByInputs ? shape[rank - 1] : shape[0]
    // With a projection, the width of h differs from the unit count.
    let isProjected = sizes?.outputSize != sizes?.units
    guard outputs % gates == 0,
      role != .recurrentKernel || inputs == (isProjected ? sizes?.outputSize : outputs / gates)
    else {
      return nil
    }
    return (outputs / gates, inputs)
  }

  /// The problem with the shape of `tensor`, together with the sizes that the tensor implies; nil
  /// if the shape is right.
  package func finding(
    _ tensor: Tensor, _ role: RecurrentTensorRole, layer: String, sizes: RecurrentSizes
  ) -> Diagnostic? {
    let implied = implied(tensor.shape, role, sizes: sizes)
    if let implied, sizes.units == nil || sizes.units == implied.units,
      role != .kernel || sizes.inputSize == nil || sizes.inputSize == implied.inputSize
    {
      return nil
    }
    let gates = gateOrder.count
    let other = RecurrentLayout(gateOrder: gateOrder, orientation: orientation.opposite)
      .implied(tensor.shape, role)
    // When the gate count divides both row count and column count, the declared unit count decides.
    let isTransposed =
      tensor.rank == 2 && role != .bias && other != nil
      && (implied == nil
        || sizes.units != nil && other?.units == sizes.units && implied?.units != sizes.units)
    var parts: [String] = []
    if let implied, !isTransposed {
      var says = ["\(implied.units) units"]
      var declares: [String] = []
      if let units = sizes.units, units != implied.units { declares.append("\(units) units") }
      if role == .kernel {
        says.append("input size \(implied.inputSize)")
        if let inputSize = sizes.inputSize, inputSize != implied.inputSize {
          declares.append("input size \(inputSize)")
        }
      }
      parts.append("\(factors(tensor.shape, implied.units, role)): \(says.joined(separator: ", "))")
      parts.append("\(sizes.declaredBy) declares \(declares.joined(separator: " and "))")
    } else {
      parts.append("\(tuple(tensor.shape)) fits no \(Gate.cellName) \(role.rawValue)")
      if let other, isTransposed {
        parts.append(
          "transposed it would be that of \(other.units) units"
            + (role == .kernel ? " and input size \(other.inputSize)" : ""))
      }
    }
    return Diagnostic(
      .tensorShapeMismatch, .error,
      "\(role.rawValue) of '\(layer)': \(parts.joined(separator: "; "))", at: tensor.location,
      expected: expected(role, sizes, gates), found: tuple(tensor.shape),
      reason: isTransposed
        ? "the kernel is transposed" : implied == nil ? nil : declaredReason,
      hint: isTransposed ? nil : hint(implied, sizes),
      remedies: isTransposed
        ? [.transposeKernel(layer: layer, isRecurrent: role == .recurrentKernel)]
        : unitsRemedies(implied, sizes), facts: isTransposed ? [transposedFact(role)] : [])
  }

  private var declaredReason: String {
    "the weights and the declaration are of different models: the units were changed after training, "
      + "or the weights are those of another run"
  }

  private func transposedFact(_ role: RecurrentTensorRole) -> Diagnostic.Fact {
    let columns = role == .kernel ? "input size" : "units"
    let gates = gateOrder.count == 1 ? "units" : "\(gateOrder.count)·units"
    let (rows, other) = ("(\(gates), \(columns))", "(\(columns), \(gates))")
    return orientation == .outputsByInputs
      ? .transposedKernel(own: rows, transposed: other)
      : .transposedKernel(own: other, transposed: rows)
  }

  private func unitsRemedies(
    _ implied: (units: Int, inputSize: Int)?, _ sizes: RecurrentSizes
  ) -> [Diagnostic.Remedy] {
    guard let implied, let units = sizes.units, units != implied.units else { return [] }
    return [.declareUnits(cell: Gate.cellName, units: implied.units)]
  }

  private func hint(_ implied: (units: Int, inputSize: Int)?, _ sizes: RecurrentSizes) -> String {
    guard let implied, let units = sizes.units, units != implied.units else {
      return "the tensor and the declaration belong to different models; find the file that goes "
        + "with the other"
    }
    return "declare \(implied.units) units, or take the weights of the model with \(units) units"
  }

  private func expected(
    _ role: RecurrentTensorRole, _ sizes: RecurrentSizes, _ gates: Int
  ) -> String {
    let outputs = sizes.units.map { "\(gates * $0)" } ?? "\(gates)·units"
    let inputs: String
    switch role {
    case .bias: return "(\(outputs))"
    case .kernel: inputs = sizes.inputSize.map(String.init) ?? "input size"
    case .recurrentKernel: inputs = sizes.outputSize.map(String.init) ?? "units"
    }
    return orientation == .outputsByInputs ? "(\(outputs), \(inputs))" : "(\(inputs), \(outputs))"
  }

  /// `(512, 80) = 4·128 × 80`.
  private func factors(_ shape: [Int], _ units: Int, _ role: RecurrentTensorRole) -> String {
    let product = "\(gateOrder.count)·\(units)"
    guard role != .bias else { return "\(tuple(shape)) = \(product)" }
    return orientation == .outputsByInputs
      ? "\(tuple(shape)) = \(product) × \(shape[1])" : "\(tuple(shape)) = \(shape[0]) × \(product)"
  }
}

extension RecurrentLayout.Orientation {
  var opposite: Self { self == .outputsByInputs ? .inputsByOutputs : .outputsByInputs }
}
