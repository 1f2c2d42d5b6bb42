import RecurModel
import RecurTensors

extension Einsum {
  /// The layer's engine form; nil for more operands than lines have arrays.
  var engine: (any EngineLayer)? {
    (parsed?.operandCount ?? 0) <= 3 ? EngineEinsum(layer: self) : nil
  }
}

private struct EngineEinsum: EngineLayer {
  let layer: Einsum

  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedEinsum(layer: layer, matrix: matrix(&packing), kernel: layer.kernel?.floats() ?? [])
  }

  /// The kernel as a matrix; nil for a kernel that shares an axis with the input and the output.
  private func matrix(_ packing: inout LayerPacking) -> PackedMatrix? {
    // The groups of the kernel's axes do not depend on the number of axes without letters.
    guard let kernel = layer.kernel,
      let axes = (0...8).lazy.compactMap({ layer.parsed?.axes(ranks: [$0, kernel.rank]) }).first,
      let contraction = Contraction(axes), contraction.shared.isEmpty
    else { return nil }
    var shape: [Int] = []
    let order = contraction.secondOrder(isTransposed: true)
    for axis in order { shape.append(kernel.shape[axis]) }
    let units = shape.prefix(contraction.columns.count).reduce(1, *)
    let inputs = shape.dropFirst(contraction.columns.count).reduce(1, *)
    guard units > 0, inputs > 0 else { return nil }
    return packing.shared([kernel], [], "contraction \(order)") {
      let numbers = Values<Float>(kernel)
      let strides = numbers.strides
      let rows = numbers.gathered(shape, strides: order.map { strides[$0] })
      return PackedMatrix(
        rows.elements, units: units, inputs: inputs, bias: nil, .linear, $0)
    }
  }
}

private struct PackedEinsum: PlannedLayer {
  typealias Axis = Einsum.Equation.Axis

  let layer: Einsum
  let matrix: PackedMatrix?
  let kernel: [Float]

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    var operands = call.inputs
    if let kernel = layer.kernel {
      let memory = FloatMemory(self.kernel)
      planner.hold(memory)
      operands.append(Workspace.Value(buffer: memory.buffer, shape: kernel.shape))
    }
    guard let axes = layer.parsed?.axes(ranks: operands.map(\.shape.count)) else {
      throw CheckpointError(
        .inputShape, "'\(call.step.node.layerName)' can't take its inputs",
        at: call.step.node.location, expected: "the axes of \(layer.equation)",
        found: operands.map { shapeText($0.shape) }.joined(separator: ", "))
    }
    var extents: [Axis: Int] = [:]
    for (axis, extent) in zip(axes.operands.joined(), operands.map(\.shape).joined()) {
      extents[axis] = max(extents[axis] ?? 1, extent)
    }
    let shape = axes.output.map { extents[$0] ?? 1 }
    let isHalved = layer.activation == .glu
    let y = Workspace.Value(
      buffer: isHalved ? planner.temporary(shape.reduce(1, *)) : call.y.buffer, shape: shape)
    let isRepeated = zip(axes.operands.joined(), operands.map(\.shape).joined())
      .contains { extents[$0] != $1 }
    if let contraction = Contraction(axes), !isRepeated {
      if let matrix {
        multiply(&planner, matrix, contraction, operands[0], into: y)
      } else {
        planner.contract(contraction, extents, operands, into: y)
      }
    } else {
      sum(&planner, axes, extents, operands, into: y)
    }
    if let bias = layer.bias {
      let memory = FloatMemory(bias.floats())
      planner.hold(memory)
      planner.combine(
        y, Workspace.Value(buffer: memory.buffer, shape: bias.shape), into: y
      ) { $0 + $1 }
    }
    if layer.activation != .linear {
      planner.activate(
        y.buffer, width: y.width, layer.activation, into: call.y.buffer)
    }
  }

  /// Plans the product with the packed kernel.
  private func multiply(
    _ planner: inout WorkspacePlanner, _ matrix: PackedMatrix, _ contraction: Contraction,
    _ x: Workspace.Value, into y: Workspace.Value
  ) {
    let a = planner.permuted(x, contraction.firstOrder)
    let order = contraction.outputOrder
    let isDirect = order == Array(order.indices)
    let results = isDirect ? y.buffer : planner.temporary(y.buffer.count)
    planner.multiply(
      matrix, a.buffer, stride: matrix.inputs, into: results, stride: matrix.units,
      rows: a.buffer.count / matrix.inputs)
    if !isDirect { planner.reorder(results, order, into: y) }
  }

  /// Plans sums of products element by element, in Double.
  private func sum(
    _ planner: inout WorkspacePlanner, _ axes: (operands: [[Axis]], output: [Axis]),
    _ extents: [Axis: Int], _ operands: [Workspace.Value], into y: Workspace.Value
  ) {
    let summed = extents.keys.filter { !axes.output.contains($0) }.sorted { "\($0)" < "\($1)" }
    func strides(_ group: [Axis]) -> [[Int]] {
      zip(operands, axes.operands).map { value, own in
        let all = rowMajorStrides(value.shape)
        return group.map { axis in
          own.indices.reduce(0) { sum, place in
            own[place] == axis && value.shape[place] > 1 ? sum + all[place] : sum
          }
        }
      }
    }
    let outer = StridedLines(y.shape, [rowMajorStrides(y.shape)] + strides(axes.output))
    let inner = StridedLines(
      summed.map { extents[$0] ?? 1 }, [[Int](repeating: 0, count: summed.count)] + strides(summed))
    let (buffers, target) = (operands.map(\.buffer), y.buffer)
    let (steps, innerSteps) = (outer.steps, inner.steps)
    planner.act(
      over: outer, of: [y.buffer], cost: inner.count * inner.length * buffers.count
    ) { start, count, _ in
      for index in 0..<count {
        let place = start &+ steps &* StridedLines.Offsets(repeating: index)
        var sum = 0.0
        inner.forEach(0..<inner.count) { line in
          for i in 0..<inner.length {
            let at = place &+ line &+ innerSteps &* StridedLines.Offsets(repeating: i)
            var term = 1.0
            for operand in buffers.indices { term *= Double(buffers[operand][at[operand + 1]]) }
            sum += term
          }
        }
        target[place[0]] = Float(sum)
      }
    }
  }
}
