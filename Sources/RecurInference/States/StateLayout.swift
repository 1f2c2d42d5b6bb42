public import RecurModel
public import RecurTensors

/// The states of a model as named arrays.
///
/// The plain form has the arrays `LAYER.h` and `LAYER.c`, `[batch, units]` each; with two
/// directions `LAYER.forward.h` and so on. Layers that are parts of a module have the stacked form:
/// `h_0` and `c_0`, `[layers·directions, batch, units]`. When there are several modules, the
/// module's key is in front: `encoder.h_0`. The states of single cells are `[batch, units]`.
public struct StateLayout: Sendable {
  /// One named array.
  public struct StateArray: Sendable {
    /// The name of the array.
    public let name: String
    /// Other accepted names.
    public let aliases: [String]
    /// The width of the last axis.
    public let units: Int
    /// The extent of the first axis in the stacked form; nil for the plain form `[batch, units]`.
    public let layersTimesDirections: Int?
    let layer: String
    let directions: Int
    /// For each index of the first axis, the node and the state that it holds.
    let slots: [Slot]
  }

  struct Slot: Hashable {
    let node: String
    let index: Int
  }

  /// Every array, in the order of the layers.
  public let arrays: [StateArray]
  /// The number of states of every node.
  private let counts: [Name: Int]
  /// The nodes whose masked timesteps repeat an output, and the width of that output.
  private let repeating: [(node: String, units: Int)]

  /// The arrays of every recurrent layer of `model` that begins with zeros or with model inputs.
  public init(_ model: Model) { self.init(model, nodes: nil) }

  /// The arrays of the nodes among `names` only.
  init(_ model: Model, nodes names: Set<Name>?) {
    let nodes = model.nodesWithChosenState.filter { names?.contains(Name($0.name)) ?? true }
    var groups: [(key: String, nodes: [Model.Node])] = []
    for node in nodes {
      // The layers of one module share their arrays; a layer of another kind has its own.
      let key = node.place?.layer == nil ? nil : node.place?.key
      if let key, let last = groups.indices.last, groups[last].key == key,
        groups[last].nodes[0].place?.layer != nil
      {
        groups[last].nodes.append(node)
      } else {
        groups.append((key ?? node.place?.key ?? node.name, [node]))
      }
    }
    let isSole = groups.count == 1
    arrays = groups.flatMap { group in
      let node = group.nodes[0]
      return node.place == nil
        ? Self.plainArrays(node, model, isSole: isSole)
        : Self.stackedArrays(group.nodes, key: group.key, isSole: isSole)
    }
    counts = Dictionary(
      nodes.map { (Name($0.name), $0.layer.stateSizes.count) }, uniquingKeysWith: { one, _ in one })
    repeating = nodes.compactMap { node in
      guard node.mask != nil, case .recurrent(let layer) = node.layer else { return nil }
      return layer.maskedOutput == .previous ? (node.name, layer.cell.units) : nil
    }
  }

  private static func plainArrays(
    _ node: Model.Node, _ model: Model, isSole: Bool
  ) -> [StateArray] {
    let names = node.layer.stateNames
    return names.indices.map { index in
      let part = names[index]
      var aliases: [String] = []
      if isSole {
        aliases.append(part)
        if names.count <= 2 { aliases += part == "h" ? hiddenNames : cellNames }
      }
      if node.initialState.indices.contains(index),
        let input = model.isInput(node.initialState[index])
      {
        aliases.append(input)
      }
      return StateArray(
        name: "\(node.name).\(part)", aliases: aliases, units: node.layer.stateSizes[index],
        layersTimesDirections: nil, layer: node.name, directions: 1,
        slots: [Slot(node: node.name, index: index)])
    }
  }

  private static func stackedArrays(
    _ nodes: [Model.Node], key: String, isSole: Bool
  ) -> [StateArray] {
    let parts = nodes[0].layer.firstCell?.states.map(\.name) ?? []
    let states = nodes[0].layer.stateSizes.count
    let directions = max(states / max(parts.count, 1), 1)
    let isCell = nodes[0].place?.layer == nil
    return parts.indices.map { index in
      let part = parts[index]
      let short = "\(part)_0"
      let prefix = key.isEmpty ? "" : "\(key)."
      let slots = nodes.flatMap { node in
        (0..<directions).map { Slot(node: node.name, index: $0 * parts.count + index) }
      }
      var aliases = ["\(prefix)\(short)", "\(prefix)\(part)_n", "\(prefix)\(part)"]
      if isSole { aliases += [short, part] + (part == "h" ? hiddenNames : cellNames) }
      return StateArray(
        name: isSole ? short : "\(prefix)\(short)", aliases: aliases,
        units: nodes[0].layer.stateSizes[index], layersTimesDirections: isCell ? nil : slots.count,
        layer: key.isEmpty ? nodes[0].name : key, directions: directions, slots: slots)
    }
  }

