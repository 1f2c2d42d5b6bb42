public import RecurModel
public import RecurTensors

extension Model {
  /// The same model for sequences of any length, where its inputs declare a number of timesteps.
  ///
  /// Files of Keras often declare the number that was used in training, although no layer needs it.
  /// Streams are not bound by it anyway.
  ///
  /// - Returns: the model itself when no input declares a number of timesteps.
  /// - Throws: `model.timesteps-fixed` when a layer needs exactly as many.
  public func freeingTimesteps() throws(CheckpointError) -> Model {
    let states = Set(nodes.flatMap(\.initialState).compactMap { isInput($0).map { Name($0) } })
    var freed = self
    var declared: [(name: String, count: Int)] = []
    for name in inputs where !states.contains(Name(name)) {
      guard let count = freed.freeTimesteps(of: name) else { continue }
      declared.append((name, count))
    }
    guard let first = declared.first else { return self }
    let findings = freed.findings(withMoreThan: first.count)
    guard findings.isEmpty else {
      throw CheckpointError(
        .timestepsFixed,
        "the model is made for \(first.count) timesteps: a layer needs exactly as many",
        at: findings[0].location, expected: findings[0].expected, found: findings[0].found,
        hint: "give sequences of \(first.count) timesteps")
    }
    return freed
  }

  /// The same model, whose `sequence`, and its mask, may have any number of timesteps if its layers
  /// allow it.
  func takingAnyTimesteps(of sequence: String, mask: String?) -> Model {
    var freed = self
    let counts = [sequence, mask].compactMap { $0 }.compactMap { freed.freeTimesteps(of: $0) }
    guard let count = counts.first else { return self }
    return freed.findings(withMoreThan: count).isEmpty ? freed : self
  }

  /// The errors of shapes when sequences have one timestep more than `count`; a layer that needs as many
  /// takes a free number, and no other one.
  private func findings(withMoreThan count: Int) -> [Diagnostic] {
    let states = Set(nodes.flatMap(\.initialState).compactMap { isInput($0).map { Name($0) } })
    let shapes = inputs.map { name -> [Dimension] in
      guard case .input(let input) = node(name)?.layer else { return [] }
      let axis = states.contains(Name(name)) ? nil : timestepAxis(of: input, name)
      return input.shape.enumerated().map { position, extent in
        extent.map(Dimension.fixed) ?? (position == axis ? .fixed(count + 1) : .free("batch"))
      }
    }
    return ModelShapes(self, inputShapes: shapes).findings
  }

  /// Removes the declared number of timesteps of an input.
  ///
  /// - Returns: the number, or nil when none is declared.
  private mutating func freeTimesteps(of name: String) -> Int? {
    guard let index = nodes.firstIndex(where: { Name($0.name) == Name(name) }),
      case .input(var input) = nodes[index].layer, let axis = timestepAxis(of: input, name),
      let count = input.shape[axis]
    else { return nil }
    input.shape[axis] = nil
    nodes[index].layer = .input(input)
    return count
  }
}

extension Diagnostic.Code {
  /// The number of timesteps that a file declares can't be freed.
  public static let timestepsFixed = Self(rawValue: "model.timesteps-fixed")
}
