import RecurModel
public import RecurTensors

/// The required shape of one state of a recurrent layer, and the check of an array against it.
///
/// The plain form is one array per layer and direction, `[batch, units]`. The stacked form is one
/// array for all layers of a module, `[layers·directions, batch, units]`.
package struct StateDemand: Sendable {
  /// The origin of the array.
  package enum Origin: Sendable {
    /// The caller gave the array separately from the inputs, as an argument or in a file.
    case given
    /// The array is an input of the model.
    case input
    /// A call before left the array behind.
    case kept
  }

  /// The user's name for the array: `h_0`, `lstm.c`.
  package var name: String
  /// The name of the layer or module to which the state belongs.
  package var layer: String
  /// The width of the last axis.
  package var units: Int
  /// The extent of the first axis in the stacked form; nil requires the plain form
  /// `[batch, units]`.
  package var layersTimesDirections: Int?
  /// The number of directions of each layer.
  package var directions: Int
  /// The number of sequences, or nil when any number is allowed.
  package var batch: Int?
  /// The origin of the array.
  package var origin: Origin

  /// Makes a demand.
  package init(
    name: String, layer: String, units: Int, layersTimesDirections: Int? = nil,
    directions: Int = 1, batch: Int?, origin: Origin = .given
  ) {
    self.name = name
    self.layer = layer
    self.units = units
    self.layersTimesDirections = layersTimesDirections
    self.directions = directions
    self.batch = batch
    self.origin = origin
  }

  /// The required shape, with nil for any batch size.
  private var extents: [Int?] { (layersTimesDirections.map { [$0] } ?? []) + [batch, units] }

  /// The required shape with the meaning of its axes, in words.
  package var expected: String {
    let shape = extents.map { $0.map(String.init) ?? "batch" }.joined(separator: ", ")
    return "[\(shape)]: (\(layersTimesDirections == nil ? "" : "layers·directions, ")batch, units)"
  }

  /// The error in an array of `shape`, or nil when the array fits.
  ///
  /// - Returns: an error with one of the codes `state.rank`, `state.layers`, `state.batch`,
  ///   `state.units`, or `state.shape` when several axes are wrong without one common cause.
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
          + "another layer or another model", remedies: zeros)
    }
    if axis == extents.count - 1 { return wrongUnits(shape, location) }
    return axis == extents.count - 2
      ? wrongBatch(shape, location) : wrongLayers(shape, location)
  }

  // MARK: one function per axis

  private func wrongRank(_ shape: [Int], _ location: Diagnostic.Location) -> Diagnostic {
    var remedies: [Diagnostic.Remedy] = []
    var reason: String? = "a state has \(extents.count) axes here"
    var facts: [Diagnostic.Fact] = []
    if let count = layersTimesDirections {
      if shape.count == 2, shape[1] == units {
        if count == 1, batch ?? shape[0] == shape[0] {
          remedies = adjusting { "\($0) = \($0)[None]" }
        }
        if count == 1 || shape[0] != count {
          (reason, facts) = (nil, [.difference(.stateForm)])
        } else {
          (reason, facts) = (
            "it has no axis for the batch", [.stateWithoutBatch(shape: [count, units])]
          )
          if batch ?? 1 == 1 { remedies = adjusting { "\($0) = \($0)[:, None]" } }
        }
      }
    } else if shape.count == 3, shape[2] == units {
      (reason, facts) = (nil, [.difference(.stateForm)])
      if shape[0] == 1, fits(Array(shape.dropFirst())) {
        remedies = adjusting { "\($0) = \($0)[0]" }
      } else if shape[0] > 1, fits(Array(shape.dropFirst())) {
        reason = "this one holds \(shape[0]) states"
        remedies = adjusting { "\($0) = \($0)[0]   # the state of layer 0, direction 0" }
      }
    }
    if shape == [units] {
      (reason, facts) = ("it is the state of one sequence without the axis of the batch", [])
      let index = layersTimesDirections == nil ? "[None]" : "[None, None]"
      if batch ?? 1 == 1, layersTimesDirections ?? 1 == 1 {
        remedies = adjusting { "\($0) = \($0)\(index)" }
      }
    }
    return report(
      .stateRank, "\(subject) has \(shape.count) axes and needs \(extents.count)", shape, location,
      reason: reason, remedies: remedies.isEmpty ? zeros : remedies, facts: facts)
  }

  /// The error when both leading axes are exchanged, so that the batch is first.
  private func exchangedAxes(
    _ shape: [Int], _ location: Diagnostic.Location
  ) -> Diagnostic? {
    guard layersTimesDirections != nil, shape[0] != shape[1], shape[2] == units,
      fits([shape[1], shape[0], shape[2]])
    else { return nil }
    return report(
      .stateShape, "\(subject) has its first two axes exchanged", shape, location,
      reason: "states are (layers·directions, batch, units), whatever the axes of the sequence are",
      remedies: [
        numpy("\(variable) = \(variable).transpose(1, 0, 2)"),
        .exchangeStateAxes(variable: variable),
      ], facts: [.stateBatchFirst])
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
      remedies: width == units * 2
        ? adjusting { "first, second = \($0)[..., :\(units)], \($0)[..., \(units):]" } : zeros)
  }

  private func wrongBatch(_ shape: [Int], _ location: Diagnostic.Location) -> Diagnostic {
    let axis = extents.count - 2
    let (found, wanted) = (shape[axis], batch ?? 0)
    let message = "\(subject) is for a batch of \(found), and the input is a batch of \(wanted)"
    guard origin != .kept else {
      return report(
        .stateBatch, message, shape, location,
        reason: "the call before had \(found) sequences and left one state for each; row n of this "
          + "call would continue row n of that one",
        remedies: [.beginWithZeros, .resetStates(layer: layer)])
    }
    var remedies: [Diagnostic.Remedy] = []
    var facts: [Diagnostic.Fact] = []
    var reason = "states have one row per sequence of the input"
    let leading = axis == 1 ? ":, " : ""
    if found == 1 {
      reason = "it is the state of one sequence"
      if layersTimesDirections == nil { facts = [.stateOfOneSequence] }
      remedies = [
        numpy("\(variable) = np.repeat(\(variable), \(wanted), axis=\(axis))"),
        .repeatState(variable: variable, count: wanted, axis: axis, axes: extents.count),
      ]
    } else if found > wanted, wanted > 0 {
      reason = "it was left behind by \(found) sequences: the last batch may be smaller"
      remedies = adjusting { "\($0) = \($0)[\(leading):\(wanted)]" }
    }
    return report(
      .stateBatch, message, shape, location, reason: reason,
      remedies: remedies.isEmpty ? zeros : remedies, facts: facts)
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
      remedies: found > wanted ? adjusting { "\($0) = \($0)[:\(wanted)]" } : zeros)
  }

  // MARK: words

  private var subject: String {
    origin == .kept ? "the kept state '\(name)'" : "the state '\(name)'"
  }

  /// Whether a shape is the required one.
  private func fits(_ shape: [Int]) -> Bool {
    shape.count == extents.count
      && zip(extents, shape).allSatisfy { wanted, extent in wanted.map { $0 == extent } ?? true }
  }

  /// The last part of the name, which names the variable in Python.
  private var variable: String { name.split(separator: ".").last.map(String.init) ?? name }

  private func numpy(_ code: String) -> Diagnostic.Remedy { .code(.init(.numpy, code)) }

  /// Remedies: a state of zeros.
  private var zeros: [Diagnostic.Remedy] {
    let shape = extents.map { $0.map(String.init) ?? "batch" }.joined(separator: ", ")
    // A model with state inputs has no other way to receive states.
    return (origin == .input ? [] : [.beginWithZeros])
      + [
        numpy("\(variable) = np.zeros((\(shape)), 'float32')"),
        .makeZeros(variable: variable, shape: extents),
      ]
  }

  /// A remedy: one Python statement that changes the array.
  private func adjusting(_ statement: (String) -> String) -> [Diagnostic.Remedy] {
    [numpy(statement(variable)), .adjustState(statement(variable))]
  }

  private func report(
    _ code: Diagnostic.Code, _ message: String, _ shape: [Int], _ location: Diagnostic.Location,
    reason: String?, remedies: [Diagnostic.Remedy], facts: [Diagnostic.Fact] = []
  ) -> Diagnostic {
    Diagnostic(
      code, .error, message, at: location, expected: expected, found: shapeText(shape),
      reason: reason, remedies: remedies, facts: facts)
  }
}

extension Diagnostic.Code {
  /// A state has too many axes, or too few.
  public static let stateRank = Self(rawValue: "state.rank")
  /// A state holds those of more or fewer layers and directions than the module has.
  public static let stateLayers = Self(rawValue: "state.layers")
  /// A state is for another number of sequences than the input.
  public static let stateBatch = Self(rawValue: "state.batch")
  /// A state is wider or narrower than its layer.
  public static let stateUnits = Self(rawValue: "state.units")
}
