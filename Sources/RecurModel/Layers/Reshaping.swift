/// The same elements in another shape or order.
///
/// Only ``exchangeBatchAndTime`` moves the batch axis.
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
  /// Timesteps of zeros added at both ends.
  case pad(before: Int, after: Int)
  /// Timesteps removed at both ends.
  case crop(before: Int, after: Int)
  /// A new axis of extent 1 at this position; position 0 is the batch.
  case insertAxis(Int)
  /// The first two axes exchanged: `[timesteps, batch, …]` and `[batch, timesteps, …]`.
  case exchangeBatchAndTime
  /// Every timestep repeated `factor` times.
  case upsample(factor: Int)

  /// A short name for tables.
  public var title: String {
    switch self {
    case .flatten: "Flatten"
    case .reshape(let extents):
      "Reshape(\(extents.map { $0.map(String.init) ?? "-1" }.joined(separator: ", ")))"
    case .permute(let axes): "Permute(\(axes.map(String.init).joined(separator: ", ")))"
    case .repeatVector(let count): "RepeatVector(\(count))"
    case .pad(let before, let after): "ZeroPadding(\(before), \(after))"
    case .crop(let before, let after): "Cropping(\(before), \(after))"
    case .insertAxis(let position): "ExpandDims(\(position))"
    case .exchangeBatchAndTime: "Transpose(1, 0)"
    case .upsample(let factor): "UpSampling(\(factor))"
    }
  }
}

extension Reshaping: LayerKind {
  package var asLayer: Layer { .reshaping(self) }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    switch self {
    case .exchangeBatchAndTime:
      LayerTraits(outputType: .ofInput, leadingAxes: .batchIsSecond, handsOnFeatures: true)
    case .insertAxis(let position):
      LayerTraits(
        outputType: .ofInput, leadingAxes: .batchIsFirst, handsOnFeatures: position == 1)
    case .flatten, .reshape, .permute, .repeatVector, .pad, .crop, .upsample:
      LayerTraits(outputType: .ofInput, leadingAxes: .batchIsFirst)
    }
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [try shape(of: inputs[0], named: name)]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}

extension Reshaping {
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
    func steps(_ change: (Int) -> Int, _ least: Int) throws(ShapeProblem) -> [Dimension] {
      guard x.count == 3, x[1].value ?? least >= least else {
        throw ShapeProblem(expected: "[batch, timesteps ≥ \(least), channels]")
      }
      return [x[0], x[1].value.map { .fixed(change($0)) } ?? .free("timesteps(\(name))"), x[2]]
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
        return [x[0]] + extents.map { $0.map { .fixed($0) } ?? .free("axis(\(name))") }
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
    case .pad(let before, let after): return try steps({ $0 + before + after }, 0)
    case .crop(let before, let after): return try steps({ $0 - before - after }, before + after + 1)
    case .insertAxis(let position):
      guard position > 0, position <= x.count else {
        throw ShapeProblem(expected: "at least \(position) axes")
      }
      return x[..<position] + [.fixed(1)] + x[position...]
    case .exchangeBatchAndTime:
      guard x.count >= 2 else { throw ShapeProblem(expected: "[timesteps, batch, …]") }
      return [x[1], x[0]] + x.dropFirst(2)
    case .upsample(let factor):
      return try steps(
        { $0.multipliedReportingOverflow(by: factor).overflow ? .max : $0 * factor }, 0)
    }
  }
}
