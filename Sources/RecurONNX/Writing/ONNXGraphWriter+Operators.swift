import RecurModel
import RecurTensors

// Operators that the rooms of many layers use.
extension ONNXGraphWriter {
  mutating func add(_ x: ONNXValue, _ y: ONNXValue) -> ONNXValue { apply("Add", x, y) }
  mutating func subtract(_ x: ONNXValue, _ y: ONNXValue) -> ONNXValue { apply("Sub", x, y) }
  mutating func multiply(_ x: ONNXValue, _ y: ONNXValue) -> ONNXValue { apply("Mul", x, y) }
  mutating func divide(_ x: ONNXValue, _ y: ONNXValue) -> ONNXValue { apply("Div", x, y) }

  mutating func add(_ x: ONNXValue, _ y: Double) -> ONNXValue { add(x, number(y, x.type)) }
  mutating func subtract(_ x: ONNXValue, _ y: Double) -> ONNXValue {
    subtract(x, number(y, x.type))
  }
  mutating func multiply(_ x: ONNXValue, _ y: Double) -> ONNXValue {
    multiply(x, number(y, x.type))
  }
  mutating func divide(_ x: ONNXValue, _ y: Double) -> ONNXValue { divide(x, number(y, x.type)) }

  /// Zeros in the shape of a value, whatever it holds.
  mutating func zeros(of x: ONNXValue) -> ONNXValue { cast(compare("Less", x, x), to: x.type) }

  /// A comparison, `Less` or another one.
  mutating func compare(_ operation: String, _ x: ONNXValue, _ y: ONNXValue) -> ONNXValue {
    apply(operation, x, y, type: .bool)
  }

  mutating func compare(_ operation: String, _ x: ONNXValue, _ y: Double) -> ONNXValue {
    compare(operation, x, number(y, x.type))
  }

  /// One of two values, element by element.
  mutating func choose(
    _ condition: ONNXValue, _ onTrue: ONNXValue, _ onFalse: ONNXValue
  ) -> ONNXValue {
    apply("Where", condition, onTrue, onFalse, type: onTrue.type)
  }

  /// Limited to a range.
  mutating func clip(_ x: ONNXValue, _ low: Double?, _ high: Double?) -> ONNXValue {
    let bounds = [low, high].map { bound in bound.map { number($0, x.type) } }
    return apply("Clip", [x] + bounds, types: [x.type])[0]
  }

  // MARK: axes

  /// New axes of extent 1, at these positions of the result.
  mutating func insertingAxes(_ x: ONNXValue, _ axes: [Int]) -> ONNXValue {
    guard !axes.isEmpty else { return x }
    return apply("Unsqueeze", x, integers(axes))
  }

  /// Without these axes, which have the extent 1.
  mutating func removingAxes(_ x: ONNXValue, _ axes: [Int]) -> ONNXValue {
    guard !axes.isEmpty else { return x }
    return apply("Squeeze", x, integers(axes))
  }

  /// One element along an axis; the axis disappears.
  mutating func selected(_ x: ONNXValue, axis: Int, _ index: Int) -> ONNXValue {
    apply(
      "Gather", x, numbers([Double(index)], .int64, shape: []),
      attributes: [.integer("axis", axis)])
  }

  /// A part along axes, by Python's rules.
  mutating func sliced(_ x: ONNXValue, _ parts: [Slicing.Part]) -> ONNXValue {
    guard !parts.isEmpty else { return x }
    // Bounds far outside stand for the ends of the axis.
    let far = Int(Int32.max)
    let starts = parts.map { $0.start ?? ($0.step > 0 ? 0 : far) }
    let ends = parts.map { $0.stop ?? ($0.step > 0 ? far : -far - 1) }
    return apply(
      "Slice", x, integers(starts), integers(ends), integers(parts.map(\.axis)),
      integers(parts.map(\.step)))
  }

  /// The elements along an axis in reverse order.
  mutating func reversed(_ x: ONNXValue, axis: Int) -> ONNXValue {
    sliced(x, [.init(axis: axis, step: -1)])
  }

  mutating func concatenated(_ parts: [ONNXValue], axis: Int) -> ONNXValue {
    parts.count == 1
      ? parts[0]
      : apply("Concat", parts, [.integer("axis", axis)], types: [parts[0].type])[0]
  }

  /// Parts of known sizes along an axis.
  mutating func split(_ x: ONNXValue, axis: Int, sizes: [Int]) -> [ONNXValue] {
    apply(
      "Split", [x, integers(sizes)], [.integer("axis", axis)],
      types: sizes.map { _ in x.type })
  }

  /// The extents of a value.
  mutating func shape(of x: ONNXValue) -> ONNXValue { apply("Shape", x, type: .int64) }

  /// The extents of some axes of a value, in this order.
  mutating func extents(of x: ONNXValue, _ axes: [Int]) -> ONNXValue {
    let all = shape(of: x)
    return apply("Gather", all, integers(axes), attributes: [.integer("axis", 0)])
  }

  /// Another shape: 0 keeps the extent of the same axis, -1 is the rest.
  mutating func reshaped(_ x: ONNXValue, _ extents: [Int]) -> ONNXValue {
    apply("Reshape", x, integers(extents))
  }

  mutating func reshaped(_ x: ONNXValue, to shape: ONNXValue) -> ONNXValue {
    apply("Reshape", x, shape)
  }

  /// Axes of extent 1 repeated up to the extents of `shape`.
  mutating func expanded(_ x: ONNXValue, to shape: ONNXValue) -> ONNXValue {
    apply("Expand", x, shape)
  }

  // MARK: reductions

  /// One number for all elements along some axes.
  mutating func reduced(
    _ operation: String, _ x: ONNXValue, axes: [Int], keepsAxes: Bool
  ) -> ONNXValue {
    let keeps = ONNXAttributeForm.integer("keepdims", keepsAxes ? 1 : 0)
    // The axes of sums are an input since version 13, those of others since 18.
    guard operation == "ReduceSum" || operatorSet >= 18 else {
      return apply(operation, x, attributes: [.integers("axes", axes), keeps])
    }
    return apply(operation, x, integers(axes), attributes: [keeps])
  }

  /// Whether any of some Booleans is true.
  mutating func any(_ x: ONNXValue, axes: [Int], keepsAxes: Bool) -> ONNXValue {
    cast(
      reduced("ReduceMax", cast(x, to: .float32), axes: axes, keepsAxes: keepsAxes), to: .bool)
  }
}
