package import RecurTensors

// Operators that move elements and compute nothing.
extension GraphBuilder {
  /// The extents of an array.
  ///
  /// - Throws: `graph.unsupported` for a value that is no array.
  package func extents(_ value: GraphValue) throws(CheckpointError) -> [Dimension] {
    guard value.isArray, let shape = shape(value) else {
      throw problem("\(value.title) is used as an array")
    }
    return shape
  }

  /// The position of an axis; negative axes count from the end.
  ///
  /// - Throws: `graph.unsupported` for an axis that the array does not have.
  package func axis(_ axis: Int, of value: GraphValue) throws(CheckpointError) -> Int {
    let rank = try extents(value).count
    guard let position = positions(of: [axis], rank: rank)?.first else {
      throw problem("an array of \(rank) axes has no axis \(axis)")
    }
    return position
  }

  /// The axes in another order: axis i of the result is axis `order[i]` of `x`.
  package mutating func permuted(
    _ x: GraphValue, _ order: [Int]
  ) throws(CheckpointError) -> GraphValue {
    let rank = try extents(x).count
    guard let all = positions(of: order, rank: rank), all.count == rank else {
      throw problem("\(order) is no order of \(rank) axes")
    }
    let order = order.map { $0 < 0 ? $0 + rank : $0 }
    guard order != all else { return x }
    if case .known(let known) = x { return .known(known.permuted(order)) }
    let shape = try extents(x)
    let long = order.filter { shape[$0] != .fixed(1) }
    guard long != long.sorted() else {
      // Only axes of extent 1 have other places.
      return try reshaped(x, order.map { shape[$0] })
    }
    var (value, total) = (try computed(x), order)
    if case .permuted(let source, order: let earlier)? = origins[value] {
      (value, total) = (source, order.map { earlier[$0] })
      guard total != all else { return .computed(source) }
    }
    let source = value
    for step in Reshaping.permutations(total) { value = try add(.reshaping(step), [value])[0] }
    origins[value] = .permuted(source, order: total)
    return .computed(value)
  }

  /// Two axes exchanged.
  package mutating func transposed(
    _ x: GraphValue, _ one: Int, _ other: Int
  ) throws(CheckpointError) -> GraphValue {
    var order = Array(try extents(x).indices)
    guard !order.isEmpty else { return x }
    order.swapAt(try axis(one, of: x), try axis(other, of: x))
    return try permuted(x, order)
  }

  /// A new axis of extent 1 at this position.
  package mutating func insertingAxis(
    _ x: GraphValue, _ position: Int
  ) throws(CheckpointError) -> GraphValue {
    let rank = try extents(x).count
    guard let axis = positions(of: [position], rank: rank + 1)?.first else {
      throw problem("an array of \(rank) axes can get no axis \(position)")
    }
    guard rank < GraphLimits.axes else {
      throw problem("an array of more than \(GraphLimits.axes) axes", code: .limitExceeded)
    }
    if case .known(let known) = x { return .known(try known.insertingAxis(axis)) }
    let value = try computed(x)
    var wanted = try extents(x)
    wanted.insert(.fixed(1), at: axis)
    if let original = original(value, in: wanted) { return original }
    guard rank > 0 else { return try reshaping(.reshapeAll([.fixed(1)]), value) }
    if axis > 0 { return try reshaping(.insertAxis(axis), value) }
    let second = try add(.reshaping(.insertAxis(1)), [value])[0]
    let result = try add(.reshaping(.exchangeBatchAndTime), [second])[0]
    origins[result] = .reshaped(root(value))
    return .computed(result)
  }

  /// The array without those of the axes that have extent 1.
  ///
  /// - Throws: `graph.unsupported` for an axis whose extent is free.
  package mutating func squeezed(
    _ x: GraphValue, _ axes: [Int]?
  ) throws(CheckpointError) -> GraphValue {
    let shape = try extents(x)
    var own: [Int] = []
    if let axes {
      for axis in axes { own.append(try self.axis(axis, of: x)) }
    } else {
      own = Array(shape.indices)
    }
    var result = x
    for axis in own.sorted().reversed() where shape[axis].value ?? 1 == 1 {
      guard shape[axis] == .fixed(1) else {
        // Without a list of axes, an axis of a free extent stays, as in a program for any extent.
        if axes == nil { continue }
        throw problem("whether axis \(axis) of \(text(shape)) goes depends on its extent")
      }
      result = try selected(result, axis: axis, 0)
    }
    return result
  }

