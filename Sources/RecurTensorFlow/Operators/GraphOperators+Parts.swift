import RecurModel
import RecurTensors

// Parts of arrays.
extension GraphOperators {
  static let parts: [GraphOperatorRow] = [
    GraphOperatorRow("StridedSlice", stridedSlice),
    GraphOperatorRow("Slice") { call, builder throws(CheckpointError) in
      let starts = try call.integers(1, builder)
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        let sizes = try call.integers(2, builder)
        guard starts.count == 1, sizes.count == 1, 0...own.elements.count ~= starts[0] else {
          throw call.problem("takes a part of sizes", builder)
        }
        let rest = Array(own.elements.dropFirst(starts[0]))
        return [
          GraphSizes(Array(sizes[0] < 0 ? rest[...] : rest.prefix(sizes[0]))).value
        ]
      }
      var x = try call.array(0, builder)
      let (sizes, shape) = (try call.sizes(2, builder).elements, try builder.extents(x))
      guard starts.count == sizes.count, shape.count == starts.count else {
        throw call.problem("has \(starts.count) starts and \(sizes.count) sizes", builder)
      }
      for (axis, (start, size)) in zip(starts, sizes).enumerated() {
        guard start >= 0 else { throw call.problem("begins at \(start)", builder) }
        if size == .fixed(-1) || start == 0 && size == shape[axis] {
          x = try builder.sliced(x, axis: axis, from: start, to: nil)
          continue
        }
        guard let count = size.value, count >= 0 else {
          throw call.problem("takes \(size) of \(shape[axis]) elements", builder)
        }
        let (end, overflow) = start.addingReportingOverflow(count)
        guard !overflow else { throw call.problem("takes \(count) elements", builder) }
        x = try builder.sliced(x, axis: axis, from: start, to: end)
      }
      return [x]
    },
    GraphOperatorRow("Split") { call, builder throws(CheckpointError) in
      try divided(call.array(1, builder), axis: call.integer(0, builder), call, &builder)
    },
    GraphOperatorRow("SplitV") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axis = try builder.axis(call.integer(2, builder), of: x)
      return try builder.parts(x, axis: axis, sizes: call.integers(1, builder))
    },
    GraphOperatorRow("Unpack") { call, builder throws(CheckpointError) in
      let axis = call.node.integer("axis") ?? 0
      if call[0].isSymbolic, let own = GraphSizes(call[0]) {
        return own.elements.map { GraphSizes([$0], isSingle: true).value }
      }
      let x = try call.array(0, builder)
      let position = try builder.axis(axis, of: x)
      guard let count = call.node.integer("num"), 1...4_096 ~= count,
        try builder.extents(x)[position].agrees(with: .fixed(count))
      else { throw call.problem("makes another number of parts than the axis has", builder) }
      var values: [GraphValue] = []
      for index in 0..<count {
        values.append(try builder.selected(x, axis: position, index))
      }
      return values
    },
    GraphOperatorRow("GatherV2") { call, builder throws(CheckpointError) in
      guard call.node.integer("batch_dims") ?? 0 == 0 else {
        throw call.problem("has batch axes", builder)
      }
      return [try gathered(call, axis: call.integer(2, builder), &builder)]
    },
    GraphOperatorRow("Gather") { call, builder throws(CheckpointError) in
      [try gathered(call, axis: 0, &builder)]
    },
    GraphOperatorRow("Reverse") { call, builder throws(CheckpointError) in
      let flags = try call.weight(1, builder).array.doubles()
      var x = try call.array(0, builder)
      for (axis, flag) in flags.enumerated() where flag != 0 {
        x = try builder.sliced(x, axis: axis, from: nil, to: nil, step: -1)
      }
      return [x]
    },
  ]

  /// Rows of a table.
  static func rows(
    _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue { try gathered(call, axis: 0, &builder) }

  private static func gathered(
    _ call: OperatorCall, axis: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if call[0].isSymbolic, let own = GraphSizes(call[0]) {
      let positions = try call.sizes(1, builder)
      var sizes: [Dimension] = []
      for position in positions.elements {
        guard let index = position.value, own.elements.indices.contains(index) else {
          throw call.problem("takes the size \(position)", builder)
        }
        sizes.append(own.elements[index])
      }
      return GraphSizes(sizes, isSingle: positions.isSingle).value
    }
    if call[0].known != nil, axis == 0, case .computed(let positions) = call[1] {
      let rows = try call.weight(0, builder)
      guard rows.array.rank == 2 else {
        throw call.problem("reads a table of \(rows.array.rank) axes", builder)
      }
      return .computed(
        try builder.add(
          .embedding(Embedding(table: rows.array, masksZero: false, cutsFractions: true)),
          [positions], precision: rows.type)[0])
    }
    let x = try call.array(0, builder)
    guard call[1].known != nil || call[1].isSymbolic else {
      throw call.problem("takes elements at positions that are computed", builder)
    }
    let position = try builder.axis(axis, of: x)
    let indices = try call.integers(1, builder)
    guard let single = GraphSizes(call[1]), indices.count <= 4_096, !indices.isEmpty
    else {
      throw call.problem("takes elements at an array of positions", builder)
    }
    if single.isSingle { return try builder.selected(x, axis: position, indices[0]) }
    var parts: [GraphValue] = []
    for index in indices { parts.append(try builder.selected(x, axis: position, index)) }
    return try builder.stacked(parts, axis: position)
  }

  /// Parts of one size.
  ///
  /// An axis that was joined of a known and a free one is divided again.
  private static func divided(
    _ x: GraphValue, axis given: Int, _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let axis = try builder.axis(given, of: x)
    let shape = try builder.extents(x)
    guard let count = call.node.integer("num_split"), 1...4_096 ~= count,
      let size = shape[axis].divided(exactlyBy: .fixed(count))
    else { throw call.problem("divides \(text(shape))", builder) }
    if let known = size.value {
      return try builder.split(
        x, axis: axis, sizes: [Int](repeating: known, count: count))
    }
    let whole = try builder.reshaped(
      x, shape[..<axis] + [.fixed(count), size] + shape[(axis + 1)...])
    var parts: [GraphValue] = []
    for index in 0..<count { parts.append(try builder.selected(whole, axis: axis, index)) }
    return parts
  }

  // MARK: slices

  @Sendable private static func stridedSlice(
    _ call: OperatorCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let bounds = try SliceBounds(call, builder)
    if call[0].isSymbolic, let own = GraphSizes(call[0]) {
      guard bounds.starts.count == 1, bounds.ellipsis == 0, bounds.added == 0 else {
        throw call.problem("takes a part of sizes", builder)
      }
      let count = own.elements.count
      if bounds.removed & 1 != 0 {
        let start = bounds.starts[0].value ?? .max
        let index = start < 0 ? start + count : start
        guard own.elements.indices.contains(index) else {
          throw call.problem("takes the size \(start) of \(count)", builder)
        }
        return [GraphSizes([own.elements[index]], isSingle: true).value]
      }
      let part = try bounds.part(0, axis: 0, extent: .fixed(count), call, builder)
      let (first, length) = part.positions(in: count)
      return [
        GraphSizes((0..<length).map { own.elements[first + $0 * part.step] }).value
      ]
    }
    var x = try call.array(0, builder)
    let rank = try builder.extents(x).count
    let full = bounds.expanded(rank: rank)
    guard let full else { throw call.problem("has more bounds than \(rank) axes", builder) }
    // From the last axis on, so that axes that go and come do not move the others.
    var axis = rank
    for entry in full.reversed() {
      switch entry {
      case .added: x = try builder.insertingAxis(x, axis)
      case .kept: axis -= 1
      case .bounds(let index):
        axis -= 1
        if bounds.removed & 1 << index != 0 {
          guard let position = bounds.starts[index].value else {
            throw call.problem("takes the element \(bounds.starts[index])", builder)
          }
          x = try builder.selected(x, axis: axis, position)
          continue
        }
        let part = try bounds.part(
          index, axis: axis, extent: builder.extents(x)[axis], call, builder)
        x = try builder.sliced(
          x, axis: axis, from: part.start, to: part.stop, step: part.step)
      }
    }
    return [x]
  }
}

