import RecurModel
import RecurTensors

extension WorkspacePlanner {
  /// One layer computed by the reference's code in Float: those that round to 16 bits after each
  /// operation, attention, and products of two inputs.
  mutating func planReference(_ call: Call) throws(CheckpointError) {
    let step = call.step
    let rows = call.x.shape[0] * (step.node.layer.isTimeDistributed ? call.x.shape[1] : 1)
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

extension Layer {
  fileprivate var isTimeDistributed: Bool {
    if case .timeDistributed = self { true } else { false }
  }
}

extension Workspace.Value {
  fileprivate var values: Values<Float> { Values(shape: shape, elements: buffer.array) }
}
