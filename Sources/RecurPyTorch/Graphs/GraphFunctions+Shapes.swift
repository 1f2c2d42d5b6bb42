import RecurModel
import RecurTensors

// Operators that move elements (aten/src/ATen/native/native_functions.yaml, torch 2.13).
extension GraphFunctions {
  static let shapes: [GraphFunction] = [
    GraphFunction("permute(self, dims)") { call, builder throws(CheckpointError) in
      [try builder.permuted(call.array("self", builder), call.integers("dims", builder))]
    },
    GraphFunction("transpose(self, dim0, dim1)") { call, builder throws(CheckpointError) in
      [
        try builder.transposed(
          call.array("self", builder), call.integer("dim0", builder),
          call.integer("dim1", builder))
      ]
    },
    GraphFunction("t(self)") { call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      return [try builder.extents(x).count < 2 ? x : builder.transposed(x, 0, 1)]
    },
    GraphFunction("unsqueeze(self, dim)") { call, builder throws(CheckpointError) in
      [try builder.insertingAxis(call.array("self", builder), call.integer("dim", builder))]
    },
    GraphFunction("squeeze(self, dim=None)") { call, builder throws(CheckpointError) in
      let axes = call.has("dim") ? try call.integers("dim", builder) : nil
      return [try builder.squeezed(call.array("self", builder), axes)]
    },
    GraphFunction("view(self, size)", reshape("size")),
    GraphFunction("_unsafe_view(self, size)", reshape("size")),
    GraphFunction("reshape(self, shape)", reshape("shape")),
    GraphFunction("view_as(self, other)") { call, builder throws(CheckpointError) in
      let shape = try builder.extents(call.array("other", builder))
      return [try builder.reshaped(call.array("self", builder), shape)]
    },
    GraphFunction("flatten(self, start_dim=0, end_dim=-1)") {
      call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      let shape = try builder.extents(x)
      guard !shape.isEmpty else { return [try builder.reshaped(x, [.fixed(1)])] }
      let first = try builder.axis(call.integer("start_dim", builder), of: x)
      let last = try builder.axis(call.integer("end_dim", builder), of: x)
      guard first <= last else {
        throw call.problem("end_dim", "an axis behind the first", builder)
      }
      return [
        try builder.reshaped(
          x, shape[..<first] + [.fixed(-1)] + shape[(last + 1)...])
      ]
    },
    GraphFunction("unflatten(self, dim, sizes)") { call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      let (shape, axis) = (
        try builder.extents(x), try builder.axis(call.integer("dim", builder), of: x)
      )
      return [
        try builder.reshaped(
          x, shape[..<axis] + call.dimensions("sizes", builder) + shape[(axis + 1)...])
      ]
    },
    GraphFunction("expand(self, size, implicit=False)") { call, builder throws(CheckpointError) in
      [try builder.expanded(call.array("self", builder), to: call.dimensions("size", builder))]
    },
    GraphFunction("broadcast_to(self, size)") { call, builder throws(CheckpointError) in
      [try builder.expanded(call.array("self", builder), to: call.dimensions("size", builder))]
    },
    GraphFunction("triu(self, diagonal=0)", triangle(isLower: false)),
    GraphFunction("tril(self, diagonal=0)", triangle(isLower: true)),
    GraphFunction("expand_as(self, other)") { call, builder throws(CheckpointError) in
      let shape = try builder.extents(call.array("other", builder))
      return [try builder.expanded(call.array("self", builder), to: shape)]
    },
    GraphFunction("repeat(self, repeats)", repeated),
    GraphFunction("repeat_interleave(self, repeats, dim=None)") {
      call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      guard call.has("dim") else { throw call.problem("dim", "an axis", builder) }
      let axis = try builder.axis(call.integer("dim", builder), of: x)
      let count = try call.integer("repeats", builder)
      guard 1...4096 ~= count else { throw call.problem("repeats", "1 to 4096", builder) }
      let rank = try builder.extents(x).count
      if axis > 0, axis < rank - 1, x.known == nil {
        var factors = [Int](repeating: 1, count: rank - 2)
        factors[axis - 1] = count
        return [try builder.apply(.reshaping(.upsample(factors)), builder.computed(x))]
      }
      // every element becomes an axis of its own, which is repeated and joined again
      let spread = try builder.insertingAxis(x, axis + 1)
      var extents = try builder.extents(spread)
      extents[axis + 1] = .fixed(count)
      let joined = extents[axis].times(.fixed(count))
      return [
        try builder.reshaped(
          builder.expanded(spread, to: extents),
          extents[..<axis] + [joined] + extents[(axis + 2)...])
      ]
    },
    GraphFunction("flip(self, dims)") { call, builder throws(CheckpointError) in
      var x = try call.array("self", builder)
      for axis in try call.integers("dims", builder) {
        x = try builder.sliced(x, axis: axis, from: nil, to: nil, step: -1)
      }
      return [x]
    },
    GraphFunction("slice(self, dim=0, start=None, end=None, step=1)") {
      call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      let axis = try builder.axis(call.integer("dim", builder), of: x)
      let extent = try builder.extents(x)[axis]
      /// A bound that equals the extent, known or not, is the end.
      func bound(_ parameter: String) throws(CheckpointError) -> Int? {
        if call[parameter].dimension == extent, extent.value == nil { return nil }
        return try call.optionalInteger(parameter, builder)
      }
      return [
        try builder.sliced(
          x, axis: axis, from: bound("start"), to: bound("end"),
          step: call.integer("step", builder))
      ]
    },
    GraphFunction("narrow(self, dim, start, length)") { call, builder throws(CheckpointError) in
      let (start, length) = (
        try call.integer("start", builder), try call.integer("length", builder)
      )
      guard start >= 0, length >= 0, length < 1 << 40, start < 1 << 40 else {
        throw call.problem("start", "a position from the front", builder)
      }
      return [
        try builder.sliced(
          call.array("self", builder), axis: call.integer("dim", builder), from: start,
          to: start + length)
      ]
    },
    GraphFunction("select(self, dim, index)") { call, builder throws(CheckpointError) in
      [
        try builder.selected(
          call.array("self", builder), axis: call.integer("dim", builder),
          call.integer("index", builder))
      ]
    },
    GraphFunction("split(self, split_size, dim=0)") { call, builder throws(CheckpointError) in
      // A list of sizes, or the size of every part but the last.
      if call["split_size"].list != nil { return [.list(try parts(call, "split_size", &builder))] }
      return [.list(try equalParts(call, size: call.integer("split_size", builder), &builder))]
    },
    GraphFunction("split_with_sizes(self, split_sizes, dim=0)") {
      call, builder throws(CheckpointError) in
      [.list(try parts(call, "split_sizes", &builder))]
    },
    GraphFunction("chunk(self, chunks, dim=0)") { call, builder throws(CheckpointError) in
      let (extent, count) = (try extent(call, builder), try call.integer("chunks", builder))
      guard 1...builder.limits.nodes ~= count else {
        throw call.problem("chunks", "a positive number", builder)
      }
      return [
        .list(try equalParts(call, size: max((extent + count - 1) / count, 1), &builder))
      ]
    },
    GraphFunction("unbind(self, dim=0)") { call, builder throws(CheckpointError) in
      let (x, extent) = (try call.array("self", builder), try extent(call, builder))
      var parts: [GraphValue] = []
      for index in 0..<(try bounded(extent, builder)) {
        parts.append(try builder.selected(x, axis: call.integer("dim", builder), index))
      }
      return [.list(parts)]
    },
    GraphFunction("cat(tensors, dim=0)") { call, builder throws(CheckpointError) in
      [
        try builder.concatenated(
          call.arrays("tensors", builder), axis: call.integer("dim", builder))
      ]
    },
    GraphFunction("stack(tensors, dim=0)") { call, builder throws(CheckpointError) in
      [try builder.stacked(call.arrays("tensors", builder), axis: call.integer("dim", builder))]
    },
  ]