/// The bounds of a slice along every axis, and the masks that say how they are meant
/// (tensorflow/core/util/strided_slice_op.h).
private struct SliceBounds {
  enum Entry {
    case bounds(Int)
    case kept
    case added
  }

  let starts: [Dimension]
  let stops: [Dimension]
  let steps: [Int]
  let noStart: Int
  let noStop: Int
  let ellipsis: Int
  let added: Int
  let removed: Int

  init(_ call: OperatorCall, _ builder: GraphBuilder) throws(CheckpointError) {
    starts = try call.sizes(1, builder).elements
    stops = try call.sizes(2, builder).elements
    steps = try call.integers(3, builder)
    func mask(_ name: String) -> Int { call.node.integer("\(name)_mask") ?? 0 }
    (noStart, noStop) = (mask("begin"), mask("end"))
    (ellipsis, added, removed) = (mask("ellipsis"), mask("new_axis"), mask("shrink_axis"))
    guard starts.count == stops.count, starts.count == steps.count, starts.count <= 32,
      steps.allSatisfy({ $0 != 0 && $0 > .min })
    else { throw call.problem("has different numbers of starts, ends and steps", builder) }
  }

  /// What happens to the axes, in order; nil for too many bounds.
  func expanded(rank: Int) -> [Entry]? {
    var entries: [Entry] = []
    let used = starts.indices.count { 1 << $0 & (added | ellipsis) == 0 }
    guard used <= rank else { return nil }
    var isOpen = true
    for index in starts.indices {
      if 1 << index & ellipsis != 0 {
        guard isOpen else { return nil }
        isOpen = false
        entries += [Entry](repeating: .kept, count: rank - used)
      } else {
        entries.append(1 << index & added != 0 ? .added : .bounds(index))
      }
    }
    if isOpen { entries += [Entry](repeating: .kept, count: rank - used) }
    return entries
  }

  /// The part along an axis; a bound that is the free extent is the end.
  func part(
    _ index: Int, axis: Int, extent: Dimension, _ call: OperatorCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Slicing.Part {
    func bound(_ value: Dimension, isStop: Bool) throws(CheckpointError) -> Int? {
      if let known = value.value { return known }
      if value == extent { return isStop ? nil : .max }
      if let less = value.plus(extent.times(-1)).value, less < 0 { return less }
      throw call.problem("takes a part up to \(value) of \(extent) elements", builder)
    }
    return Slicing.Part(
      axis: axis,
      start: noStart & 1 << index != 0 ? nil : try bound(starts[index], isStop: false),
      stop: noStop & 1 << index != 0 ? nil : try bound(stops[index], isStop: true),
      step: steps[index])
  }
}
