import RecurModel
import RecurTensors

// Operations that many layers use.
extension MILGraphWriter {
  mutating func add(_ x: MILWritten, _ y: MILWritten) -> MILWritten { pair("add", x, y) }
  mutating func multiply(_ x: MILWritten, _ y: MILWritten) -> MILWritten { pair("mul", x, y) }
  mutating func subtract(_ x: MILWritten, _ y: MILWritten) -> MILWritten { pair("sub", x, y) }

  /// One number.
  mutating func number(_ value: Double, _ type: ElementType) -> MILWritten {
    numbers([value], type, shape: [])
  }

  mutating func multiply(_ x: MILWritten, by number: Double) -> MILWritten {
    pair("mul", x, self.number(number, x.type))
  }

  mutating func add(_ x: MILWritten, number: Double) -> MILWritten {
    pair("add", x, self.number(number, x.type))
  }

  /// The axes in another order.
  mutating func permuted(_ x: MILWritten, _ order: [Int], isMain: Bool = false) -> MILWritten {
    guard order != Array(order.indices) else { return x }
    return apply(
      "transpose", [("x", .value(x)), ("perm", .ints(order))], shape: order.map { x.shape[$0] },
      as: x.type, isMain: isMain)
  }

  /// The first two axes exchanged.
  mutating func exchanged(_ x: MILWritten) -> MILWritten {
    permuted(x, [1, 0] + Array(2..<max(x.rank, 2)))
  }

  /// New axes of extent 1 at these positions of the result.
  mutating func insertingAxes(_ x: MILWritten, _ axes: [Int]) -> MILWritten {
    guard !axes.isEmpty else { return x }
    var shape = x.shape
    for axis in axes.sorted() { shape.insert(.fixed(1), at: axis) }
    return apply(
      "expand_dims", [("x", .value(x)), ("axes", .ints(axes))], shape: shape, as: x.type)
  }

  /// Without these axes of extent 1.
  mutating func removingAxes(_ x: MILWritten, _ axes: [Int]) -> MILWritten {
    let shape = x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] }
    return apply("squeeze", [("x", .value(x)), ("axes", .ints(axes))], shape: shape, as: x.type)
  }

  /// One position of an axis, which goes.
  mutating func selected(_ x: MILWritten, axis: Int, _ index: Int) -> MILWritten {
    var shape = x.shape
    shape.remove(at: axis)
    let others = x.shape.indices.map { $0 != axis }
    return apply(
      "slice_by_index",
      [
        ("x", .value(x)), ("begin", .ints(others.map { $0 ? 0 : index })),
        ("end", .ints(others.map { $0 || index == -1 ? 0 : index + 1 })),
        ("begin_mask", .flags(others)),
        ("end_mask", .flags(others.map { $0 || index == -1 })),
        ("squeeze_mask", .flags(others.map { !$0 })),
      ], shape: shape, as: x.type)
  }

  /// Evenly spaced positions of axes; `shape` is the result's.
  mutating func sliced(
    _ x: MILWritten, _ parts: [Slicing.Part], shape: [Dimension]
  ) -> MILWritten {
    func part(_ axis: Int) -> Slicing.Part? { parts.first { $0.axis == axis } }
    let axes = Array(x.shape.indices)
    return apply(
      "slice_by_index",
      [
        ("x", .value(x)), ("begin", .ints(axes.map { part($0)?.start ?? 0 })),
        ("end", .ints(axes.map { part($0)?.stop ?? 0 })),
        ("stride", .ints(axes.map { part($0)?.step ?? 1 })),
        ("begin_mask", .flags(axes.map { part($0)?.start == nil })),
        ("end_mask", .flags(axes.map { part($0)?.stop == nil })),
      ], shape: shape, as: x.type)
  }

  /// The elements along an axis in reverse order.
  mutating func reversed(_ x: MILWritten, axis: Int) -> MILWritten {
    map("reverse", x, [("axes", .ints([axis]))])
  }

  /// Values of one type, one after the other along an axis; `shape` is the result's.
  mutating func concatenated(
    _ parts: [MILWritten], axis: Int, shape: [Dimension]
  ) -> MILWritten {
    guard parts.count > 1 else { return parts[0] }
    return apply(
      "concat", [("values", .values(parts)), ("axis", .int(axis)), ("interleave", .flag(false))],
      shape: shape, as: parts[0].type)
  }

  /// Values along an axis, whose extents add up.
  mutating func concatenated(_ parts: [MILWritten], axis: Int) -> MILWritten {
    var shape = parts[0].shape
    shape[axis] = parts.dropFirst().reduce(shape[axis]) { $0.plus($1.shape[axis]) }
    return concatenated(parts, axis: axis, shape: shape)
  }

  /// Equal parts along an axis.
  mutating func split(_ x: MILWritten, axis: Int, count: Int) -> [MILWritten] {
    var shape = x.shape
    if let extent = shape[axis].value { shape[axis] = .fixed(extent / count) }
    return apply(
      "split", [("x", .value(x)), ("axis", .int(axis)), ("num_splits", .int(count))],
      results: [(shape: [Dimension], type: ElementType)](
        repeating: (shape, x.type), count: count))
  }

  /// x·Wᵀ + b for a weight `[out, in]`.
  mutating func linear(
    _ x: MILWritten, _ weight: MILWritten, _ bias: MILWritten?, isMain: Bool = false
  ) -> MILWritten {
    let shape = x.shape.dropLast() + [weight.shape[0]]
    var arguments: [(String, MILArgument)] = [("x", .value(x)), ("weight", .value(weight))]
    if let bias { arguments.append(("bias", .value(bias))) }
    return apply("linear", arguments, shape: Array(shape), as: x.type, isMain: isMain)
  }

  // MARK: extents

  /// The extent of an axis as one number, int32.
  mutating func extent(of x: MILWritten, _ axis: Int) -> MILWritten {
    if let known = x.shape[axis].value { return numbers([Double(known)], .int32, shape: []) }
    let all = apply("shape", [("x", .value(x))], shape: [.fixed(x.rank)], as: .int32)
    return apply(
      "slice_by_index",
      [
        ("x", .value(all)), ("begin", .ints([axis])), ("end", .ints([axis + 1])),
        ("squeeze_mask", .flags([true])),
      ], shape: [], as: .int32)
  }

  /// Extents as an array, int32: numbers, or axes of a value.
  mutating func extents(_ all: [(value: MILWritten, axis: Int)?], _ fixed: [Int]) -> MILWritten {
    guard all.contains(where: { $0 != nil }) else {
      return numbers(fixed.map(Double.init), .int32, shape: [fixed.count])
    }
    var parts: [MILWritten] = []
    for (index, own) in all.enumerated() {
      if let own {
        parts.append(insertingAxes(extent(of: own.value, own.axis), [0]))
      } else {
        parts.append(numbers([Double(fixed[index])], .int32, shape: [1]))
      }
    }
    return concatenated(parts, axis: 0, shape: [.fixed(parts.count)])
  }

  /// Zeros of this shape, whose free extents are those of axes of `like`.
  mutating func zeros(
    _ shape: [Dimension], like value: MILWritten, axes: [Int?], _ type: ElementType
  ) -> MILWritten {
    let places = zip(shape, axes).map { extent, axis -> (value: MILWritten, axis: Int)? in
      guard extent.value == nil, let axis else { return nil }
      return (value, axis)
    }
    let target = extents(places, shape.map { $0.value ?? 0 })
    return apply(
      "fill", [("shape", .value(target)), ("value", .number(0, type))], shape: shape, as: type)
  }
}
