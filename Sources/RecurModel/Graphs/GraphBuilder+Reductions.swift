package import RecurTensors

// One number for all elements along some axes.
extension GraphBuilder {
  /// One number for all elements along some axes; of known arrays it is computed at once.
  package mutating func reduced(
    _ function: Reduction.Function, _ x: GraphValue, axes: [Int], keepsAxes: Bool
  ) throws(CheckpointError) -> GraphValue {
    guard let own = positions(of: axes, rank: try extents(x).count) else {
      throw problem("the axes \(axes), of which one is named twice or not there")
    }
    guard !own.isEmpty else { return x }
    guard let known = x.known, let fold = KnownReduction(function) else {
      let layer = Reduction(function, axes: own, keepsAxes: keepsAxes)
      return .computed(try add(.reduction(layer), [computed(x)])[0])
    }
    guard own.allSatisfy({ known.shape[$0].value != nil }) else {
      throw problem("a number for all of \(text(known.shape))")
    }
    try count(known: known.storedCount)
    let stored = try known.stored()
    var result = GraphValue.known(try fold.reduced(stored, axes: own))
    for axis in own.reversed() where !keepsAxes { result = try selected(result, axis: axis, 0) }
    return result
  }
}

/// A reduction of known numbers.
private struct KnownReduction {
  private let first: Double
  private let combine: (Double, Double) -> Double
  /// The result, for the combined numbers and their count.
  private let finish: (Double, Double) -> Double

  init?(_ function: Reduction.Function) {
    switch function {
    case .sum: (first, combine, finish) = (0, { $0 + $1 }, { sum, _ in sum })
    case .mean: (first, combine, finish) = (0, { $0 + $1 }, { $0 / $1 })
    case .l2Norm: (first, combine, finish) = (0, { $0 + $1 * $1 }, { sum, _ in sum.squareRoot() })
    case .maximum: (first, combine, finish) = (-.infinity, { max($0, $1) }, { most, _ in most })
    case .minimum: (first, combine, finish) = (.infinity, { min($0, $1) }, { least, _ in least })
    default: return nil
    }
  }

  /// The array with extent 1 along `axes`.
  func reduced(_ known: KnownArray, axes: [Int]) throws(CheckpointError) -> KnownArray {
    let shape = known.array.shape
    let reduced = shape.enumerated().map { axes.contains($0) ? 1 : $1 }
    var results = [Double](repeating: first, count: reduced.reduce(1, *))
    for (position, value) in known.array.doubles().enumerated() {
      var (rest, place, step) = (position, 0, 1)
      for axis in shape.indices.reversed() {
        if !axes.contains(axis) { place += rest % shape[axis] * step }
        rest /= shape[axis]
        step *= reduced[axis]
      }
      results[place] = combine(results[place], value)
    }
    let count = Double(axes.reduce(1) { $0 * shape[$1] })
    var copy = known
    let type = known.type.isFloatingPoint ? known.type : .float32
    copy.array = try Tensor.numbers(results.map { finish($0, count) }, type, shape: reduced)
    for axis in axes { copy.shape[axis] = .fixed(1) }
    copy.name = nil
    return copy
  }
}
