import RecurModel
import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

extension Model {
  /// The range of every value whose range is known.
  ///
  /// A recurrent layer whose activation stays within ±1 gives values within ±1. An embedding gives
  /// rows of its table. A bounded function gives values within its bounds. Values of unknown range
  /// are left out.
  func valueRanges() -> [Value: FeatureRange] {
    var ranges: [Value: FeatureRange] = [:]
    for node in nodes where startsWithinRange(node) {
      let x = node.inputs.first.flatMap { ranges[$0] }
      if let range = node.layer.definition.outputRange(x) { ranges[Value(node.name)] = range }
    }
    return ranges
  }

  /// Whether a call may leave out every initial state of a node; such states are zeros, or those at
  /// the end of an earlier call.
  func startsWithinRange(_ node: Node) -> Bool {
    func isOptional(_ value: Value) -> Bool {
      guard let source = self.node(value.node) else { return false }
      switch source.layer {
      case .input(let input): return input.isOptional
      case .selection, .reshaping, .identity: return source.inputs.allSatisfy(isOptional)
      default: return false
      }
    }
    return node.initialState.allSatisfy(isOptional)
  }
}

extension Activation {
  /// The value at `x` of an increasing function that gates use; nil for other functions.
  func gateValue(_ x: Double) -> Double? {
    switch self {
    case .sigmoid: x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    case .hardSigmoid(let slope, let offset):
      slope > 0 ? min(max(slope * x + offset, 0), 1) : nil
    default: nil
    }
  }
}

/// The range of the argument of one gate, per unit.
///
/// - Parameters:
///   - gate: the gate.
///   - input: the range of x; nil is unknown.
///   - hidden: the range of h; nil is unknown.
/// - Returns: a range per unit; unbounded where a value of unknown range has a nonzero weight.
func argumentRanges(
  _ gate: CellGate, input: FeatureRange?, hidden: ClosedRange<Double>?
) -> [(low: Double, high: Double)] {
  let biases = gate.biases.map { $0.doubles() }
  let (kernel, recurrent) = (gate.kernel, gate.recurrentKernel)
  var sums = ArgumentSums(
    (0..<kernel.shape[0]).map { unit in biases.reduce(0) { $0 + $1[unit] } })
  let hiddenRange = hidden.map { FeatureRange(repeating: $0, count: recurrent.shape[1]) }
  // Values of unknown range come first, because one of them can make the whole range unbounded.
  for isKnown in [false, true] {
    if (input != nil) == isKnown { sums.add(kernel, input) }
    if (hiddenRange != nil) == isKnown { sums.add(recurrent, hiddenRange) }
  }
  return zip(sums.low, sums.high).map { ($0, $1) }
}

/// The range of a sum of products per unit, added up column by column.
private struct ArgumentSums {
  private(set) var low: [Double]
  private(set) var high: [Double]

  init(_ start: [Double]) { (low, high) = (start, start) }

  /// Adds `matrix`, `[units, columns]`, times a vector whose elements lie in `ranges`; an element
  /// without a range may be any number.
  mutating func add(_ matrix: Tensor, _ ranges: FeatureRange?) {
    let units = low.count
    guard units > 0, matrix.count > 0 else { return }
    let length = max(1, TensorBlocks.scannedElements / units)
    var first = 0
    while first < matrix.shape[1] {
      // Nothing can widen a range that has no bounds.
      guard low.contains(where: { $0 > -.infinity }) || high.contains(where: { $0 < .infinity })
      else { return }
      let end = min(first + length, matrix.shape[1])
      let columns = matrix.slice(axis: 1, first..<end).transposed().doubles()
      for column in first..<end {
        let range = ranges.flatMap { $0.indices.contains(column) ? $0[column] : nil }
        add(columns[(column - first) * units..<(column - first + 1) * units], range)
      }
      first = end
    }
  }

  private mutating func add(_ column: ArraySlice<Double>, _ range: ClosedRange<Double>?) {
    guard let range else {
      for (unit, weight) in column.enumerated() where weight != 0 {
        low[unit] = -.infinity
        high[unit] = .infinity
      }
      return
    }
    let (lower, upper) = (range.lowerBound, range.upperBound)
    let start = column.startIndex
    for unit in low.indices {
      let weight = column[start + unit]
      let isPositive = weight >= 0
      low[unit] += weight * (isPositive ? lower : upper)
      high[unit] += weight * (isPositive ? upper : lower)
    }
  }
}
