import RecurTensors

/// How a value was made of others by moving elements; what moves them back gives the others again.
enum ValueOrigin: Sendable {
  /// Axes in another order: axis i is axis `order[i]` of the source.
  case permuted(Model.Value, order: [Int])
  /// The elements of the source in the same order, in another shape.
  case reshaped(Model.Value)
  /// One position of an axis of a known extent.
  case selected(Model.Value, axis: Int, index: Int)
  /// Values along a new axis.
  case stacked([Model.Value], axis: Int)
}

extension GraphBuilder {
  /// The value whose elements, in the same order, a reshaped value has; the value itself otherwise.
  func root(_ value: Model.Value) -> Model.Value {
    switch origins[value] {
    case .reshaped(let source): source
    case .stacked(let parts, _) where parts.count == 1: parts[0]
    default: value
    }
  }

  /// The value that has the elements of `value` in this shape already; nil when there is none.
  func original(_ value: Model.Value, in wanted: [Dimension]) -> GraphValue? {
    let source = root(value)
    return source != value && shape(.computed(source)) == wanted ? .computed(source) : nil
  }

  /// The value of which leading axes were joined; nil for a value of which none were.
  ///
  /// What computes every vector along the last axis by itself may read this value.
  package func unjoined(_ x: GraphValue) -> GraphValue? {
    guard case .computed(let value) = x, let own = shape(x), own.count > 1,
      let before = shape(.computed(root(value))), before.count > own.count,
      before.last == own.last
    else { return nil }
    return .computed(root(value))
  }

  /// A value that was reshaped, and remembers of what.
  mutating func reshaping(
    _ reshaping: Reshaping, _ value: Model.Value
  ) throws(CheckpointError) -> GraphValue {
    let result = try add(.reshaping(reshaping), [value])[0]
    origins[result] = .reshaped(root(value))
    return .computed(result)
  }

  /// Reshaped behind an exchange of the first two axes, which both keep their places.
  mutating func reshapedBehindExchange(
    _ value: Model.Value, _ shape: [Dimension], _ wanted: [Dimension]
  ) throws(CheckpointError) -> GraphValue? {
    guard case .permuted(let source, order: let order)? = origins[value], shape.count > 1,
      wanted.count > 1, order == [1, 0] + Array(2..<shape.count),
      shape.prefix(2) == wanted.prefix(2)
    else { return nil }
    let inner = try reshaped(.computed(source), [wanted[1], wanted[0]] + wanted.dropFirst(2))
    return try transposed(inner, 0, 1)
  }

  /// All positions of an axis, in order, joined along another one: both axes are one.
  mutating func rejoined(
    _ parts: [GraphValue], axis: Int
  ) throws(CheckpointError) -> GraphValue? {
    var source: (value: Model.Value, axis: Int)?
    for (position, part) in parts.enumerated() {
      guard case .computed(let value) = part,
        case .selected(let own, axis: let ownAxis, index: position)? = origins[value],
        source.map({ $0 == (own, ownAxis) }) ?? true
      else { return nil }
      source = (own, ownAxis)
    }
    guard let source, let shape = shape(.computed(source.value)),
      shape[source.axis] == .fixed(parts.count)
    else { return nil }
    var order = shape.indices.filter { $0 != source.axis }
    order.insert(source.axis, at: axis)
    let moved = try permuted(.computed(source.value), order)
    var wanted = order.map { shape[$0] }
    wanted[axis + 1] = wanted[axis].times(wanted[axis + 1])
    wanted.remove(at: axis)
    return try reshaped(moved, wanted)
  }

  /// Stacks joined along the axis of their parts are one stack; nil for other values.
  mutating func restacked(
    _ values: [GraphValue], axis: Int
  ) throws(CheckpointError) -> GraphValue? {
    var all: [GraphValue] = []
    for value in values {
      guard case .computed(let own) = value, case .stacked(let parts, axis: axis)? = origins[own]
      else {
        return nil
      }
      all += parts.map { .computed($0) }
    }
    return try stacked(all, axis: axis)
  }
}