  /// One triangle of the last two axes; the other one is zeros.
  private static func triangle(isLower: Bool) -> GraphFunction.Apply {
    { call, builder throws(CheckpointError) in
      let x = try call.array("self", builder)
      guard try builder.extents(x).count >= 2 else {
        throw builder.problem("a triangle of an array of one axis")
      }
      let layer = Triangle(isLower: isLower, diagonal: try call.integer("diagonal", builder))
      return [try builder.apply(.triangle(layer), builder.computed(x))]
    }
  }

  private static func reshape(_ parameter: String) -> GraphFunction.Apply {
    { call, builder throws(CheckpointError) in
      [try builder.reshaped(call.array("self", builder), call.dimensions(parameter, builder))]
    }
  }

  private static func extent(
    _ call: GraphCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Int {
    let x = try call.array("self", builder)
    let axis = try builder.axis(call.integer("dim", builder), of: x)
    guard let extent = try builder.extents(x)[axis].value else {
      throw call.problem("dim", "an axis of a known extent", builder)
    }
    return extent
  }

  /// A number of parts, which a file can't make very large.
  private static func bounded(
    _ count: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Int {
    guard count <= builder.limits.nodes else {
      throw builder.problem("an array is divided into \(count) parts", code: .limitExceeded)
    }
    return count
  }

  private static func parts(
    _ call: GraphCall, _ parameter: String, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    try builder.split(
      call.array("self", builder), axis: call.integer("dim", builder),
      sizes: call.integers(parameter, builder))
  }

  private static func equalParts(
    _ call: GraphCall, size: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let extent = try extent(call, builder)
    guard 1...(1 << 40) ~= size, extent <= 1 << 40 else {
      throw builder.problem("an array is divided into parts of \(size)")
    }
    let count = try bounded((extent + size - 1) / size, builder)
    let sizes = (0..<count).map { min(size, extent - $0 * size) }
    return try builder.split(
      call.array("self", builder), axis: call.integer("dim", builder), sizes: sizes)
  }

  /// `repeat`: new axes in front, and every axis as often as its number says.
  private static let repeated: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    var x = try call.array("self", builder)
    let counts = try call.dimensions("repeats", builder)
    while try builder.extents(x).count < counts.count { x = try builder.insertingAxis(x, 0) }
    let shape = try builder.extents(x)
    guard shape.count == counts.count else {
      throw call.problem("repeats", "a number per axis", builder)
    }
    let single = zip(shape, counts).map { $0 == .fixed(1) ? $1 : $0 }
    x = try builder.expanded(x, to: single)
    for (axis, count) in counts.enumerated() where shape[axis] != .fixed(1) && count != .fixed(1) {
      guard let count = count.value else {
        // a free number of times: an axis of its own in front, joined with the axis behind it
        let joined = count.times(shape[axis])
        let spread = try builder.insertingAxis(x, axis)
        var extents = try builder.extents(spread)
        extents[axis] = count
        let whole = try builder.computed(builder.expanded(spread, to: extents))
        x = try builder.reshaped(
          .computed(whole), extents[..<axis] + [joined] + extents[(axis + 2)...])
        continue
      }
      guard 1...4096 ~= count else {
        throw call.problem(
          "repeats", "a known number for an axis of \(shape[axis]) elements", builder)
      }
      x = try builder.concatenated([GraphValue](repeating: x, count: count), axis: axis)
    }
    return [x]
  }
}
