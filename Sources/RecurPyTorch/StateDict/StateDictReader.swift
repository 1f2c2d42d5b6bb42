import RecurFormats
import RecurModel
import RecurTensors

/// Replaces the tensors of a model by those of a state dict, and collects errors.
///
/// For a missing or wrong tensor there is a finding, and the model keeps its own tensor.
struct StateDictReader: StateDictVisitor {
  private let tensors: TensorTable
  private var used: Set<Name> = []
  private var problems: [Diagnostic] = []
  /// The missing keys, with the positions of their findings.
  private var missing: [(key: String, finding: Int)] = []

  init(_ tensors: TensorTable) { self.tensors = tensors }

  mutating func tensor(_ key: String, _ tensor: Tensor) throws(CheckpointError) -> Tensor {
    guard let found = find(key, isNumber: tensor.elementType.isFloatingPoint) else {
      return tensor
    }
    let (expected, shape) = (tuple(tensor.shape), tuple(found.shape))
    guard found.shape == tensor.shape else {
      problems.append(
        Diagnostic(
          .tensorShapeMismatch, .error,
          "'\(key)' has shape \(shape); the architecture declares \(expected)",
          at: found.location, expected: expected, found: shape))
      return tensor
    }
    return found
  }

  mutating func gates<Gate>(
    _ key: String, _ gates: GateMap<Gate, Tensor>, _ place: GatePacking<Gate>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor> {
    guard let found = find(key, isNumber: true) else { return gates }
    if let finding = place.layout.finding(
      found, place.role, layer: place.prefix, sizes: place.sizes)
    {
      problems.append(finding)
      return gates
    }
    return try place.layout.unpack(found)
  }

  mutating func added(
    _ key: String, _ tensor: Tensor, because reason: String
  ) throws(CheckpointError) -> Tensor {
    try self.tensor(key, tensor)
  }

  /// The tensor may be missing, because torch before 0.4.1 did not store it.
  mutating func bookkeeping(_ key: String, _ tensor: Tensor) throws(CheckpointError) {
    if tensors[key] != nil { used.insert(Name(key)) }
  }

  /// The findings; each missing tensor comes with the one that is likely meant.
  var findings: [Diagnostic] {
    guard !missing.isEmpty else { return problems }
    let renaming = StateDictRenaming(missing: missing.map(\.key), unused: unusedNames)
    var completed = problems
    for (key, position) in missing { renaming.complete(&completed[position], key) }
    return completed + unusedNumbers(renaming).filter { $0.hint != nil }
  }

  private var unusedNames: [String] { tensors.names.filter { !used.contains(Name($0)) } }

  /// A warning for every tensor that no layer uses.
  func unused() -> [Diagnostic] {
    let unreadable = tensors.unreadable.map { tensor in
      Diagnostic(
        .tensorUnused, .warning,
        "no layer of the architecture uses '\(tensor.name)', which holds \(tensor.type)",
        at: tensor.location)
    }
    return unusedNumbers(nil) + unreadable
  }

  private func unusedNumbers(_ renaming: StateDictRenaming?) -> [Diagnostic] {
    tensors.entries.filter { !used.contains(Name($0.name)) }.map { entry in
      Diagnostic(
        .tensorUnused, .warning, "no layer of the architecture uses '\(entry.name)'",
        at: entry.tensor.location, hint: renaming?.hint(forUnused: entry.name))
    }
  }

  private mutating func find(_ key: String, isNumber: Bool) -> Tensor? {
    guard let tensor = tensors[key] else {
      if let other = tensors.unreadable(key) {
        problems.append(
          Diagnostic(
            .tensorDtypeUnsupported, .error,
            "'\(key)' holds \(other.type), which this program does not read as numbers",
            at: other.location))
        return nil
      }
      missing.append((key, problems.count))
      problems.append(
        Diagnostic(
          .tensorMissing, .error, "there is no tensor '\(key)'", at: .init(object: key)))
      return nil
    }
    used.insert(Name(key))
    let type = tensor.elementType
    guard type.isFloatingPoint || !isNumber && !type.isComplex else {
      problems.append(
        Diagnostic(
          .tensorDtypeUnsupported, .error,
          "'\(key)' holds \(type), not floating-point numbers", at: tensor.location))
      return nil
    }
    return tensor
  }
}
