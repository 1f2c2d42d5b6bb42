import RecurModel
import RecurTensors

extension ConvolutionalRecurrent: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard let timesteps = call.shapes[0][1].value, timesteps <= 64 else {
      throw call.unrepresentable(
        "convolves in a loop over the timesteps, which ONNX has as a graph in a Scan",
        hint: "fix the number of timesteps of the input, to 64 at most")
    }
    var (h, c): (ONNXValue?, ONNXValue?)
    var outputs: [ONNXValue] = []
    var frame = call
    frame.shapes = [[call.shapes[0][0]] + call.shapes[0].dropFirst(2)]
    let x = call.floating(&graph)
    for step in 0..<timesteps {
      let index = direction == .forward ? step : timesteps - 1 - step
      let own = graph.channelsFirst(graph.selected(x, axis: 1, index), call.rank - 1)
      func gate(
        _ gate: LSTMGate, _ function: Activation
      ) throws(CheckpointError) -> ONNXValue {
        var sum = try inputConvolution(gate).convolved(own, role: "\(gate).", frame, &graph)
        if let h {
          // A convolution that keeps the extents depends on none.
          sum = graph.add(
            sum, try stateConvolution(gate).convolved(h, role: "\(gate).state.", frame, &graph))
        }
        return try graph.activated(sum, function, call)
      }
      let i = try gate(.input, recurrentActivation)
      let f = try gate(.forget, recurrentActivation)
      let (g, o) = (try gate(.cell, activation), try gate(.output, recurrentActivation))
      let new = graph.multiply(i, g)
      let next = c.map { graph.add(graph.multiply(f, $0), new) } ?? new
      let shown = graph.multiply(o, try graph.activated(next, activation, call))
      (h, c) = (shown, next)
      outputs.append(graph.channelsLast(shown, call.rank - 1))
    }
    guard let c, let last = outputs.last else { throw call.unrepresentable("has no timesteps") }
    let first =
      returnsSequence
      ? graph.concatenated(outputs.map { graph.insertingAxes($0, [1]) }, axis: 1) : last
    return [first]
      + (returnsState ? [last, graph.channelsLast(c, call.rank - 1)] : [])
  }
}
