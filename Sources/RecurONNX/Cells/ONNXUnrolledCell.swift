import RecurModel
import RecurTensors

/// A cell whose equations can be written timestep by timestep.
protocol ONNXUnrolledCell: ONNXCell {
  /// The products of all timesteps that do not depend on the state, `[batch, timesteps, gates·units]`.
  func products(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue

  /// The states after a timestep; the first one is the output.
  ///
  /// `products` are those of the timestep, `[batch, gates·units]`, and `states` those before it, `[batch, size]`
  /// each; nil stands for zeros.
  func step(
    _ products: ONNXValue, _ states: [ONNXValue?], _ own: ONNXSequenceCall,
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue]
}

extension ONNXUnrolledCell {
  func sequence(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence {
    let problem: CheckpointError
    do throws(CheckpointError) {
      if let form = try form(own.call) { return try graph.recurrent(form, own) }
      problem = own.call.unrepresentable("has no operator in ONNX")
    } catch {
      problem = error
    }
    return try unrolled(own, &graph, because: problem)
  }

  /// The equations, timestep by timestep, where no operator has them.
  ///
  /// - Throws: `problem` when the number of timesteps is free or large.
  func unrolled(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter, because problem: CheckpointError
  ) throws(CheckpointError) -> ONNXSequence {
    guard let timesteps = own.call.shapes[0][1].value, 1...64 ~= timesteps else {
      throw problem.mapping { finding in
        var copy = finding
        copy.notes.append(
          "with a fixed number of timesteps, 64 at most, its equations would be written")
        return copy
      }
    }
    let sums = try products(own, &graph)
    var states: [ONNXValue?] = own.initial
    var outputs: [Int: ONNXValue] = [:]
    for position in 0..<timesteps {
      let time = own.isBackward ? timesteps - 1 - position : position
      let x = graph.selected(sums, axis: 1, time)
      var next = try step(x, states, own, &graph)
      if states.isEmpty { states = next.map { _ in nil } }
      var shown = next[0]
      if let lengths = own.lengths {
        // Behind its length a sequence keeps its state, and puts out zeros.
        let counts = graph.insertingAxes(
          graph.compare("Greater", lengths, Double(time)), [1])
        let zero = graph.number(0, own.call.type)
        shown = graph.choose(counts, shown, zero)
        next = zip(next, states).map { graph.choose(counts, $0, $1 ?? zero) }
      }
      states = next
      outputs[time] = graph.insertingAxes(shown, [1])
    }
    return ONNXSequence(
      outputs: graph.concatenated(
        (0..<timesteps).compactMap { outputs[$0] }, axis: 1),
      states: states.compactMap { $0 })
  }
}

extension ONNXGraphWriter {
  /// x·Wᵀ + biases, for gates that stand one after the other.
  mutating func linear(
    _ x: ONNXValue, _ kernel: Tensor, _ biases: [Tensor], _ role: String, _ own: ONNXSequenceCall
  ) -> ONNXValue {
    let type = own.call.type
    var y = product(cast(x, to: type), weight(kernel.transposed(), own.role(role), as: type))
    for (index, bias) in biases.enumerated() {
      y = add(y, weight(bias, own.role("\(role).bias\(index == 0 ? "" : "\(index)")"), as: type))
    }
    return y
  }
}
