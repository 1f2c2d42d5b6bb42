import RecurModel
import RecurTensors

extension Bidirectional: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let masked = ONNXMaskedTimesteps(call, &graph)
    let count = forward.cell.stateSizes.count
    let initial =
      call.initialState.isEmpty
      ? [[], []]
      : [Array(call.initialState.prefix(count)), Array(call.initialState.dropFirst(count))]
    let both = try together(call, masked, initial, &graph)
    let (one, other): (ONNXSequence, ONNXSequence)
    if let both {
      (one, other) = (both.directions[0], both.directions[1])
    } else {
      one = try single(forward, call, masked, initial[0], "forward", &graph)
      other = try single(backward, call, masked, initial[1], "backward", &graph)
    }
    let states = forward.returnsState ? one.states + other.states : []
    // Where nothing has to be moved, the operator's own outputs are the concatenated ones.
    let isPlain =
      masked == nil
      || call.lengths != nil && forward.maskedOutput == .zero
        && backward.maskedOutput == .zero
    if let both, isPlain, mergeMode == .concatenate, forward.returnsSequence,
      backward.returnsSequence
    {
      return [both.joined] + states
    }
    let first =
      forward.returnsSequence
      ? forward.processed(one.outputs, masked, initial[0], &graph)
      : forward.last(one.states, masked, initial[0], &graph)
    let second: ONNXValue
    if backward.returnsSequence {
      let y = backward.timed(other.outputs, masked, initial[1], &graph)
      // The order of processing, reversed.
      second = backward.direction == .backward ? y : graph.reversed(y, axis: 1)
    } else {
      second = backward.last(other.states, masked, initial[1], &graph)
    }
    return merged(first, second, &graph) + states
  }

  private func merged(
    _ one: ONNXValue, _ other: ONNXValue, _ graph: inout ONNXGraphWriter
  ) -> [ONNXValue] {
    switch mergeMode {
    case nil: return [one, other]
    case .concatenate: return [graph.concatenated([one, other], axis: -1)]
    case .sum: return [graph.add(one, other)]
    case .multiply: return [graph.multiply(one, other)]
    case .average: return [graph.divide(graph.add(one, other), 2)]
    }
  }

  private func single(
    _ layer: Recurrent, _ call: ONNXLayerCall, _ masked: ONNXMaskedTimesteps?,
    _ initial: [ONNXValue], _ part: String, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence {
    let (sequence, states) = try layer.run(call, masked, initial: initial, part: part, &graph)
    return ONNXSequence(outputs: sequence, states: states)
  }

  /// Both directions in one operator; nil when the operator can't hold both.
  private func together(
    _ call: ONNXLayerCall, _ masked: ONNXMaskedTimesteps?, _ initial: [[ONNXValue]],
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> (joined: ONNXValue, directions: [ONNXSequence])? {
    try forward.checkKept(call)
    try backward.checkKept(call)
    guard forward.direction == .forward, backward.direction == .backward,
      // What no operator has is written for each direction.
      let one = try? forward.cell.onnx.form(call), let other = try? backward.cell.onnx.form(call),
      one.isLike(other)
    else { return nil }
    var x = call.floating(&graph)
    if let masked { x = masked.compact(x, &graph) }
    let own = ONNXSequenceCall(
      x: x, lengths: masked?.lengths, initial: [], isBackward: false, part: "", call: call)
    var both = try graph.bidirectional(
      [one, other], own, initial: initial)
    for direction in 0..<2 {
      let begin = initial[direction].map { graph.cast($0, to: call.type) }
      both.directions[direction].states =
        masked?.states(both.directions[direction].states, begin, &graph)
        ?? both.directions[direction].states
    }
    return both
  }
}
