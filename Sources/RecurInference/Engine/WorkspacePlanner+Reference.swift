import RecurModel
import RecurTensors

/// A layer that runs on the reference's code, because the engine has no form for it or because it
/// rounds to 16 bits after each operation.
struct ReferenceRun: PlannedLayer {
  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    try planner.planReference(call)
  }
}

extension WorkspacePlanner {
  /// Plans one layer on the reference's code in Float, including its states.
  mutating func planReference(_ call: Call) throws(CheckpointError) {
    let step = call.step
    let rows = call.x.shape.prefix(step.node.layer.sequenceAxes).reduce(1, *)
    let kept = try keptState(step, rows: rows)
    let isStream = graph.isStream
    act { () throws(CheckpointError) in
      var state = RecurrentState()
      state.isStream = isStream
      if let kept, kept.isSet { state[step.node.layerName] = kept.layer }
      var forward = ReferenceForward<Float>(state: state)
      let results = try forward.outputs(
        of: ReferenceForward<Float>.Call(
          inputs: call.inputs.map(\.values), mask: call.mask?.values,
          initialState: call.initialState.map(\.values), node: step.node))
      for (output, result) in zip(call.outputs, results) {
        output.buffer.copy(result.elements.span)
      }
      if let kept, let layer = forward.state[step.node.layerName] { kept.load(layer) }
    }
  }
}

extension Workspace.Value {
  fileprivate var values: Values<Float> { Values(shape: shape, elements: buffer.array) }
}
