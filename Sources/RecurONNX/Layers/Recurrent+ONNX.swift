import RecurModel
import RecurTensors

extension Recurrent: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let masked = ONNXMaskedTimesteps(call, &graph)
    let (sequence, states) = try run(
      call, masked, initial: call.initialState, part: "", &graph)
    let output =
      returnsSequence
      ? processed(sequence, masked, call.initialState, &graph)
      : last(states, masked, call.initialState, &graph)
    return [output] + (returnsState ? states : [])
  }

  /// The cell over the timesteps that count.
  ///
  /// - Returns: its outputs in the order of time, and its final states.
  func run(
    _ call: ONNXLayerCall, _ masked: ONNXMaskedTimesteps?, initial: [ONNXValue], part: String,
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> (sequence: ONNXValue, states: [ONNXValue]) {
    try checkKept(call)
    var x = call.floating(&graph)
    if let masked { x = masked.compact(x, &graph) }
    let own = ONNXSequenceCall(
      x: x, lengths: masked?.lengths, initial: initial.map { graph.cast($0, to: call.type) },
      isBackward: direction == .backward, part: part, call: call)
    let result = try cell.onnx.sequence(own, &graph)
    let states = masked?.states(result.states, own.initial, &graph) ?? result.states
    return (result.outputs, states)
  }

  /// Refuses a state that is kept between calls.
  func checkKept(_ call: ONNXLayerCall) throws(CheckpointError) {
    // A state that is given in every call wins over the kept one.
    guard !isStateful || !call.initialState.isEmpty && !keptStateWins else {
      throw call.unrepresentable("keeps its state between calls, and a graph of ONNX keeps nothing")
        .advising("write its states as inputs and outputs, with \(.states)")
    }
  }

  /// The outputs of all timesteps in the order of processing.
  func processed(
    _ sequence: ONNXValue, _ masked: ONNXMaskedTimesteps?, _ initial: [ONNXValue],
    _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    let y = timed(sequence, masked, initial, &graph)
    return direction == .backward ? graph.reversed(y, axis: 1) : y
  }

  /// The outputs of all timesteps in the order of time, those that don't count among them.
  func timed(
    _ sequence: ONNXValue, _ masked: ONNXMaskedTimesteps?, _ initial: [ONNXValue],
    _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    guard let masked else { return sequence }
    return masked.spread(
      sequence, units: cell.units, maskedOutput, isBackward: direction == .backward,
      shown: initial.isEmpty ? nil : initial[shownState], &graph)
  }

  /// The output of the last timestep that is processed.
  func last(
    _ states: [ONNXValue], _ masked: ONNXMaskedTimesteps?, _ initial: [ONNXValue],
    _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    let output = states[shownState]
    guard let masked else { return output }
    return masked.last(
      output, maskedOutput, isBackward: direction == .backward,
      hasInitial: !initial.isEmpty, &graph)
  }

  /// The index of the state that is the output: h of the top cell.
  private var shownState: Int {
    cell.stateSizes.count - (cell.cells.last?.stateSizes.count ?? cell.stateSizes.count)
  }
}
