import RecurModel
import RecurTensors

// Operators that give elements another shape, order or type, and compute nothing.
extension ONNXOperators {
  static let shapes: [ONNXOperator] = [
    ONNXOperator("Identity", 1...1) { call, _ throws(CheckpointError) in [call[0]] },
    ONNXOperator("Dropout", 1...3, "ratio seed") { call, builder throws(CheckpointError) in
      guard call[2].isNothing || call[2].double == 0, !call.uses(1) else {
        throw call.problem("draws random numbers", builder)
      }
      return [call[0]]
    },
    ONNXOperator("Cast", 1...1, "to saturate round_mode") { call, builder throws(CheckpointError) in
      let type = try call.type("to", builder, default: 0)
      if call[0].isSymbolic {
        guard !type.isFloatingPoint, type != .bool else {
          throw call.problem("makes \(type) of \(call[0].title)", builder)
        }
        return [call[0]]
      }
      return [try builder.cast(call.array(0, builder), to: type)]
    },
    ONNXOperator("CastLike", 2...2, "saturate round_mode") {
      call, builder throws(CheckpointError) in
      guard let type = builder.type(call[1]) else {
        throw call.problem("takes the type of \(call[1].title)", builder)
      }
      if call[0].isSymbolic, !type.isFloatingPoint { return [call[0]] }
      return [try builder.cast(call.array(0, builder), to: type)]
    },
    ONNXOperator("Reshape", 2...2, "allowzero") { call, builder throws(CheckpointError) in
      let target = try call.sizes(1, builder)
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        // A list stays a list, or becomes its one number.
        guard target.elements.count <= 1, target.elements.count == 1 || own.elements.count == 1
        else { throw call.problem("gives sizes another shape", builder) }
        return [GraphSizes(own.elements, isSingle: target.elements.isEmpty).value]
      }
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      var wanted = target.elements
      if try call.int("allowzero", builder) == 0 {
        for (axis, extent) in wanted.enumerated() where extent == .fixed(0) {
          guard axis < shape.count else {
            throw call.problem("keeps an axis that is not there", builder)
          }
          wanted[axis] = shape[axis]
        }
      }
      return [try builder.reshaped(x, wanted)]
    },
    ONNXOperator("Flatten", 1...1, "axis") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      let axis = try call.int("axis", builder, default: 1)
      let first = axis < 0 ? axis + shape.count : axis
      guard 0...shape.count ~= first else { throw call.problem("has no axis \(axis)", builder) }
      func joined(_ extents: ArraySlice<Dimension>) -> Dimension {
        extents.reduce(Dimension.fixed(1)) { $0.times($1) }
      }
      return [try builder.reshaped(x, [joined(shape[..<first]), joined(shape[first...])])]
    },
    ONNXOperator("Transpose", 1...1, "perm") { call, builder throws(CheckpointError) in
      if call[0].isSymbolic { return [call[0]] }
      let x = try call.array(0, builder)
      let rank = try builder.extents(x).count
      return [try builder.permuted(x, call.ints("perm", builder) ?? (0..<rank).reversed())]
    },
    ONNXOperator("Squeeze", 1...2, "axes") { call, builder throws(CheckpointError) in
      let axes = try call.ints("axes", orInput: 1, builder)
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        guard own.elements.count == 1 else {
          throw call.problem("takes one of several sizes", builder)
        }
        return [GraphSizes(own.elements, isSingle: true).value]
      }
      let x = try call.array(0, builder)
      let shape = try builder.extents(x)
      for given in axes ?? [] {
        let axis = try builder.axis(given, of: x)
        guard shape[axis].value ?? 1 == 1 else {
          throw call.problem("removes axis \(axis) of \(text(shape))", builder)
        }
      }
      if axes == nil, shape.contains(where: { $0.value == nil }) {
        throw call.problem(
          "removes the axes of extent 1 of \(text(shape)), which depend on the call", builder)
      }
      return [try builder.squeezed(x, axes)]
    },
    ONNXOperator("Unsqueeze", 1...2, "axes") { call, builder throws(CheckpointError) in
      guard let given = try call.ints("axes", orInput: 1, builder) else {
        throw call.problem("has no axes", builder)
      }
      // A row is what a range is where it is compared with a column.
      if ONNXRange.extent(call[0]) != nil, given == [0] { return [call[0]] }
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        guard own.isSingle, given.count == 1 else {
          throw call.problem("gives sizes another shape", builder)
        }
        return [GraphSizes(own.elements).value]
      }
      var x = try call.array(0, builder)
      let rank = try builder.extents(x).count + given.count
      guard let axes = positions(of: given, rank: rank) else {
        throw call.problem("has the axes \(given)", builder)
      }
      for axis in axes.sorted() { x = try builder.insertingAxis(x, axis) }
      return [x]
    },
    ONNXOperator("Expand", 2...2) { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      var target = try call.extents(1, builder)
      let shape = try builder.extents(x)
      while target.count < shape.count { target.insert(.fixed(1), at: 0) }
      // Both ways: an extent of 1 in the target keeps that of x.
      let offset = target.count - shape.count
      for (axis, extent) in shape.enumerated() where target[axis + offset] == .fixed(1) {
        target[axis + offset] = extent
      }
      return [try builder.expanded(x, to: target)]
    },
    ONNXOperator("Tile", 2...2) { call, builder throws(CheckpointError) in
      try tiled(call, &builder)
    },
    ONNXOperator("Shape", 1...1, "start end") { call, builder throws(CheckpointError) in
      let sizes: [Dimension]
      if let own = GraphSizes(call[0]), call[0].isSymbolic {
        sizes = own.isSingle ? [] : [.fixed(own.elements.count)]
      } else {
        sizes = try builder.extents(call.array(0, builder))
      }
      let part = Slicing.Part(
        axis: 0, start: try call.int("start", builder),
        stop: call.attributes["end"] == nil ? nil : try call.int("end", builder))
      let (first, count) = part.positions(in: sizes.count)
      return [GraphSizes(Array(sizes[first..<first + count])).value]
    },
    ONNXOperator("Size", 1...1) { call, builder throws(CheckpointError) in
      let shape = try builder.extents(call.array(0, builder))
      return [GraphSizes([shape.reduce(.fixed(1)) { $0.times($1) }], isSingle: true).value]
    },
  ]

  private static func tiled(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var x = try call.array(0, builder)
    let counts = try call.extents(1, builder)
    let shape = try builder.extents(x)
    guard counts.count == shape.count else {
      throw call.problem("has not one number per axis", builder)
    }
    x = try builder.expanded(x, to: zip(shape, counts).map { $0 == .fixed(1) ? $1 : $0 })
    for (axis, count) in counts.enumerated() where shape[axis] != .fixed(1) && count != .fixed(1) {
      guard let count = count.value, 1...4096 ~= count else {
        throw call.problem("repeats an axis \(count) times", builder)
      }
      x = try builder.concatenated([GraphValue](repeating: x, count: count), axis: axis)
    }
    return [x]
  }
}