  /// One position of an axis, which goes.
  package mutating func selected(
    _ x: GraphValue, axis given: Int, _ index: Int
  ) throws(CheckpointError) -> GraphValue {
    let (axis, shape) = (try axis(given, of: x), try extents(x))
    if let extent = shape[axis].value {
      guard -extent..<extent ~= index else {
        throw problem("an axis of \(extent) elements has no element \(index)")
      }
      if case .known(let known) = x {
        return .known(known.selected(axis: axis, index < 0 ? index + extent : index))
      }
    } else if case .known(let known) = x {
      guard known.array.shape[axis] == 1 else { throw problem("an element of \(text(shape))") }
      return .known(known.selected(axis: axis, 0))
    }
    let value = try computed(x)
    var rest = shape
    rest.remove(at: axis)
    if shape[axis] == .fixed(1), let original = original(value, in: rest) { return original }
    let own = shape[axis].value.map { index < 0 ? index + $0 : index }
    if let own, case .stacked(let parts, axis: axis)? = origins[value] {
      return .computed(parts[own])
    }
    let result = try add(.selection(Selection(axis: axis, index: index)), [value])[0]
    origins[result] =
      shape[axis] == .fixed(1)
      ? .reshaped(root(value)) : own.map { .selected(value, axis: axis, index: $0) }
    return .computed(result)
  }

  /// Evenly spaced positions of an axis, with Python's rules for bounds.
  package mutating func sliced(
    _ x: GraphValue, axis given: Int, from start: Int?, to stop: Int?, step: Int = 1
  ) throws(CheckpointError) -> GraphValue {
    let (axis, shape) = (try axis(given, of: x), try extents(x))
    guard step != 0, step != .min else { throw problem("a slice with the step \(step)") }
    let part = Slicing.Part(axis: axis, start: start, stop: stop, step: step)
    if let extent = shape[axis].value {
      let (first, count) = part.positions(in: extent)
      if first == 0, count == extent, step == 1 || extent == 1 { return x }
      if case .known(let known) = x {
        return .known(try known.sliced(axis: axis, first: first, count: count, step: step))
      }
    } else if step == 1, start ?? 0 == 0, stop == nil || stop == .max {
      return x
    }
    return try apply(.slicing(Slicing(parts: [part])), computed(x))
  }

  /// The elements in another shape; one extent may be -1, and stands for the rest.
  package mutating func reshaped(
    _ x: GraphValue, _ target: [Dimension]
  ) throws(CheckpointError) -> GraphValue {
    let shape = try extents(x)
    let total = shape.reduce(Dimension.fixed(1)) { $0.times($1) }
    let known = target.filter { $0 != .fixed(-1) }.reduce(Dimension.fixed(1)) { $0.times($1) }
    guard target.count(where: { $0 == .fixed(-1) }) <= 1, target.count <= GraphLimits.axes,
      target.allSatisfy({ $0.value ?? 0 >= -1 })
    else { throw problem("the shape \(text(target)) is none") }
    var wanted = target
    if let open = target.firstIndex(of: .fixed(-1)) {
      guard let rest = total.divided(exactlyBy: known) else {
        throw problem("\(text(shape)) can't become \(text(target))")
      }
      wanted[open] = rest
    } else if total != known {
      // Free extents that are equal in every call have equal formulas.
      throw problem("\(text(shape)) can't become \(text(target))")
    }
    guard wanted != shape else { return x }
    if case .known(let array) = x { return .known(try reshaped(array, wanted)) }
    let value = try computed(x)
    if let original = original(value, in: wanted) { return original }
    if wanted.count(where: { $0.value == nil && !shape.contains($0) }) > 1,
      let whole = try unjoined(value, wanted)
    {
      return whole
    }
    if let exchanged = try reshapedBehindExchange(value, shape, wanted) { return exchanged }
    if let step = Reshaping.step(from: shape, to: wanted) { return try reshaping(step, value) }
    // The value that was reshaped before may have the axes that are needed.
    let source = root(value)
    guard let before = self.shape(.computed(source)),
      let step = Reshaping.step(from: before, to: wanted)
    else { return try reshaped(value, shape, like: wanted) }
    return try reshaping(step, source)
  }

  /// Several extents of no axis of the value are those of another value.
  private mutating func reshaped(
    _ value: Model.Value, _ shape: [Dimension], like wanted: [Dimension]
  ) throws(CheckpointError) -> GraphValue {
    let missing = wanted.filter { $0.value == nil && !shape.contains($0) }
    let other = nodes.lazy.map { Model.Value($0.name) }.first { value in
      self.shape(.computed(value)).map { own in missing.allSatisfy(own.contains) } ?? false
    }
    guard let other, let own = self.shape(.computed(other)) else {
      throw problem("\(text(wanted)) has several extents of no axis")
    }
    let extents = wanted.map { extent -> Reshaping.Extent in
      if let value = extent.value { return .fixed(value) }
      if let axis = shape.firstIndex(of: extent) { return .axis(axis) }
      return own.firstIndex(of: extent).map { .axisOfSecond($0) } ?? .rest
    }
    let result = try add(.reshaping(.reshapeAll(extents)), [value, other])[0]
    origins[result] = .reshaped(root(value))
    return .computed(result)
  }

