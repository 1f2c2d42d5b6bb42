/// The same elements in another shape or order.
///
/// Only ``exchangeBatchAndTime`` moves the batch axis, and only ``reshapeAll(_:)`` divides it or joins it
/// with others.
public enum Reshaping: Hashable, Sendable {
  /// All axes except the batch become one axis.
  case flatten
  /// All axes except the batch become these extents; an extent of nil is computed from the element
  /// count.
  case reshape([Int?])
  /// The axes in another order; axis numbers begin with 1 for the axis after the batch.
  case permute([Int])
  /// `[batch, width]` repeated as `count` equal timesteps.
  case repeatVector(count: Int)
  /// Zeros added at both ends of the axes behind the batch; one margin per axis, channels last.
  case pad([Margin])
  /// Positions removed at both ends of the axes behind the batch.
  case crop([Margin])
  /// A new axis of extent 1 at this position; position 0 is the batch.
  case insertAxis(Int)
  /// The first two axes exchanged: `[timesteps, batch, …]` and `[batch, timesteps, …]`.
  case exchangeBatchAndTime
  /// Every position of the axes behind the batch repeated; one factor per axis.
  case upsample([Int])
  /// All axes, the batch among them, become these extents.
  case reshapeAll([Extent])

  /// An extent of a new shape.
  public enum Extent: Hashable, Sendable {
    /// A known extent.
    case fixed(Int)
    /// The extent of an axis of the input.
    case axis(Int)
    /// The extent of an axis of a second input, whose elements count for nothing.
    case axisOfSecond(Int)
    /// As many as the element count leaves; at most one extent is this.
    case rest

    /// The extent in a title: `4`, `axis 0`, `-1`.
    var text: String {
      switch self {
      case .fixed(let value): "\(value)"
      case .axis(let axis): "axis \(axis)"
      case .axisOfSecond(let axis): "axis \(axis) of the second"
      case .rest: "-1"
      }
    }
  }

  /// A number of positions at each end of an axis.
  public struct Margin: Hashable, Sendable {
    /// The positions before the first one.
    public var before: Int
    /// The positions after the last one.
    public var after: Int

    /// Makes a margin.
    public init(_ before: Int, _ after: Int) {
      self.before = before
      self.after = after
    }

    /// The sum of both ends.
    package var total: Int { before + after }
  }

  /// A short name for tables.
  public var title: String {
    switch self {
    case .flatten: "Flatten"
    case .reshape(let extents):
      "Reshape(\(extents.map { $0.map(String.init) ?? "-1" }.joined(separator: ", ")))"
    case .permute(let axes): "Permute(\(axes.map(String.init).joined(separator: ", ")))"
    case .repeatVector(let count): "RepeatVector(\(count))"
    case .pad(let margins): "ZeroPadding(\(Self.text(margins)))"
    case .crop(let margins): "Cropping(\(Self.text(margins)))"
    case .insertAxis(let position): "ExpandDims(\(position))"
    case .exchangeBatchAndTime: "Transpose(1, 0)"
    case .upsample(let factors):
      "UpSampling(\(factors.map(String.init).joined(separator: ", ")))"
    case .reshapeAll(let extents): "ReshapeAll(\(extents.map(\.text).joined(separator: ", ")))"
    }
  }

  private static func text(_ margins: [Margin]) -> String {
    let parts = margins.map { "\($0.before), \($0.after)" }
    return parts.count == 1 ? parts[0] : parts.map { "(\($0))" }.joined(separator: ", ")
  }
}

extension Reshaping: LayerKind {
  package var asLayer: Layer { .reshaping(self) }
  package var ports: LayerPorts {
    takesSecondInput ? LayerPorts(inputs: 2...2, outputs: 1) : .oneToOne
  }
  package var traits: LayerTraits {
    switch self {
    case .exchangeBatchAndTime:
      LayerTraits(outputType: .ofInput, leadingAxes: .batchIsSecond, handsOnFeatures: true)
    case .insertAxis(let position):
      LayerTraits(
        outputType: .ofInput, leadingAxes: .batchIsFirst, handsOnFeatures: position == 1)
    case .flatten, .reshape, .permute, .repeatVector, .pad, .crop, .upsample, .reshapeAll:
      LayerTraits(outputType: .ofInput, leadingAxes: .batchIsFirst)
    }
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    if case .reshapeAll(let extents) = self {
      return [try wholeShape(of: inputs[0], inputs.last ?? [], extents, named: name)]
    }
    return [try shape(of: inputs[0], named: name)]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}

extension Reshaping {
  /// Whether an extent is that of a second input.
  package var takesSecondInput: Bool {
    guard case .reshapeAll(let extents) = self else { return false }
    return extents.contains { if case .axisOfSecond = $0 { true } else { false } }
  }

