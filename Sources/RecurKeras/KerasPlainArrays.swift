import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// Arrays that were saved by themselves: in the order of `model.get_weights()`, or under the names that
/// Keras gives variables.
struct KerasPlainArrays {
  private let arrays: TensorTable
  private let architecture: KerasArchitecture

  init(_ arrays: TensorTable, _ architecture: KerasArchitecture) {
    self.arrays = arrays
    self.architecture = architecture
  }

  /// The arrays of every layer, and those that are left; nil when the names are neither numbers nor those
  /// of Keras.
  ///
  /// - Throws: `tensor.missing`, `tensor.unused`, `keras.layer.unsupported`.
  func assigned() throws(CheckpointError) -> (
    arrays: [Name: [KerasArray]], unused: [String]
  )? {
    if let numbered = Self.numbered(arrays) { return (try dealt(numbered), []) }
    guard arrays.names.contains(where: Self.isKeras) else { return nil }
    return try named()
  }

  /// The arrays `arr_0`, `arr_1`, … as `np.savez(path, *arrays)` names them; nil for other names.
  private static func numbered(_ table: TensorTable) -> [KerasArray]? {
    let names = table.names + table.unreadable.map(\.name)
    guard !names.isEmpty else { return nil }
    var numbered: [Int: KerasArray] = [:]
    for name in names {
      guard name.hasPrefix("arr_"), let number = Int(name.dropFirst(4)) else { return nil }
      numbered[number] = table[name].map { KerasArray(name: name, tensor: $0) }
    }
    return names.indices.compactMap { numbered[$0] }
  }

  /// Whether a name ends as variables of Keras do, and those of others don't.
  private static func isKeras(_ name: String) -> Bool {
    [
      "kernel", "recurrent_kernel", "embeddings", "gamma", "beta", "moving_mean", "moving_variance",
      "alpha", "depthwise_kernel", "pointwise_kernel",
    ].contains(role(name))
  }

  /// The last part of a variable's name without the number of its output: `kernel` of `lstm/kernel:0`.
  private static func role(_ name: String) -> String {
    let last = name.split(separator: "/").last ?? ""
    return String(last.split(separator: ":").first ?? "")
  }

  // MARK: by order

  /// Layer by layer, the arrays of each in Keras' order (keras/src/layers/layer.py, `weights`).
  private func dealt(_ given: [KerasArray]) throws(CheckpointError) -> [Name: [KerasArray]] {
    let leaves = architecture.leaves
    var counts: [Int?] = leaves.map { KerasArrayPlan($0.config)?.arrays.count }
    if counts.contains(nil) {
      // One layer of an unknown class has what the others leave.
      let known = counts.reduce(0) { $0 + ($1 ?? 0) }
      guard counts.count(where: { $0 == nil }) == 1, known <= given.count,
        let open = counts.firstIndex(of: nil)
      else { throw unknown(leaves) }
      counts[open] = given.count - known
    }
    let perGate = leaves.map { KerasArrayPlan($0.config)?.perGateCount ?? 0 }
    if counts.reduce(0, { $0 + ($1 ?? 0) }) != given.count, perGate.reduce(0, +) == given.count {
      counts = perGate
    }
    let needed = counts.reduce(0) { $0 + ($1 ?? 0) }
    guard needed == given.count else {
      throw CheckpointError(
        given.count < needed ? .tensorMissing : .tensorUnused,
        "the file has \(given.count) numbered arrays and the layers need \(needed)",
        at: given.first?.tensor.location ?? .init(),
        expected: zip(leaves, counts).filter { $1 != 0 }.map { "\($0.path): \($1 ?? 0)" }
          .joined(separator: ", "),
        found: given.map { tuple($0.tensor.shape) }.joined(separator: ", "),
        hint: "save them all: np.savez(path, *model.get_weights())")
    }
    var dealt: [Name: [KerasArray]] = [:]
    var position = 0
    for (leaf, count) in zip(leaves, counts) {
      let end = position + (count ?? 0)
      if end > position { dealt[Name(leaf.path)] = Array(given[position..<end]) }
      position = end
    }
    return dealt
  }

  private func unknown(
    _ leaves: [(path: String, config: KerasArchitecture.LayerConfig)]
  ) -> CheckpointError {
    let unknown = leaves.filter { KerasArrayPlan($0.config) == nil }
    return CheckpointError(
      .kerasLayerUnsupported,
      "which arrays belong to which layer can't be told: "
        + unknown.map { "'\($0.path)' is of class '\($0.config.className)'" }.joined(
          separator: ", ")
        + ", of which nobody knows how many arrays it has",
      at: unknown.first?.config.location ?? .init())
  }

  // MARK: by name

