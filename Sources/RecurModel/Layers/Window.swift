/// A window that moves along one axis.
public struct Window: Hashable, Sendable {
  /// The number of elements that the window reads.
  public var size: Int
  /// The distance between the starts of neighbouring windows.
  public var stride: Int
  /// The distance between neighbouring elements of a window.
  public var dilation: Int
  /// The treatment of windows at both ends.
  public var padding: Padding

  /// Describes a window.
  public init(size: Int, stride: Int, dilation: Int = 1, padding: Padding) {
    self.size = size
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  /// The number of positions from the first to the last element, both included.
  public var span: Int { (size - 1) * dilation + 1 }

  /// The number of padded positions before the first position, and the number of windows.
  package func windows(over extent: Int) -> (before: Int, count: Int) {
    padding.windows(timesteps: extent, span: span, stride: stride)
  }
}

extension Window {
  /// The number of windows as an extent.
  ///
  /// - Throws: the required extent, when there would be no window.
  func windows(over extent: Dimension) throws(ShapeProblem) -> Dimension {
    guard let value = extent.value else {
      switch padding {
      case .same, .causal: return extent.divided(by: stride, roundsUp: true)
      case .valid: return extent.plus(1 - span).dividedPlusOne(by: stride)
      case .explicit(let before, let after):
        return extent.plus(before + after + 1 - span).dividedPlusOne(by: stride)
      }
    }
    let count = windows(over: value).count
    guard count > 0 else {
      throw ShapeProblem(expected: "at least \(least) positions under a window")
    }
    return .fixed(count)
  }

  /// The smallest extent with a window.
  private var least: Int {
    switch padding {
    case .same, .causal: 1
    case .valid: span
    case .explicit(let before, let after): max(span - before - after, 0)
    }
  }
}

extension [Window] {
  /// The windows as a title shows them: `3×3`.
  var sizes: String { map { "\($0.size)" }.joined(separator: "×") }

  /// Checks the axes between the batch and the channels, and counts the windows over each.
  ///
  /// - Throws: the shape that the layer takes.
  func over(
    _ x: [Dimension], width: Int?, named name: String
  ) throws(ShapeProblem) -> [Dimension] {
    try demand(x, rank: count + 2, width: width, "[batch, \(spatialNames(count)), %]")
    var extents: [Dimension] = []
    for (axis, window) in enumerated() {
      let extent = try window.windows(over: x[axis + 1])
      extents.append(extent.shortened("axis\(axis + 1)(\(name))"))
    }
    return extents
  }
}

/// The names of the axes between the batch and the channels, as messages print them.
func spatialNames(_ count: Int) -> String {
  switch count {
  case 1: "timesteps"
  case 2: "height, width"
  default: "depth, height, width"
  }
}
