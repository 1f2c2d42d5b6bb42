import RecurModel
import RecurTensors

/// Gives the tensors of a state dict for those of a model, and collects what does not fit.
///
/// A tensor that is missing or wrong is a finding, and the model's own one stays in its place.
struct StateDictReader: StateDictVisitor {
  private let tensors: TensorTable
  private var used: Set<Name> = []
  private(set) var findings: [Diagnostic] = []

  init(_ tensors: TensorTable) { self.tensors = tensors }

  mutating func tensor(_ key: String, _ tensor: Tensor) throws(CheckpointError) -> Tensor {
    guard let found = find(key, isNumber: tensor.elementType.isFloatingPoint) else {
      return tensor
    }
    let (expected, shape) = (tuple(tensor.shape), tuple(found.shape))
    guard found.shape == tensor.shape else {
      findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error,
          "'\(key)' has shape \(shape); the architecture declares \(expected)",
          at: found.location, expected: expected, found: shape))
      return tensor
    }
    return found
  }

  mutating func gates<Gate>(
    _ key: String, _ gates: GateMap<Gate, Tensor>, _ place: GatePlace<Gate>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor> {
    guard let found = find(key, isNumber: true) else { return gates }
    if let finding = place.layout.finding(
      found, place.role, layer: place.prefix, sizes: place.sizes)
    {
      findings.append(finding)
      return gates
    }
    return try place.layout.unpack(found)
  }

  mutating func added(
    _ key: String, _ tensor: Tensor, because reason: String
  ) throws(CheckpointError) -> Tensor {
    try self.tensor(key, tensor)
  }

  /// Reads it if it is there: torch before 0.4.1 did not keep it.
  mutating func bookkeeping(_ key: String, _ tensor: Tensor) throws(CheckpointError) {
    if tensors[key] != nil { used.insert(Name(key)) }
  }

  /// A warning for every tensor that was not asked for.
  func unused() -> [Diagnostic] {
    let unreadable = tensors.unreadable.map { tensor in
      Diagnostic(
        .tensorUnused, .warning,
        "no layer of the architecture uses '\(tensor.name)', which holds \(tensor.type)",
        at: tensor.location)
    }
    return unusedNumbers() + unreadable
  }

  private func unusedNumbers() -> [Diagnostic] {
    tensors.entries.filter { !used.contains(Name($0.name)) }.map { entry in
      Diagnostic(
        .tensorUnused, .warning, "no layer of the architecture uses '\(entry.name)'",
        at: entry.tensor.location)
    }
  }

  private mutating func find(_ key: String, isNumber: Bool) -> Tensor? {
    guard let tensor = tensors[key] else {
      if let other = tensors.unreadable(key) {
        findings.append(
          Diagnostic(
            .tensorDtypeUnsupported, .error,
            "'\(key)' holds \(other.type), which this program does not read as numbers",
            at: other.location))
        return nil
      }
      findings.append(
        Diagnostic(
          .tensorMissing, .error, "there is no tensor '\(key)'",
          hint: suggestion(for: key, among: tensors.names).map { "the nearest name is '\($0)'" }))
      return nil
    }
    used.insert(Name(key))
    let type = tensor.elementType
    guard type.isFloatingPoint || !isNumber && !type.isComplex else {
      findings.append(
        Diagnostic(
          .tensorDtypeUnsupported, .error,
          "'\(key)' holds \(type), not floating-point numbers", at: tensor.location))
      return nil
    }
    return tensor
  }
}
