import RecurModel
import RecurTensors

// Elements in another shape or order; extents as numbers.
extension MILOperators {
  static let shapes: [MILOperator] = [
    MILOperator("transpose", "x perm") { call, builder throws(CheckpointError) in
      [try builder.permuted(call.array("x", builder), call.ints("perm", builder))]
    },
    MILOperator("expand_dims", "x axes") { call, builder throws(CheckpointError) in
      if let size = call["x"].dimension { return [GraphSizes([size]).value] }
      var x = try call.array("x", builder)
      let axes = try call.ints("axes", builder)
      let rank = try builder.extents(x).count + axes.count
      guard let all = positions(of: axes, rank: rank) else {
        throw call.problem("makes the axes \(axes)", builder)
      }
      for axis in all.sorted() { x = try builder.insertingAxis(x, axis) }
      return [x]
    },
    MILOperator("squeeze", "x axes") { call, builder throws(CheckpointError) in
      let axes = call.has("axes") ? try call.ints("axes", builder) : nil
      if let sizes = GraphSizes(call["x"]), call["x"].isSymbolic, sizes.elements.count == 1 {
        return [.size(sizes.elements[0])]
      }
      return [try builder.squeezed(call.array("x", builder), axes)]
    },
    MILOperator("reshape", "x shape") { call, builder throws(CheckpointError) in
      guard let target = GraphSizes(call["shape"]) else {
        throw call.problem("has \(call["shape"].title) for 'shape'", builder)
      }
      let x = try call.array("x", builder)
      let extents = try builder.extents(x)
      // An extent of 0 keeps that of x.
      let wanted = target.elements.enumerated().map { axis, extent in
        extent == .fixed(0) && extents.indices.contains(axis) ? extents[axis] : extent
      }
      return [try builder.reshaped(x, wanted)]
    },
    MILOperator("shape", "x") { call, builder throws(CheckpointError) in
      [GraphSizes(try builder.extents(call.array("x", builder))).value]
    },
    MILOperator("fill", "shape value") { call, builder throws(CheckpointError) in
      guard let target = GraphSizes(call["shape"]),
        target.elements.allSatisfy({ 0...(1 << 40) ~= $0.value ?? 0 })
      else { throw call.problem("has \(call["shape"].title) for 'shape'", builder) }
      let value = call["value"]
      let type = builder.type(value) ?? .float32
      return [
        .known(
          try KnownArray(
            repeating: call.number("value", builder, default: 0), type, shape: target.elements))
      ]
    },
    MILOperator("tile", "x reps") { call, builder throws(CheckpointError) in
      var x = try call.array("x", builder)
      let counts = try call.ints("reps", builder)
      guard try counts.count == builder.extents(x).count, counts.allSatisfy({ 1...4096 ~= $0 })
      else { throw call.problem("repeats \(counts) times", builder) }
      for (axis, count) in counts.enumerated() where count > 1 {
        x = try builder.concatenated([GraphValue](repeating: x, count: count), axis: axis)
      }
      return [x]
    },
    MILOperator("reverse", "x axes") { call, builder throws(CheckpointError) in
      var x = try call.array("x", builder)
      let axes =
        call.has("axes")
        ? try call.ints("axes", builder) : Array(try builder.extents(x).indices)
      for axis in axes { x = try builder.sliced(x, axis: axis, from: nil, to: nil, step: -1) }
      return [x]
    },
  ]
}
