package import RecurModel
package import RecurTensors

/// One guess about what went wrong, as a change of the model or of what was recorded.
package struct Hypothesis: Sendable {
  /// What kind of mistake it is; the raw value is the last part of its code.
  package enum Kind: String, Sendable, CaseIterable {
    case gateOrder = "gate-order"
    case kernelTransposed = "kernel-transposed"
    case kernelReshaped = "kernel-reshaped"
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
  }

  /// A model and what it is held against.
  package struct Trial: Sendable {
    package var model: Model
    package var inputs: [Tensor]
    package var outputs: [Tensor]
  }

  /// What kind of mistake it is.
  package var kind: Kind
  /// What would be the case, as a sentence: `the gate blocks of 'lstm' are in the order i, o, f, c`.
  package var claim: String
  /// What the file's format means.
  package var expected: String
  /// What the file would hold.
  package var found: String
  /// Why people make this mistake, when there is one reason.
  package var reason: String?
  /// Where the weights concerned are.
  package var location = Diagnostic.Location()
  /// What frameworks do differently that explains it.
  package var facts: [Diagnostic.Fact] = []
  /// How it is repaired where it was made.
  package var remedies: [Diagnostic.Remedy] = []
  /// Whether the changed model is what the file should have held; the recording is at fault otherwise.
  package var repairsModel = true
  /// The change; nil where it concerns nothing in the model.
  package var apply: @Sendable (Trial) throws(CheckpointError) -> Trial?

  /// Both changes, this one first.
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

/// A change of a cell; nil where it concerns nothing in it.
typealias CellChange = @Sendable (RecurrentCell) throws(CheckpointError) -> RecurrentCell?
/// A change of a recurrent layer; nil where it concerns nothing in it.
typealias RecurrentChange = @Sendable (Recurrent) throws(CheckpointError) -> Recurrent?

extension Hypothesis {
  /// A change of the recurrent layers of `scope`.
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

  /// A change of the cells of `scope`, those of stacks one by one.
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
  /// This cell with `change` applied to it, or to every cell of a stack; nil if none is concerned.
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
  package static let likelyGateOrder = Self(rawValue: "verify.likely.gate-order")
  package static let likelyKernelTransposed = Self(rawValue: "verify.likely.kernel-transposed")
  package static let likelyKernelReshaped = Self(rawValue: "verify.likely.kernel-reshaped")
  package static let likelyBias = Self(rawValue: "verify.likely.bias")
  package static let likelyForgetBias = Self(rawValue: "verify.likely.forget-bias")
  package static let likelyResetPlacement = Self(rawValue: "verify.likely.reset-placement")
  package static let likelyUpdateGate = Self(rawValue: "verify.likely.update-gate")
  package static let likelyActivation = Self(rawValue: "verify.likely.activation")
  package static let likelyDirection = Self(rawValue: "verify.likely.direction")
  package static let likelyLayerOrder = Self(rawValue: "verify.likely.layer-order")
  package static let likelyAxes = Self(rawValue: "verify.likely.axes")
  package static let likelyMask = Self(rawValue: "verify.likely.mask")
  package static let likelyInitialState = Self(rawValue: "verify.likely.initial-state")
  package static let likelyRounding = Self(rawValue: "verify.likely.rounding")
}

extension Hypothesis.Kind {
  /// The code of the finding that names it.
  package var code: Diagnostic.Code {
    switch self {
    case .gateOrder: .likelyGateOrder
    case .kernelTransposed: .likelyKernelTransposed
    case .kernelReshaped: .likelyKernelReshaped
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
    }
  }
}