  /// Layers that treat positions alike, computed again on the array whose axes were joined in front of
  /// them; nil when the axes that were joined are others than those of `wanted`.
  private mutating func unjoined(
    _ value: Model.Value, _ wanted: [Dimension]
  ) throws(CheckpointError) -> GraphValue? {
    let all = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    var (layers, value): ([Model.Node], Model.Value) = ([], value)
    while layers.count < 64, let node = all[value.node], node.inputs.count == 1, node.mask == nil,
      node.layer.treatsRowsAlike, node.layer.outputCount == 1
    {
      layers.insert(node, at: 0)
      value = node.inputs[0]
    }
    guard let joining = all[value.node], case .reshaping = joining.layer, joining.inputs.count == 1,
      let source = shape(.computed(joining.inputs[0])), let joined = shape(.computed(value)),
      joined.count == 2,
      source.last == joined.last, source.dropLast() == wanted.dropLast()
    else { return nil }
    var result = joining.inputs[0]
    for layer in layers {
      result = try add(
        layer.layer, [result], name: layer.name, place: layer.place, precision: layer.precision)[0]
    }
    return shape(.computed(result)) == wanted ? .computed(result) : nil
  }

  private mutating func reshaped(
    _ array: KnownArray, _ wanted: [Dimension]
  ) throws(CheckpointError) -> KnownArray {
    var copy = array
    copy.name = nil
    if array.array.count == 1 {
      copy.array = try array.array.reshaped(wanted.map { _ in 1 })
      copy.shape = wanted
      return copy
    }
    try count(known: array.storedCount)
    let stored = try array.stored()
    // Free extents stay where they are if the known extents around them do.
    guard stored.isStored, let extents = wanted.known else {
      guard array.shape.prefix(1) == wanted.prefix(1), let rest = wanted.dropFirst().known,
        stored.shape.dropFirst().known != nil
      else {
        throw problem("weights of the shape \(text(array.shape)) become \(text(wanted))")
      }
      copy.array = try stored.array.reshaped([stored.array.shape[0]] + rest)
      copy.shape = wanted
      return copy
    }
    copy.array = try stored.array.reshaped(extents)
    copy.shape = wanted
    return copy
  }

  /// Axes of extent 1 repeated; new axes are in front.
  ///
  /// An extent of -1 keeps that of `x`.
  package mutating func expanded(
    _ x: GraphValue, to target: [Dimension]
  ) throws(CheckpointError) -> GraphValue {
    let shape = try extents(x)
    guard target.count >= shape.count, target.count <= GraphLimits.axes,
      target.allSatisfy({ $0.value ?? 0 >= -1 })
    else {
      throw problem("\(text(shape)) can't be repeated to \(text(target))")
    }
    let aligned =
      [Dimension](repeating: .fixed(1), count: target.count - shape.count) + shape
    var wanted = target
    for (axis, extent) in aligned.enumerated() {
      if wanted[axis] == .fixed(-1) { wanted[axis] = extent }
      guard extent == .fixed(1) || wanted[axis] == extent else {
        throw problem("\(text(shape)) can't be repeated to \(text(target))")
      }
    }
    guard wanted != shape else { return x }
    if case .known(let known) = x { return .known(try known.expanded(to: wanted)) }
    var value = x
    for _ in shape.count..<target.count { value = try insertingAxis(value, 0) }
    guard wanted != aligned else { return value }
    // Repeated by a product with ones of that shape.
    let ones = try KnownArray(repeating: 1, .int8, shape: wanted)
    guard zip(aligned, wanted).allSatisfy({ $0 == $1 || $1.value != nil }) else {
      return try binary(.multiply, value, .computed(computed(.known(ones))))
    }
    let repeated = try KnownArray(
      repeating: 1, .int8,
      shape: zip(aligned, wanted).map { $0 == $1 ? .fixed(1) : $1 })
    try count(known: repeated.storedCount)
    return try binary(.multiply, value, .known(repeated.stored()))
  }
}

extension Sequence where Element == Dimension {
  /// The extents, if all are known.
  var known: [Int]? {
    let all = map(\.value)
    return all.contains(nil) ? nil : all.compactMap { $0 }
  }
}
