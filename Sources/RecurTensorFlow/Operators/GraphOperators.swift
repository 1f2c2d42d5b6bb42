import RecurModel
import RecurTensors

/// An operator of TensorFlow: what it is in a model.
struct GraphOperatorRow: Sendable {
  typealias Apply =
    @Sendable (OperatorCall, inout GraphBuilder) throws(CheckpointError) -> [GraphValue]

  /// Its name (tensorflow/core/ops).
  let name: String
  /// The results.
  let apply: Apply

  init(_ name: String, _ apply: @escaping Apply) {
    self.name = name
    self.apply = apply
  }
}

/// The operators of TensorFlow that are read: one row each.
enum GraphOperators {
  /// All rows, by the names of the operators.
  static let table = Dictionary(
    (arithmetic + functions + shapes + parts + joined + products + windows + reductions + blocks)
      .map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })

  /// Operators that hand on their first input.
  static let identities: Set<String> = [
    "Identity", "StopGradient", "PreventGradient", "Snapshot", "CheckNumerics", "EnsureShape",
    "DebugGradientIdentity", "RefIdentity",
  ]

  /// Operators that give what no model needs: what trains it, what saves it, what watches it.
  static let unneeded: Set<String> = [
    "NoOp", "Assert", "SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename", "Assign",
    "AssignAdd", "AssignVariableOp", "VarIsInitializedOp", "IsVariableInitialized",
    "ScalarSummary", "HistogramSummary", "MergeSummary", "ImageSummary", "ControlTrigger",
    "Const", "VariableV2", "Variable", "VarHandleOp", "Placeholder", "PlaceholderV2",
    "PlaceholderWithDefault", "Print", "PrintV2",
  ]
}
