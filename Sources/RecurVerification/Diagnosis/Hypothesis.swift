package import RecurModel
public import RecurTensors

/// One possible mistake, with the change of the model or of the recording that undoes it.
package struct Hypothesis: Sendable {
  /// The kind of mistake; the raw value is the last part of the finding's code.
  package enum Kind: String, Sendable, CaseIterable {
    case gateOrder = "gate-order"
    case kernelTransposed = "kernel-transposed"
    case kernelReshaped = "kernel-reshaped"
    case kernelTurned = "kernel-turned"
    case flattenOrder = "flatten-order"
    case normalization = "normalization"
    case bias = "bias"
    case forgetBias = "forget-bias"
    case resetPlacement = "reset-placement"
    case updateGate = "update-gate"
    case activation = "activation"
    case direction = "direction"
    case layerOrder = "layer-order"
    case axes = "axes"
    case mask = "mask"
    case initialState = "initial-state"
    case rounding = "rounding"
    case selection = "selection"
    case inputScale = "input-scale"
    case reading = "reading"
  }

  /// A model and the recording with which it is compared.
  package struct Trial: Sendable {
    package var model: Model
    package var inputs: [Tensor]
    package var outputs: [Tensor]
  }

  /// The kind of mistake.
  package var kind: Kind
  /// The mistake as a sentence: `the gate blocks of 'lstm' are in the order i, o, f, c`.
  package var claim: String
  /// The meaning of the file according to its format.
  package var expected: String
  /// The content of the file if the hypothesis is true.
  package var found: String
  /// The usual reason for this mistake, when there is one.
  package var reason: String?
  /// The location of the affected weights.
  package var location = Diagnostic.Location()
  /// Differences between frameworks that explain the mistake.
  package var facts: [Diagnostic.Fact] = []
  /// Repairs at the place where the mistake was made.
  package var remedies: [Diagnostic.Remedy] = []
  /// Whether the changed model is the right one; otherwise the recording is wrong.
  package var repairsModel = true
  /// Whether the changed model puts out arrays of another shape.
  package var changesShapes = false
  /// Whether a recording is asked about it; not about what shows always, or never by itself.
  package var isAudited = true
  /// The change; it returns nil when the model has nothing to change.
  package var apply: @Sendable (Trial) throws(CheckpointError) -> Trial?

  /// Both changes in turn, this hypothesis first.
  package func followed(by other: Hypothesis) -> Hypothesis {
    var both = self
    both.claim += "; and " + other.claim
    both.expected += "; " + other.expected
    both.found += "; " + other.found
    both.reason = nil
    both.facts = []
    both.repairsModel = repairsModel && other.repairsModel
    both.remedies = []
    both.apply = { (trial: Trial) throws(CheckpointError) -> Trial? in
      guard let changed = try self.apply(trial) else { return nil }
      return try other.apply(changed)
    }
    return both
  }
}

/// A change of a cell; it returns nil when the cell has nothing to change.
typealias CellChange = @Sendable (RecurrentCell) throws(CheckpointError) -> RecurrentCell?
/// A change of a recurrent layer; it returns nil when the layer has nothing to change.
typealias RecurrentChange = @Sendable (Recurrent) throws(CheckpointError) -> Recurrent?

extension Hypothesis {
  /// A hypothesis that changes the recurrent layers of `scope`.
  init(
    _ kind: Kind, _ scope: HypothesisScope, _ claim: String, expected: String, found: String,
    reason: String? = nil, facts: [Diagnostic.Fact] = [], change: @escaping RecurrentChange
  ) {
    self.init(
      kind: kind, claim: claim, expected: expected, found: found, reason: reason,
      location: scope.location, facts: facts
    ) { (trial: Trial) throws(CheckpointError) -> Trial? in
      guard let model = try scope.applied(to: trial.model, change) else { return nil }
      var changed = trial
      changed.model = model
      return changed
    }
  }

  /// A hypothesis that changes the cells of `scope`; in a stack it changes each cell.
  init(
    _ kind: Kind, _ scope: HypothesisScope, _ claim: String, expected: String, found: String,
    reason: String? = nil, facts: [Diagnostic.Fact] = [], cells change: @escaping CellChange
  ) {
    self.init(kind, scope, claim, expected: expected, found: found, reason: reason, facts: facts) {
      (recurrent: Recurrent) throws(CheckpointError) -> Recurrent? in
      guard let cell = try recurrent.cell.changed(change) else { return nil }
      var copy = recurrent
      copy.cell = cell
      return copy
    }
  }
}

