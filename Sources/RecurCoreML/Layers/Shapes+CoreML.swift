import RecurModel
import RecurTensors

// Layers that move elements, and those that make one number of many.

extension Selection: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard call.node.mask == nil else { throw call.unrepresentable("reads a mask") }
    return [graph.selected(call.x, axis: axis, index)]
  }
}

extension Slicing: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    var x = call.x
    let isWhole = { (part: Part) in part.start == nil && part.stop == nil && part.step == -1 }
    for part in parts.filter(isWhole) { x = graph.reversed(x, axis: part.axis) }
    let rest = parts.filter { !isWhole($0) }
    guard rest.allSatisfy({ $0.step > 0 }) else {
      throw call.unrepresentable("reads a part of an axis backwards")
    }
    return [rest.isEmpty ? x : graph.sliced(x, rest, shape: call.shapes[0])]
  }
}

extension Reshaping: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let x = call.x
    switch self {
    case .permute(let axes): return [graph.permuted(x, [0] + axes, isMain: true)]
    case .exchangeBatchAndTime: return [graph.exchanged(x)]
    case .insertAxis(let position): return [graph.insertingAxes(x, [position])]
    case .flatten, .reshape, .reshapeAll: return [try reshaped(call, &graph)]
    case .repeatVector(let count):
      return [
        graph.apply(
          "tile",
          [("x", .value(graph.insertingAxes(x, [1]))), ("reps", .ints([1, count, 1]))],
          shape: call.shapes[0], as: x.type)
      ]
    case .crop(let margins):
      let parts = margins.enumerated().filter { $1.total > 0 }.map { axis, margin in
        Slicing.Part(
          axis: axis + 1, start: margin.before, stop: margin.after == 0 ? nil : -margin.after)
      }
      return [parts.isEmpty ? x : graph.sliced(x, parts, shape: call.shapes[0])]
    case .pad, .upsample:
      throw call.unrepresentable("is not written as operations of Core ML")
    }
  }

  /// Another shape, of which at most one free extent is no extent of x.
  private func reshaped(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> MILWritten {
    let (x, wanted) = (call.x, call.shapes[0])
    guard !wanted.isEmpty else { throw call.unrepresentable("makes a number without axes") }
    let shape: MILArgument
    if wanted.count(where: { $0.value == nil }) <= 1 {
      shape = .ints(wanted.map { $0.value ?? -1 })
    } else {
      var (places, fixed, rest): ([(value: MILWritten, axis: Int)?], [Int], Int) = ([], [], 0)
      for extent in wanted {
        let axis = extent.value == nil ? x.shape.firstIndex(of: extent) : nil
        places.append(axis.map { (x, $0) })
        fixed.append(extent.value ?? -1)
        if extent.value == nil, axis == nil { rest += 1 }
      }
      guard rest <= 1 else {
        throw call.unrepresentable("makes several free extents that no input has")
      }
      shape = .value(graph.extents(places, fixed))
    }
    return graph.apply(
      "reshape", [("x", .value(x)), ("shape", shape)], shape: wanted, as: x.type, isMain: true)
  }
}

extension TimeDistributed: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    // What treats every position alike needs no other shape.
    guard case .kept = inner.traits.leadingAxes, !inner.traits.readsTokens else {
      throw call.unrepresentable("applies a layer that does not treat all positions alike")
    }
    return try inner.coreML.results(call, &graph)
  }
}

extension Reduction: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard call.node.mask == nil else { throw call.unrepresentable("reads a mask") }
    let names: [Function: String] = [
      .sum: "reduce_sum", .mean: "reduce_mean", .maximum: "reduce_max", .minimum: "reduce_min",
      .product: "reduce_prod", .logSumExp: "reduce_log_sum_exp", .l2Norm: "reduce_l2_norm",
    ]
    guard let name = names[function] else {
      throw call.unrepresentable("is a number for which Core ML has no operation")
    }
    guard keepsAxes || axes.count < call.rank else {
      throw call.unrepresentable("makes a number without axes")
    }
    let x = call.floating(&graph)
    return [
      graph.apply(
        name, [("x", .value(x)), ("axes", .ints(axes)), ("keep_dims", .flag(keepsAxes))],
        shape: call.shapes[0], as: x.type)
    ]
  }
}

extension MatrixProduct: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let both = call.operands(allOperands, as: call.type, &graph)
    guard both.allSatisfy({ $0.rank > 1 }) else {
      throw call.unrepresentable("multiplies vectors")
    }
    return [
      graph.apply(
        "matmul",
        [
          ("x", .value(both[0])), ("y", .value(both[1])), ("transpose_x", .flag(false)),
          ("transpose_y", .flag(false)),
        ], shape: call.shapes[0], as: call.type)
    ]
  }
}
