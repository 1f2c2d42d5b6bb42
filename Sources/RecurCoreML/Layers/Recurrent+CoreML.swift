import RecurModel
import RecurTensors

extension Recurrent: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let own = CoreMLSequenceCall(
      x: graph.exchanged(call.floating(&graph)),
      initial: call.initialState.map { graph.cast($0, to: call.type) }, part: "", call: call)
    let made = try run(own, &graph)
    let output = returnsSequence ? graph.exchanged(made.outputs) : made.states[0]
    return [output] + (returnsState ? made.states : [])
  }

  /// The cell over a sequence that has the timesteps first, in the order of processing.
  func run(
    _ own: CoreMLSequenceCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> CoreMLWrittenSequence {
    try check(own.call)
    var own = own
    // Reversed by an operation of its own, so that no order of results is left open.
    if direction == .backward { own.x = graph.reversed(own.x, axis: 0) }
    return try graph.recurrent(cell, own)
  }

  /// Refuses a state that is kept between calls, and a mask.
  func check(_ call: CoreMLLayerCall) throws(CheckpointError) {
    // A state that is given in every call wins over the kept one.
    guard !isStateful || !call.initialState.isEmpty && !keptStateWins else {
      throw call.unrepresentable(
        "keeps its state between calls, and states of Core ML have 16 bits"
      ).advising("write its states as inputs and outputs, with \(.states)")
    }
    guard call.node.mask == nil else {
      throw call.unrepresentable("reads a mask, and no recurrent operation of Core ML takes one")
    }
  }
}