  private func named() throws(CheckpointError) -> (
    arrays: [Name: [KerasArray]], unused: [String]
  ) {
    var found: [Name: [KerasArray]] = [:]
    var used: Set<Name> = []
    var findings: [Diagnostic] = []
    let leaves = architecture.leaves
    for (path, config) in leaves {
      var below = arrays.names.filter { Self.stands($0, below: path) }
      // Keras 2 leaves out the names of models around a layer.
      if below.isEmpty, leaves.count(where: { Name($0.config.name) == Name(config.name) }) == 1 {
        below = arrays.names.filter { Self.stands($0, below: config.name) }
      }
      guard let plan = KerasArrayPlan(config) else {
        found[Name(path)] = below.compactMap { name in
          arrays[name].map { KerasArray(name: name, tensor: $0) }
        }
        used.formUnion(below.map { Name($0) })
        continue
      }
      let cells = config.cellNames
      var open = below.sorted { Self.order($0, cells) < Self.order($1, cells) }
      for array in plan.arrays {
        guard let index = open.firstIndex(where: { Self.role($0) == array.name }),
          let tensor = arrays[open[index]]
        else {
          findings.append(
            Diagnostic(
              .tensorMissing, .error, "there is no array '\(array.name)' of layer '\(path)'",
              at: config.location, expected: "\(path)/…/\(array.name)",
              found: below.isEmpty ? "nothing of '\(path)'" : below.joined(separator: ", ")))
          continue
        }
        found[Name(path), default: []].append(KerasArray(name: open[index], tensor: tensor))
        used.insert(Name(open.remove(at: index)))
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    return (found, arrays.names.filter { !used.contains(Name($0)) })
  }

  /// Whether the parts of a layer's path stand in a variable's name, in order.
  private static func stands(_ name: String, below path: String) -> Bool {
    var parts = name.split(separator: "/").dropLast()[...]
    for component in path.split(separator: "/") {
      guard let index = parts.firstIndex(of: component) else { return false }
      parts = parts[(index + 1)...]
    }
    return true
  }

  /// The forward direction before the backward one, cells as they are listed, or by their numbers.
  private static func order(_ name: String, _ cells: [String]) -> String {
    name.split(separator: "/").map { part in
      if let index = cells.firstIndex(of: String(part)) { return "cell_" + digits(index) }
      if part.hasPrefix("forward_") { return "0" }
      if part.hasPrefix("backward_") { return "1" }
      guard let underscore = part.lastIndex(of: "_"),
        let number = Int(part[part.index(after: underscore)...])
      else { return part + "_00000" }
      return part[..<underscore] + "_" + digits(number)
    }.joined(separator: "/")
  }

  private static func digits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

extension KerasArchitecture.LayerConfig {
  /// The names of the cells that lie one above the other in the layer, in order.
  fileprivate var cellNames: [String] {
    let cells = innerList("cells")
    return cells.map(\.name) + inside.flatMap(\.cellNames)
  }
}

extension ArrayTaking {
  /// The model of a Keras architecture with arrays that were saved by themselves.
  package func model(
    _ architecture: FileProbe, takingArrays arrays: TensorTable
  ) throws(CheckpointError) -> DecodedModel? {
    var keras = try KerasArchitecture(in: architecture, .init())
    guard let (assigned, unused) = try KerasPlainArrays(arrays, keras).assigned() else {
      return nil
    }
    keras.completeInputs { name in assigned[name]?.map(\.tensor.shape) ?? [] }
    var reader = KerasGraphReader(keras, arrays: assigned)
    let model = try reader.model()
    let left = unused.map { name in
      Diagnostic(
        .tensorUnused, .warning, "no layer uses the array '\(name)'",
        at: arrays[name]?.location ?? .init())
    }
    let unreadable = arrays.unreadable.map { tensor in
      Diagnostic(
        .tensorUnused, .warning, "the array '\(tensor.name)' of \(tensor.type) is no weight",
        at: tensor.location)
    }
    return DecodedModel(
      model: model, diagnostics: reader.findings + left + unreadable, convention: convention)
  }
}

extension KerasArchitecture {
  /// The model with zeros of the declared shapes in place of all weights.
  ///
  /// - Throws: `keras.config.invalid` where a shape is not declared.
  func modelOfZeros(_ probe: FileProbe) throws(CheckpointError) -> DecodedModel {
    var reader = KerasGraphReader(self, arrays: nil)
    let model = try locating(file: probe.path) { () throws(CheckpointError) in
      try reader.model()
    }
    return DecodedModel(
      model: model, diagnostics: reader.findings.map { $0.located(file: probe.path) },
      convention: KerasConvention())
  }
}
