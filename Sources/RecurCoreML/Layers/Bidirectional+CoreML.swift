import RecurModel
import RecurTensors

extension Bidirectional: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    try forward.check(call)
    try backward.check(call)
    let count = forward.cell.stateSizes.count
    let given = call.initialState.map { graph.cast($0, to: call.type) }
    let x = graph.exchanged(call.floating(&graph))
    let own = CoreMLSequenceCall(
      x: x, initial: Array(given.prefix(count)), part: "forward", call: call)
    var other = own
    (other.initial, other.part) = (Array(given.dropFirst(count)), "backward")
    if let both = try together(own, other, &graph) { return both }
    let (one, two) = (try forward.run(own, &graph), try backward.run(other, &graph))
    let first = forward.returnsSequence ? graph.exchanged(one.outputs) : one.states[0]
    var second = backward.returnsSequence ? graph.exchanged(two.outputs) : two.states[0]
    // The outputs of the backward layer in the order of time.
    if backward.returnsSequence { second = graph.reversed(second, axis: 1) }
    let states = forward.returnsState ? one.states + two.states : []
    return merged(first, second, &graph) + states
  }

  private func merged(
    _ one: MILWritten, _ other: MILWritten, _ graph: inout MILGraphWriter
  ) -> [MILWritten] {
    switch mergeMode {
    case nil: [one, other]
    case .concatenate: [graph.concatenated([one, other], axis: one.rank - 1)]
    case .sum: [graph.add(one, other)]
    case .multiply: [graph.multiply(one, other)]
    case .average: [graph.multiply(graph.add(one, other), by: 0.5)]
    }
  }

  /// Both directions in one operation; nil when the operation can't hold both.
  private func together(
    _ own: CoreMLSequenceCall, _ other: CoreMLSequenceCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten]? {
    guard mergeMode == .concatenate, forward.direction == .forward,
      backward.direction == .backward, forward.returnsSequence == backward.returnsSequence,
      let one = try forward.cell.coreML.operation(own.call),
      let two = try backward.cell.coreML.operation(own.call), one.isLike(two)
    else { return nil }
    var call = own
    call.part = ""
    func pair(_ index: Int) -> MILWritten {
      if own.initial.isEmpty {
        return graph.zeros(
          [own.x.shape[1], .fixed(2 * one.units)], like: own.x, axes: [1, nil], own.call.type)
      }
      return graph.concatenated([own.initial[index], other.initial[index]], axis: 1)
    }
    call.initial = [pair(0), pair(1)]
    let made = graph.operation([one, two], call, direction: "bidirectional")
    let output = forward.returnsSequence ? graph.exchanged(made.outputs) : made.states[0]
    guard forward.returnsState else { return [output] }
    let parts = made.states.map { graph.split($0, axis: 1, count: 2) }
    return [output] + (0..<2).flatMap { direction in parts.map { $0[direction] } }
  }
}
