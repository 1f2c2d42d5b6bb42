package import RecurModel
package import RecurTensors

/// What one state of a recurrent layer must look like, and what is wrong with one that does not.
///
/// Keras keeps one array per layer and direction, `[batch, units]`; torch.nn keeps those of all layers
/// of a module in one, `[layers·directions, batch, units]`.
package struct StateDemand: Sendable {
  /// Where the array came from.
  package enum Origin: Sendable {
    /// The caller gave it: an argument, or an array of a file.
    case given
    /// A call before left it behind.
    case kept
  }

  /// What the user calls the array: `h_0`, `lstm.c`.
  package var name: String
  /// The name of the layer or module it belongs to.
  package var layer: String
  /// The width of the last axis.
  package var units: Int
  /// The extent of the first axis in PyTorch's layout; nil demands `[batch, units]`.
  package var layersTimesDirections: Int?
  /// The number of directions of each layer.
  package var directions: Int
  /// The number of sequences, or nil when any will do.
  package var batch: Int?
  /// Whose code the user knows; nil gives fixes for both.
  package var framework: Model.Framework?
  /// Where the array came from.
  package var origin: Origin

  /// Describes a state.
  package init(
    name: String, layer: String, units: Int, layersTimesDirections: Int? = nil,
    directions: Int = 1, batch: Int?, framework: Model.Framework?, origin: Origin = .given
  ) {
    self.name = name
    self.layer = layer
    self.units = units
    self.layersTimesDirections = layersTimesDirections
    self.directions = directions
    self.batch = batch
    self.framework = framework
    self.origin = origin
  }

  /// The shape that is demanded, nil for any batch.
  private var extents: [Int?] { (layersTimesDirections.map { [$0] } ?? []) + [batch, units] }

  /// The shape that is demanded and what its axes are, in words.
  package var expected: String {
    let shape = extents.map { $0.map(String.init) ?? "batch" }.joined(separator: ", ")
    return "[\(shape)]: (\(layersTimesDirections == nil ? "" : "layers·directions, ")batch, units)"
  }

  /// What is wrong with an array of `shape`, or nil when it fits.
  ///
  /// - Returns: an error with one of the codes `state.rank`, `state.layers`, `state.batch`,
  ///   `state.units`, and `state.shape` when several axes are wrong and no one cause explains them.
  package func problem(
    with shape: [Int], at location: Diagnostic.Location = .init()
  ) -> Diagnostic? {
    guard shape.count == extents.count else { return wrongRank(shape, location) }
    let wrong = extents.indices.filter { axis in extents[axis].map { $0 != shape[axis] } ?? false }
    guard let axis = wrong.first else { return nil }
    if let exchanged = exchangedAxes(shape, location) { return exchanged }
    guard wrong.count == 1 else {
      return report(
        .stateShape, "\(subject) has the wrong shape", shape, location,
        reason:
          "axes \(wrong.map(String.init).joined(separator: " and ")) differ: it may belong to "
          + "another layer or another model", fixes: zeros)
    }
    if axis == extents.count - 1 { return wrongUnits(shape, location) }
    return axis == extents.count - 2
      ? wrongBatch(shape, location) : wrongLayers(shape, location)
  }

  // MARK: one function per axis

  private func wrongRank(_ shape: [Int], _ location: Diagnostic.Location) -> Diagnostic {
    var fixes: [Diagnostic.Fix] = []
    var reason = "a state has \(extents.count) axes here"
    if let count = layersTimesDirections {
      if shape.count == 2, shape[1] == units {
        reason = "Keras states are (batch, units), PyTorch states (layers·directions, batch, units)"
        if count == 1, batch ?? shape[0] == shape[0] { fixes = code { "\($0) = \($0)[None]" } }
        if count != 1, shape[0] == count {
          reason =
            "it has no axis for the batch: torch takes [\(count), \(units)] only with one "
            + "sequence that has no batch axis either"
          if batch ?? 1 == 1 { fixes = code { "\($0) = \($0)[:, None]" } }
        }
      }
    } else if shape.count == 3, shape[2] == units {
      reason = "Keras states are (batch, units), PyTorch states (layers·directions, batch, units)"
      if shape[0] == 1, fits(Array(shape.dropFirst())) {
        fixes = code { "\($0) = \($0)[0]" }
      } else if shape[0] > 1, fits(Array(shape.dropFirst())) {
        reason += "; this one holds \(shape[0]) states"
        fixes = code { "\($0) = \($0)[0]   # the state of layer 0, direction 0" }
      }
    }
    if shape == [units] {
      reason = "it is the state of one sequence without the axis of the batch"
      let index = layersTimesDirections == nil ? "[None]" : "[None, None]"
      if batch ?? 1 == 1, layersTimesDirections ?? 1 == 1 {
        fixes = code { "\($0) = \($0)\(index)" }
      }
    }
    return report(
      .stateRank, "\(subject) has \(shape.count) axes and needs \(extents.count)", shape, location,
      reason: reason, fixes: fixes.isEmpty ? zeros : fixes)
  }

  /// Both leading axes the other way round: batch first.
  private func exchangedAxes(
    _ shape: [Int], _ location: Diagnostic.Location
  ) -> Diagnostic? {
    guard layersTimesDirections != nil, shape[0] != shape[1], shape[2] == units,
      fits([shape[1], shape[0], shape[2]])
    else { return nil }
    return report(
      .stateShape, "\(subject) has its first two axes exchanged", shape, location,
      reason: "batch_first=True holds for the sequence and never for states: they are "
        + "(layers·directions, batch, units) either way",
      fixes: code(torch: { "\($0) = \($0).transpose(0, 1).contiguous()" }) {
        "\($0) = \($0).transpose(1, 0, 2)"
      })
  }

  private func wrongUnits(_ shape: [Int], _ location: Diagnostic.Location) -> Diagnostic {
    let width = shape[shape.count - 1]
    let reason =
      width == units * 2
      ? "its last axis is twice as wide: the states of both directions, or h and c, joined"
      : "it belongs to a layer of \(width) units, and '\(layer)' has \(units)"
    return report(
      .stateUnits, "\(subject) is \(width) wide and '\(layer)' has \(units) units", shape, location,
      reason: reason,
      fixes: width == units * 2
        ? code { "first, second = \($0)[..., :\(units)], \($0)[..., \(units):]" } : zeros)
  }

  private func wrongBatch(_ shape: [Int], _ location: Diagnostic.Location) -> Diagnostic {
    let axis = extents.count - 2
    let (found, wanted) = (shape[axis], batch ?? 0)
    let message = "\(subject) is for a batch of \(found), and the input is a batch of \(wanted)"
    guard origin == .given else {
      return report(
        .stateBatch, message, shape, location,
        reason: "the call before had \(found) sequences and left one state for each; row n of this "
          + "call would continue row n of that one",
        fixes: places([
          .init(.recur, "--state zeros"),
          .init(.keras, "model.get_layer('\(layer)').reset_states()"),
          .init(.pytorch, "\(name) = torch.zeros(\(torchZeros))"),
        ]))
    }
    var fixes: [Diagnostic.Fix] = []
    var reason = "states have one row per sequence of the input"
    let leading = axis == 1 ? ":, " : ""
    if found == 1 {
      reason =
        "it is the state of one sequence"
        + (layersTimesDirections == nil
          ? "; Keras would silently begin every sequence with it" : "")
      fixes = code(torch: {
        layersTimesDirections == nil
          ? "\($0) = \($0).expand(\(wanted), -1).contiguous()"
          : "\($0) = \($0).expand(-1, \(wanted), -1).contiguous()"
      }) { "\($0) = np.repeat(\($0), \(wanted), axis=\(axis))" }
    } else if found > wanted, wanted > 0 {
      reason = "it was left behind by \(found) sequences: the last batch may be smaller"
      fixes = code { "\($0) = \($0)[\(leading):\(wanted)]" }
    }
    return report(
      .stateBatch, message, shape, location, reason: reason,
      fixes: fixes.isEmpty ? zeros : fixes)
  }

  private func wrongLayers(_ shape: [Int], _ location: Diagnostic.Location) -> Diagnostic {
    let wanted = layersTimesDirections ?? 1
    let found = shape[0]
    let layers = wanted / max(directions, 1)
    let has =
      "'\(layer)' has \(layers) \(layers == 1 ? "layer" : "layers") and "
      + "\(directions) \(directions == 1 ? "direction" : "directions")"
    var reason = "\(has), which makes \(wanted) \(wanted == 1 ? "state" : "states")"
    if directions == 2, found == layers {
      reason += ": both directions of every layer have one"
    } else if directions == 1, found == 2 * wanted {
      reason += ": \(found) would be those of a module with two directions, or more layers"
    } else if found == batch, wanted == 1 {
      reason += ": \(found) is the batch, which is the second axis"
    }
    return report(
      .stateLayers, "\(subject) holds \(found) states, and '\(layer)' has \(wanted)", shape,
      location, reason: reason,
      fixes: found > wanted ? code { "\($0) = \($0)[:\(wanted)]" } : zeros)
  }

  // MARK: words

  private var subject: String {
    origin == .kept ? "the kept state '\(name)'" : "the state '\(name)'"
  }

  /// Whether a shape is the demanded one.
  private func fits(_ shape: [Int]) -> Bool {
    shape.count == extents.count
      && zip(extents, shape).allSatisfy { wanted, extent in wanted.map { $0 == extent } ?? true }
  }

  private var torchZeros: String {
    extents.map { $0.map(String.init) ?? "batch" }.joined(separator: ", ")
  }

  /// The last part of the name, which is a variable's in Python.
  private var variable: String { name.split(separator: ".").last.map(String.init) ?? name }

  /// A state of zeros in every place.
  private var zeros: [Diagnostic.Fix] {
    places([
      .init(.recur, "--state zeros"),
      .init(.numpy, "\(variable) = np.zeros((\(torchZeros)), 'float32')"),
      .init(.pytorch, "\(variable) = torch.zeros(\(torchZeros))"),
    ])
  }

  /// One statement about the array, in Python; `torch` where torch says it in other words.
  private func code(
    torch: ((String) -> String)? = nil, _ statement: @escaping (String) -> String
  ) -> [Diagnostic.Fix] {
    places([
      .init(.numpy, statement(variable)), .init(.pytorch, (torch ?? statement)(variable)),
    ])
  }

  private func places(_ fixes: [Diagnostic.Fix]) -> [Diagnostic.Fix] {
    fixes.filter { fix in
      switch (fix.place, framework) {
      case (.pytorch, .keras), (.keras, .pytorch): false
      case (.pytorch, _) where origin == .kept: layersTimesDirections != nil
      case (.pytorch, nil): layersTimesDirections != nil
      case (.keras, nil): layersTimesDirections == nil
      default: true
      }
    }
  }

  private func report(
    _ code: Diagnostic.Code, _ message: String, _ shape: [Int], _ location: Diagnostic.Location,
    reason: String, fixes: [Diagnostic.Fix]
  ) -> Diagnostic {
    Diagnostic(
      code, .error, message, at: location, expected: expected, found: shapeText(shape),
      reason: reason, fixes: fixes)
  }
}

extension Diagnostic.Code {
  package static let stateRank = Self(rawValue: "state.rank")
  package static let stateLayers = Self(rawValue: "state.layers")
  package static let stateBatch = Self(rawValue: "state.batch")
  package static let stateUnits = Self(rawValue: "state.units")
}
