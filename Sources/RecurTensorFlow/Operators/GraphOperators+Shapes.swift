import RecurModel
import RecurTensors

// Elements in another shape or order, and what shapes are made of.
extension GraphOperators {
  static let shapes: [GraphOperatorRow] = [
    GraphOperatorRow("Reshape") { call, builder throws(CheckpointError) in
      let target = try call.sizes(1, builder)
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        guard target.elements.count <= 1, target.elements.count == 1 || own.elements.count == 1
        else { throw call.problem("gives sizes another shape", builder) }
        return [GraphSizes(own.elements, isSingle: target.elements.isEmpty).value]
      }
      return [try builder.reshaped(call.array(0, builder), target.elements)]
    },
    GraphOperatorRow("Transpose") { call, builder throws(CheckpointError) in
      [try builder.permuted(call.array(0, builder), call.integers(1, builder))]
    },
    GraphOperatorRow("ExpandDims") { call, builder throws(CheckpointError) in
      let axis = try call.integer(1, builder)
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        guard own.isSingle, [0, -1].contains(axis) else {
          throw call.problem("gives sizes another shape", builder)
        }
        return [GraphSizes(own.elements).value]
      }
      return [try builder.insertingAxis(call.array(0, builder), axis)]
    },
    GraphOperatorRow("Squeeze") { call, builder throws(CheckpointError) in
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        guard own.elements.count == 1 else {
          throw call.problem("takes one of several sizes", builder)
        }
        return [GraphSizes(own.elements, isSingle: true).value]
      }
      let x = try call.array(0, builder)
      let axes = try call.node.integers("squeeze_dims") ?? []
      let shape = try builder.extents(x)
      for given in axes {
        let axis = try builder.axis(given, of: x)
        guard shape[axis].value ?? 1 == 1 else {
          throw call.problem("removes axis \(axis) of \(text(shape))", builder)
        }
      }
      guard !axes.isEmpty || !shape.contains(where: { $0.value == nil }) else {
        throw call.problem(
          "removes the axes of extent 1 of \(text(shape)), which depend on the call", builder)
      }
      return [try builder.squeezed(x, axes.isEmpty ? nil : axes)]
    },
    GraphOperatorRow("Shape") { call, builder throws(CheckpointError) in
      [try GraphSizes(sizes(of: call[0], call, builder)).value]
    },
    GraphOperatorRow("ShapeN") { call, builder throws(CheckpointError) in
      var results: [GraphValue] = []
      for value in call.inputs {
        results.append(try GraphSizes(sizes(of: value, call, builder)).value)
      }
      return results
    },
    GraphOperatorRow("Rank") { call, builder throws(CheckpointError) in
      [.integer(try sizes(of: call[0], call, builder).count)]
    },
    GraphOperatorRow("Size") { call, builder throws(CheckpointError) in
      let sizes = try sizes(of: call[0], call, builder)
      return [
        GraphSizes([sizes.reduce(.fixed(1)) { $0.times($1) }], isSingle: true).value
      ]
    },
    GraphOperatorRow("Fill") { call, builder throws(CheckpointError) in
      let value = try call.weight(1, builder)
      guard value.array.count == 1 else { throw call.problem("fills with an array", builder) }
      return [
        .known(
          try KnownArray(
            repeating: value.array.doubles()[0], value.type,
            shape: call.sizes(0, builder).elements))
      ]
    },
    filled("ZerosLike", 0), filled("OnesLike", 1),
    GraphOperatorRow("Range") { call, builder throws(CheckpointError) in
      let (start, stop) = (try call.integer(0, builder), try call.sizes(1, builder))
      let step = try call.integer(2, builder)
      guard let end = stop.elements.first, step != 0 else {
        throw call.problem("has no end", builder)
      }
      guard let last = end.value else {
        guard start == 0, step == 1 else {
          throw call.problem("of free extents from \(start) in steps of \(step)", builder)
        }
        return [.range(end)]
      }
      let numbers = stride(from: start, to: last, by: step).prefix(4_097).map { Double($0) }
      guard numbers.count <= 4_096 else {
        throw builder.problem("\(call.subject) makes too many numbers", code: .limitExceeded)
      }
      return [.known(KnownArray(try Tensor.numbers(numbers, .int32, shape: [numbers.count])))]
    },
    GraphOperatorRow("BroadcastTo") { call, builder throws(CheckpointError) in
      [try builder.expanded(call.array(0, builder), to: call.sizes(1, builder).elements)]
    },
    GraphOperatorRow("Tile") { call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      let counts = try call.sizes(1, builder).elements
      let shape = try builder.extents(x)
      guard counts.count == shape.count else {
        throw call.problem("has not one number per axis", builder)
      }
      x = try builder.expanded(x, to: zip(shape, counts).map { $0 == .fixed(1) ? $1 : $0 })
      for (axis, count) in counts.enumerated() where shape[axis] != .fixed(1) && count != .fixed(1)
      {
        guard let count = count.value, 1...4_096 ~= count else {
          throw call.problem("repeats an axis \(count) times", builder)
        }
        x = try builder.concatenated([GraphValue](repeating: x, count: count), axis: axis)
      }
      return [x]
    },
    GraphOperatorRow("OneHot") { call, builder throws(CheckpointError) in
      let (on, off) = (try call.weight(2, builder), try call.weight(3, builder))
      let depth = try call.integer(1, builder)
      guard on.array.count == 1, off.array.count == 1, on.array.doubles()[0] == 1,
        off.array.doubles()[0] == 0, [-1, nil].contains(call.node.integer("axis")),
        1...(1 << 20) ~= depth
      else {
        throw call.problem("marks with other numbers than 0 and 1, or along another axis", builder)
      }
      let x = try builder.computed(call.array(0, builder))
      let rank = try builder.extents(.computed(x)).count
      return [try builder.apply(.oneHot(OneHot(count: depth, axis: rank)), x)]
    },
  ]

  /// The extents of an array; those of a list of sizes are how many there are.
  private static func sizes(
    of value: GraphValue, _ call: OperatorCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Dimension] {
    if value.isSymbolic, let own = GraphSizes(value) {
      return own.isSingle ? [] : [.fixed(own.elements.count)]
    }
    guard let shape = builder.shape(value) else {
      throw call.problem("of \(value.title)", builder)
    }
    return shape
  }

  private static func filled(_ name: String, _ number: Double) -> GraphOperatorRow {
    GraphOperatorRow(name) { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      return [
        .known(
          try KnownArray(
            repeating: number, builder.type(x) ?? .float32, shape: builder.extents(x)))
      ]
    }
  }
}