  private static let hiddenNames = ["h_0", "h_n", "h0", "hn", "hx", "hidden", "state_h", "state"]
  private static let cellNames = ["c_0", "c_n", "c0", "cn", "cx", "cell", "state_c"]

  // MARK: arrays and states

  /// Makes a state from arrays.
  ///
  /// - Parameters:
  ///   - given: arrays by name. The names `arr_0, arr_1, …`, from `np.savez(file, h, c)`, stand for
  ///     ``arrays`` in their order, when there are as many.
  ///   - batch: the number of sequences, or nil for that of the first array.
  /// - Returns: the state of every layer.
  /// - Throws: `state.unknown`, `state.missing`, and `state.rank`, `state.layers`, `state.batch`,
  ///   `state.units`, `state.shape` for arrays that do not fit; one error holds all findings.
  public func state(
    _ given: [(name: String, tensor: Tensor)], batch: Int?
  ) throws(CheckpointError) -> RecurrentState {
    var findings: [Diagnostic] = []
    var found: [Int: Tensor] = [:]
    var outputs: [Name: Tensor] = [:]
    let isNumbered =
      given.count == arrays.count
      && given.indices.allSatisfy { position in given.contains { $0.name == "arr_\(position)" } }
    for (name, tensor) in given {
      let number = isNumbered ? Int(name.dropFirst("arr_".count)) : nil
      if let position = number ?? position(of: name) {
        if found.updateValue(tensor, forKey: position) != nil {
          findings.append(
            Diagnostic(
              .stateUnknown, .error, "the state '\(arrays[position].name)' is given twice",
              at: tensor.location, found: name))
        }
      } else if let layer = repeating.first(where: { name == "\($0.node).output" }) {
        outputs[Name(layer.node)] = tensor
      } else {
        findings.append(unknown(name, tensor))
      }
    }
    let missing = arrays.indices.filter { found[$0] == nil }
    if !missing.isEmpty {
      findings.append(
        Diagnostic(
          .stateMissing, .error,
          "there is no array for \(missing.map { "'\(arrays[$0].name)'" }.joined(separator: ", "))",
          at: given.first?.tensor.location.inMemory ?? .init(),
          expected: arrays.map(\.name).joined(separator: ", "),
          found: given.map(\.name).joined(separator: ", "),
          reason: arrays.isEmpty ? nil : "every recurrent layer begins with a state of its own",
          remedies: example(batch)))
    }
    let rows = batch ?? firstBatch(found)
    for index in arrays.indices {
      guard let tensor = found[index] else { continue }
      let array = arrays[index]
      let demand = StateDemand(
        name: array.name, layer: array.layer, units: array.units,
        layersTimesDirections: array.layersTimesDirections, directions: array.directions,
        batch: rows)
      findings += [demand.problem(with: tensor.shape, at: tensor.location)].compactMap { $0 }
    }
    for (node, units) in repeating {
      guard let tensor = outputs[Name(node)] else { continue }
      let demand = StateDemand(
        name: "\(node).output", layer: node, units: units, batch: rows)
      findings += [demand.problem(with: tensor.shape, at: tensor.location)].compactMap { $0 }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    return state(found, outputs)
  }

  private func state(_ found: [Int: Tensor], _ outputs: [Name: Tensor]) -> RecurrentState {
    var layers: [Name: (node: String, values: [[[Double]]])] = [:]
    for (index, array) in arrays.enumerated() {
      guard let tensor = found[index] else { continue }
      for (place, slot) in array.slots.enumerated() {
        let part =
          array.layersTimesDirections == nil ? tensor : tensor.select(axis: 0, place)
        let count = counts[Name(slot.node)] ?? 0
        var layer =
          layers[Name(slot.node)] ?? (slot.node, [[[Double]]](repeating: [], count: count))
        layer.values[slot.index] = Self.rows(part)
        layers[Name(slot.node)] = layer
      }
    }
    var state = RecurrentState()
    for (name, layer) in layers {
      var kept = RecurrentState.LayerState(values: layer.values)
      kept.output = outputs[name].map(Self.rows)
      state[layer.node] = kept
    }
    return state
  }

  /// The arrays of a state, in float64.
  ///
  /// ``state(_:batch:)`` makes the same state from the arrays.
  ///
  /// - Parameters:
  ///   - state: the state after a run of the model.
  ///   - batch: the number of sequences for layers that `state` lacks; their arrays are zeros.
  /// - Returns: the arrays, in the order of ``arrays``.
  /// - Throws: `state.shape` for a state whose rows have different lengths.
  public func arrays(
    of state: RecurrentState, batch: Int
  ) throws(CheckpointError) -> [(name: String, tensor: Tensor)] {
    var result: [(name: String, tensor: Tensor)] = []
    for array in arrays {
      var numbers: [Double] = []
      for slot in array.slots {
        let values = state[slot.node]?.values
        numbers +=
          values.flatMap { $0.indices.contains(slot.index) ? $0[slot.index].flatMap { $0 } : nil }
          ?? [Double](repeating: 0, count: batch * array.units)
      }
      let shape = (array.layersTimesDirections.map { [$0] } ?? []) + [batch, array.units]
      guard numbers.count == shape.reduce(1, *) else {
        throw CheckpointError(
          .stateShape, "the state '\(array.name)' does not have \(batch) rows",
          expected: shapeText(shape), found: "\(numbers.count) numbers")
      }
      result.append((array.name, try .float64(numbers, shape: shape)))
    }
    for (node, units) in repeating {
      guard let output = state[node]?.output, output.count == batch else { continue }
      result.append(
        ("\(node).output", try .float64(output.flatMap { $0 }, shape: [batch, units])))
    }
    return result
  }

  // MARK: words

  private func position(of name: String) -> Int? {
    if let exact = arrays.firstIndex(where: { $0.name == name }) { return exact }
    let fitting = arrays.indices.filter { arrays[$0].aliases.contains(name) }
    return fitting.count == 1 ? fitting[0] : nil
  }

  private func unknown(_ name: String, _ tensor: Tensor) -> Diagnostic {
    let known = arrays.map(\.name)
    let near = suggestion(for: name, among: known)
    return Diagnostic(
      .stateUnknown, .error, "no recurrent layer has a state '\(name)'", at: tensor.location,
      expected: known.isEmpty ? "no states" : known.joined(separator: ", "), found: name,
      reason: known.isEmpty
        ? "the model has no recurrent layer whose first state can be chosen"
        : near.map { "'\($0)' is nearest" }
          ?? (arrays.count > 2 && (["h", "c"] + Self.hiddenNames + Self.cellNames).contains(name)
            ? "several layers could be meant" : nil))
  }

  private func firstBatch(_ found: [Int: Tensor]) -> Int? {
    for (index, array) in arrays.enumerated() {
      let rank = array.layersTimesDirections == nil ? 2 : 3
      if let tensor = found[index], tensor.rank == rank { return tensor.shape[rank - 2] }
    }
    return nil
  }

  private func example(_ batch: Int?) -> [Diagnostic.Remedy] {
    let zeros = arrays.prefix(4).map { array in
      let shape = (array.layersTimesDirections.map { [$0] } ?? []) + [batch ?? 1, array.units]
      return "'\(array.name)': np.zeros((\(shape.map(String.init).joined(separator: ", "))))"
    }
    return [
      .code(
        .init(
          .numpy,
          "np.savez('state.npz', **{\(zeros.joined(separator: ", "))"
            + "\(arrays.count > 4 ? ", …" : "")})")),
      .beginWithZeros,
    ]
  }

  private static func rows(_ tensor: Tensor) -> [[Double]] {
    let numbers = tensor.doubles()
    let width = tensor.shape.last ?? 0
    return (0..<(tensor.shape.first ?? 0)).map {
      Swift.Array(numbers[$0 * width..<($0 + 1) * width])
    }
  }
}

extension Diagnostic.Code {
  /// A file of states has an array that belongs to no layer.
  public static let stateUnknown = Self(rawValue: "state.unknown")
  /// A file of states lacks one that the model needs.
  public static let stateMissing = Self(rawValue: "state.missing")
}