  /// The shape after this operation.
  private func shape(
    of x: [Dimension], named name: String
  ) throws(ShapeProblem) -> [Dimension] {
    func count(_ extents: [Dimension]) -> Int? {
      var total = 1
      for extent in extents {
        guard let value = extent.value else { return nil }
        let (product, overflow) = total.multipliedReportingOverflow(by: value)
        guard !overflow else { return nil }
        total = product
      }
      return total
    }
    /// The axes behind the batch after a change of each.
    func changed(
      _ count: Int, _ least: (Int) -> Int, _ change: (Dimension, Int) -> Dimension
    ) throws(ShapeProblem) -> [Dimension] {
      guard x.count == count + 2,
        (0..<count).allSatisfy({ (x[$0 + 1].value ?? .max) >= least($0) })
      else {
        let least = (0..<count).map { "≥ \(least($0))" }.joined(separator: ", ")
        throw ShapeProblem(expected: "[batch, \(least), channels]")
      }
      return [x[0]]
        + (0..<count).map {
          change(x[$0 + 1], $0).shortened("axis\($0 + 1)(\(name))")
        } + [x[x.count - 1]]
    }
    switch self {
    case .flatten:
      let rest = Array(x.dropFirst())
      return [x[0], count(rest).map { .fixed($0) } ?? .free("features(\(name))")]
    case .reshape(let extents):
      let known = extents.compactMap { $0 }
      guard let size = count(known.map { .fixed($0) }) else {
        throw ShapeProblem(expected: "a size that can be counted")
      }
      guard let total = count(Array(x.dropFirst())) else {
        let own = x.dropFirst().reduce(Dimension.fixed(1)) { $0.times($1) }
        let rest = own.divided(exactlyBy: .fixed(size)) ?? .free("axis(\(name))")
        return [x[0]] + extents.map { $0.map { .fixed($0) } ?? rest }
      }
      let hasRest = known.count < extents.count
      guard hasRest ? size > 0 && total % size == 0 : total == size else {
        throw ShapeProblem(
          expected: hasRest ? "a multiple of \(size) elements" : "\(size) elements")
      }
      return [x[0]] + extents.map { .fixed($0 ?? total / size) }
    case .permute(let axes):
      guard axes.count == x.count - 1 else {
        throw ShapeProblem(expected: "\(axes.count) axes besides the batch")
      }
      return [x[0]] + axes.map { x[$0] }
    case .repeatVector(let count):
      guard x.count == 2 else { throw ShapeProblem(expected: "[batch, width]") }
      return [x[0], .fixed(count), x[1]]
    case .pad(let margins):
      return try changed(margins.count, { _ in 0 }) { $0.plus(margins[$1].total) }
    case .crop(let margins):
      return try changed(margins.count, { margins[$0].total + 1 }) { $0.plus(-margins[$1].total) }
    case .insertAxis(let position):
      guard position > 0, position <= x.count else {
        throw ShapeProblem(expected: "at least \(position) axes")
      }
      return x[..<position] + [.fixed(1)] + x[position...]
    case .exchangeBatchAndTime:
      guard x.count >= 2 else { throw ShapeProblem(expected: "[timesteps, batch, …]") }
      return [x[1], x[0]] + x.dropFirst(2)
    case .upsample(let factors):
      return try changed(factors.count, { _ in 0 }) { $0.times(factors[$1]) }
    case .reshapeAll(let extents):
      return try wholeShape(of: x, x, extents, named: name)
    }
  }

  private func wholeShape(
    of x: [Dimension], _ second: [Dimension], _ extents: [Extent], named name: String
  ) throws(ShapeProblem) -> [Dimension] {
    var (shape, known): ([Dimension], Dimension) = ([], .fixed(1))
    for extent in extents {
      switch extent {
      case .fixed(let value): shape.append(.fixed(value))
      case .axis(let axis):
        guard x.indices.contains(axis) else { throw ShapeProblem(expected: "an axis \(axis)") }
        shape.append(x[axis])
      case .axisOfSecond(let axis):
        guard second.indices.contains(axis) else {
          throw ShapeProblem(expected: "an axis \(axis) of the second input")
        }
        shape.append(second[axis])
      case .rest: continue
      }
      known = known.times(shape[shape.count - 1])
    }
    let total = x.reduce(Dimension.fixed(1)) { $0.times($1) }
    guard let rest = extents.firstIndex(of: .rest) else {
      guard total.agrees(with: known) else {
        throw ShapeProblem(expected: "\(known) elements")
      }
      return shape
    }
    guard extents.count == shape.count + 1, known != .fixed(0),
      total.value == nil || known.value == nil || total.divided(exactlyBy: known) != nil
    else { throw ShapeProblem(expected: "a multiple of \(known) elements") }
    let own = total.divided(exactlyBy: known) ?? .free("axis\(rest)(\(name))")
    shape.insert(own, at: rest)
    return shape
  }
}