extension RecurrentCell {
  /// This cell after `change`, applied to every cell of a stack; nil if no cell was changed.
  func changed(_ change: CellChange) throws(CheckpointError) -> RecurrentCell? {
    guard case .stacked(let stack) = self else { return try change(self) }
    var isChanged = false
    var result: [RecurrentCell] = []
    for cell in stack.cells {
      let new = try cell.changed(change)
      isChanged = isChanged || new != nil
      result.append(new ?? cell)
    }
    return isChanged ? .stacked(StackedCells(result)) : nil
  }
}

extension Diagnostic.Code {
  /// The blocks of the gates are stored in another order.
  public static let likelyGateOrder = Self(rawValue: "verify.likely.gate-order")
  /// The blocks of a kernel are transposed.
  public static let likelyKernelTransposed = Self(rawValue: "verify.likely.kernel-transposed")
  /// A kernel was reshaped where it had to be transposed.
  public static let likelyKernelReshaped = Self(rawValue: "verify.likely.kernel-reshaped")
  /// The kernel of a convolution is turned around.
  public static let likelyKernelTurned = Self(rawValue: "verify.likely.kernel-turned")
  /// A kernel behind a Flatten takes its input in another order.
  public static let likelyFlattenOrder = Self(rawValue: "verify.likely.flatten-order")
  /// The numbers of a normalization are others.
  public static let likelyNormalization = Self(rawValue: "verify.likely.normalization")
  /// A bias counts twice, not at all, or on the wrong side of the reset gate.
  public static let likelyBias = Self(rawValue: "verify.likely.bias")
  /// The 1 of the forget bias is stored twice or not at all.
  public static let likelyForgetBias = Self(rawValue: "verify.likely.forget-bias")
  /// The reset gate of a GRU is applied elsewhere.
  public static let likelyResetPlacement = Self(rawValue: "verify.likely.reset-placement")
  /// The update gate of a GRU is one minus the expected one.
  public static let likelyUpdateGate = Self(rawValue: "verify.likely.update-gate")
  /// A layer has another activation than the file says.
  public static let likelyActivation = Self(rawValue: "verify.likely.activation")
  /// A layer reads the sequence from the other end.
  public static let likelyDirection = Self(rawValue: "verify.likely.direction")
  /// The weights of two layers, or of two directions, are exchanged.
  public static let likelyLayerOrder = Self(rawValue: "verify.likely.layer-order")
  /// The batch and the timesteps of the recording are exchanged.
  public static let likelyAxes = Self(rawValue: "verify.likely.axes")
  /// Masked timesteps were treated differently when recording.
  public static let likelyMask = Self(rawValue: "verify.likely.mask")
  /// The recording began with other states.
  public static let likelyInitialState = Self(rawValue: "verify.likely.initial-state")
  /// The file leaves open what it computes, and something else was recorded than was assumed.
  public static let likelyReading = Self(rawValue: "verify.likely.reading")
  /// Something else was recorded of a sequence than the model takes.
  public static let likelySelection = Self(rawValue: "verify.likely.selection")
  /// The outputs were recorded on inputs that were scaled.
  public static let likelyInputScale = Self(rawValue: "verify.likely.input-scale")
  /// The weights, or the recording, were rounded to 16 bits.
  public static let likelyRounding = Self(rawValue: "verify.likely.rounding")
}

extension Hypothesis.Kind {
  /// The code of the finding for this kind of mistake.
  package var code: Diagnostic.Code {
    switch self {
    case .gateOrder: .likelyGateOrder
    case .kernelTransposed: .likelyKernelTransposed
    case .kernelReshaped: .likelyKernelReshaped
    case .kernelTurned: .likelyKernelTurned
    case .flattenOrder: .likelyFlattenOrder
    case .normalization: .likelyNormalization
    case .bias: .likelyBias
    case .forgetBias: .likelyForgetBias
    case .resetPlacement: .likelyResetPlacement
    case .updateGate: .likelyUpdateGate
    case .activation: .likelyActivation
    case .direction: .likelyDirection
    case .layerOrder: .likelyLayerOrder
    case .axes: .likelyAxes
    case .mask: .likelyMask
    case .initialState: .likelyInitialState
    case .rounding: .likelyRounding
    case .reading: .likelyReading
    case .selection: .likelySelection
    case .inputScale: .likelyInputScale
    }
  }
}
