import RecurModel
import RecurTensors

extension Einsum: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var operands = call.inputs
    if let kernel {
      operands.append(Values(shape: kernel.shape, elements: call.weights(kernel)))
    }
    guard let axes = parsed?.axes(ranks: operands.map(\.shape.count)) else {
      throw CheckpointError(
        .inputShape, "'\(call.node.layerName)' can't take its inputs", at: call.node.location,
        expected: "the axes of \(equation)",
        found: operands.map { shapeText($0.shape) }.joined(separator: ", "))
    }
    var extents: [Equation.Axis: Int] = [:]
    for (axis, extent) in zip(axes.operands.joined(), operands.map(\.shape).joined()) {
      extents[axis] = max(extents[axis] ?? 1, extent)
    }
    // The axes of the output, followed by those that are summed over.
    let summed = extents.keys.filter { !axes.output.contains($0) }.sorted { "\($0)" < "\($1)" }
    let all = axes.output + summed
    let shape = all.map { extents[$0] ?? 1 }
    var y = Values<Scalar>(shape: Array(shape.prefix(axes.output.count)))
    var cursors = zip(operands, axes.operands).map { value, own in
      StridedOffsets(
        shape: shape,
        strides: all.map { axis in
          zip(own, zip(value.strides, value.shape)).reduce(0) { sum, next in
            next.0 == axis && next.1.1 > 1 ? sum + next.1.0 : sum
          }
        })
    }
    let inner = shape.dropFirst(axes.output.count).reduce(1, *)
    for position in y.elements.indices {
      var sum: Scalar = 0
      for _ in 0..<inner {
        var term: Scalar = 1
        for index in cursors.indices {
          term *= operands[index].elements[cursors[index].offset]
          cursors[index].advance()
        }
        sum += term
      }
      y.elements[position] = sum
    }
    if let bias {
      let values = Values<Scalar>(shape: bias.shape, elements: call.weights(bias))
      y = y.rounded(to: call.precision).combined(with: values.broadcast(to: y.shape), +)
    }
    return [y.activated(activation)]
  }

  /// With a kernel, timesteps stay apart on an axis that the kernel does not have.
  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let kernel, let rank = flow.rank(call.node), let axis = call.x.axis,
      let axes = parsed?.axes(ranks: [rank, kernel.rank])
    else { return flow.mixed(call.node) }
    let (time, batch) = (axes.operands[0][axis], axes.operands[0][call.x.batchAxis])
    guard !axes.operands[1].contains(time), !axes.operands[1].contains(batch),
      let newTime = axes.output.firstIndex(of: time),
      let newBatch = axes.output.firstIndex(of: batch)
    else { return flow.mixed(call.node) }
    var result = call.x.changed
    (result.axis, result.batchAxis) = (newTime, newBatch)
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
