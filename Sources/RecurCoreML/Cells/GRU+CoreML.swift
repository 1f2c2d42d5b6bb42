import RecurModel
import RecurTensors

// `gru` is not written: what it computes is not certain, and a batch above 1 is reported to be wrong.
extension GRU: CoreMLCell {
  func operation(_ call: CoreMLLayerCall) throws(CheckpointError) -> CoreMLRecurrentForm? { nil }

  func step(
    _ x: MILWritten, _ states: [MILWritten], _ own: CoreMLSequenceCall,
    _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let (h, layout) = (states[0], CoreMLLayouts.steps)
    let (inputs, recurrent) = try weights.biases(layout)
    let x = graph.split(
      graph.gates(x, try layout.pack(weights.kernel), inputs, "weight_ih", own), axis: 1,
      count: 3)
    func gate(_ sum: MILWritten) throws(CheckpointError) -> MILWritten {
      try graph.activated(sum, recurrentActivation, own.call)
    }
    let (z, candidate): (MILWritten, MILWritten)
    switch resetPlacement {
    case .afterProduct:
      let u = graph.split(
        graph.gates(
          h, try layout.pack(weights.recurrentKernel), recurrent, "weight_hh", own), axis: 1,
        count: 3)
      let r = try gate(graph.add(x[0], u[0]))
      z = try gate(graph.add(x[1], u[1]))
      candidate = graph.add(x[2], graph.multiply(r, u[2]))
    case .beforeProduct:
      func product(_ gate: GRUGate, _ value: MILWritten) throws(CheckpointError) -> MILWritten {
        var bias: Tensor?
        if case .split(_, let own) = weights.bias { bias = own[gate] }
        return graph.gates(
          value, weights.recurrentKernel[gate], bias, "weight_hh_\(gate)", own)
      }
      let r = try gate(graph.add(x[0], product(.reset, h)))
      z = try gate(graph.add(x[1], product(.update, h)))
      candidate = graph.add(x[2], try product(.candidate, graph.multiply(r, h)))
    }
    let n = try graph.activated(candidate, activation, own.call)
    let rest = graph.subtract(graph.number(1, z.type), z)
    return [graph.add(graph.multiply(rest, n), graph.multiply(z, h))]
  }
}
