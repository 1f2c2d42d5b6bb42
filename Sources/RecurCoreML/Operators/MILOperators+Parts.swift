import RecurModel
import RecurTensors

// Parts of arrays, and arrays put together.
extension MILOperators {
  static let parts: [MILOperator] = [
    MILOperator("concat", "values axis interleave") { call, builder throws(CheckpointError) in
      guard try !call.flag("interleave", builder, default: false) else {
        throw call.problem("interleaves its parts", builder)
      }
      let values = call.list("values")
      if values.contains(where: \.isSymbolic) || values.allSatisfy(\.isListOfSizes) {
        var sizes: [Dimension] = []
        for value in values {
          guard let own = GraphSizes(value) else {
            throw call.problem("joins \(value.title) with sizes", builder)
          }
          sizes += own.elements
        }
        return [GraphSizes(sizes).value]
      }
      guard values.allSatisfy(\.isArray) else { throw call.problem("joins no arrays", builder) }
      return [try builder.concatenated(values, axis: call.int("axis", builder))]
    },
    MILOperator("stack", "values axis") { call, builder throws(CheckpointError) in
      let values = call.list("values")
      guard values.allSatisfy(\.isArray) else { throw call.problem("joins no arrays", builder) }
      return [try builder.stacked(values, axis: call.int("axis", builder))]
    },
    MILOperator("split", "x num_splits split_sizes axis") {
      call, builder throws(CheckpointError) in
      let x = try call.array("x", builder)
      let axis = try builder.axis(call.int("axis", builder), of: x)
      let count = call.operation.outputs.count
      var sizes = call.has("split_sizes") ? try call.ints("split_sizes", builder) : []
      if sizes.isEmpty {
        let given = try call.int("num_splits", builder)
        guard let extent = try builder.extents(x)[axis].value, given > 0, extent % given == 0,
          given <= 1 << 16
        else { throw call.problem("divides an axis into \(given) parts", builder) }
        sizes = [Int](repeating: extent / given, count: given)
      }
      guard sizes.count == count else {
        throw call.problem("has \(sizes.count) parts for \(count) results", builder)
      }
      return try builder.split(x, axis: axis, sizes: sizes)
    },
    MILOperator(
      "slice_by_index", "x begin end stride begin_mask end_mask squeeze_mask"
    ) { call, builder throws(CheckpointError) in [try sliced(call, &builder)] },
    MILOperator("slice_by_size", "x begin size") { call, builder throws(CheckpointError) in
      var x = try call.array("x", builder)
      let (begin, size) = (try call.ints("begin", builder), try call.ints("size", builder))
      guard try builder.extents(x).count == begin.count, begin.count == size.count else {
        throw call.problem("has \(begin.count) beginnings and \(size.count) sizes", builder)
      }
      for axis in begin.indices {
        let (end, overflow) = begin[axis].addingReportingOverflow(size[axis])
        guard begin[axis] >= 0, !overflow else { throw call.problem("begins at \(begin)", builder) }
        x = try builder.sliced(
          x, axis: axis, from: begin[axis], to: size[axis] == -1 ? nil : end)
      }
      return [x]
    },
    MILOperator("gather", "x indices axis batch_dims validate_indices") {
      call, builder throws(CheckpointError) in [try gathered(call, &builder)]
    },
  ]

  /// A part along every axis, of an array or of sizes.
  private static func sliced(
    _ call: MILCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let symbolic = call["x"].isSymbolic ? GraphSizes(call["x"]) : nil
    var x = call["x"]
    if symbolic == nil { x = try call.array("x", builder) }
    let rank = symbolic == nil ? try builder.extents(x).count : 1
    let (begin, end) = (try call.ints("begin", builder), try call.ints("end", builder))
    let stride = call.has("stride") ? try call.ints("stride", builder) : begin.map { _ in 1 }
    let none = [Bool](repeating: false, count: rank)
    let masks = (
      try call.flags("begin_mask", builder) ?? none, try call.flags("end_mask", builder) ?? none,
      try call.flags("squeeze_mask", builder) ?? none
    )
    guard
      [begin.count, end.count, stride.count, masks.0.count, masks.1.count, masks.2.count]
        .allSatisfy({ $0 == rank })
    else { throw call.problem("has bounds of another number of axes than \(rank)", builder) }
    if let symbolic {
      let part = Slicing.Part(
        axis: 0, start: masks.0[0] ? nil : begin[0], stop: masks.1[0] ? nil : end[0],
        step: stride[0])
      guard stride[0] != 0, stride[0] != .min else { throw call.problem("has no step", builder) }
      let elements = symbolic.elements
      if masks.2[0] {
        let index = begin[0] < 0 ? begin[0] + elements.count : begin[0]
        guard elements.indices.contains(index) else {
          throw call.problem("reads element \(begin[0])", builder)
        }
        return GraphSizes([elements[index]], isSingle: true).value
      }
      let (first, count) = part.positions(in: elements.count)
      return GraphSizes((0..<count).map { elements[first + $0 * stride[0]] }).value
    }
    for axis in (0..<rank).reversed() {
      guard !masks.2[axis] else {
        x = try builder.selected(x, axis: axis, begin[axis])
        continue
      }
      x = try builder.sliced(
        x, axis: axis, from: masks.0[axis] ? nil : begin[axis],
        to: masks.1[axis] ? nil : end[axis], step: stride[axis])
    }
    return x
  }

  /// Rows of a table, or one position of an axis.
  private static func gathered(
    _ call: MILCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard try call.int("batch_dims", builder, default: 0) == 0 else {
      throw call.problem("has the argument 'batch_dims', which is not supported", builder)
    }
    let (x, indices) = (call["x"], call["indices"])
    let axis = try call.int("axis", builder, default: 0)
    if let sizes = GraphSizes(x), x.isSymbolic {
      let index = try call.int("indices", builder)
      guard sizes.elements.indices.contains(index) else {
        throw call.problem("reads element \(index)", builder)
      }
      return GraphSizes([sizes.elements[index]], isSingle: true).value
    }
    let array = try call.array("x", builder)
    if case .computed = indices {
      guard try builder.axis(axis, of: array) == 0, let table = array.known, table.array.rank == 2,
        table.type.isArithmetic
      else { throw call.problem("reads at positions that the model computes", builder) }
      let own = try call.weight("x", builder)
      let layer = Embedding(table: own.array, masksZero: false, cutsFractions: true)
      return .computed(
        try builder.add(.embedding(layer), [builder.computed(indices)], precision: own.type)[0])
    }
    guard let sizes = GraphSizes(indices), sizes.elements.allSatisfy({ $0.value != nil }) else {
      throw call.problem("reads at \(indices.title)", builder)
    }
    if sizes.isSingle || sizes.elements.count == 1 && builder.shape(indices)?.isEmpty == true {
      return try builder.selected(array, axis: axis, sizes.elements[0].value ?? 0)
    }
    guard builder.shape(indices)?.count == 1, !sizes.elements.isEmpty else {
      throw call.problem("reads at positions of several axes", builder)
    }
    let parts = try sizes.elements.map { index throws(CheckpointError) in
      try builder.insertingAxis(
        builder.selected(array, axis: axis, index.value ?? 0), builder.axis(axis, of: array))
    }
    return try builder.concatenated(parts, axis: axis)
  }
}
