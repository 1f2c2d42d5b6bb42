import RecurModel
import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Between which numbers every element of a value lies, whatever the model is given; by feature.
typealias FeatureRange = [ClosedRange<Double>]

extension Model {
  /// The range of every value that has one, found from the nodes in order.
  ///
  /// Recurrent layers whose activation stays within ±1 put out no more than that, tables put out
  /// their rows, and functions with bounds keep to them. What is not known is left out.
  func valueRanges() -> [Value: FeatureRange] {
    var ranges: [Value: FeatureRange] = [:]
    for node in nodes {
      let x = node.inputs.first.flatMap { ranges[$0] }
      switch node.layer {
      case .embedding(let embedding):
        ranges[Value(node.name)] = columns(of: embedding.table)
      case .recurrent(let recurrent):
        guard startsWithinRange(node), let bound = recurrent.cell.outputRange
        else { continue }
        ranges[Value(node.name)] = FeatureRange(repeating: bound, count: recurrent.cell.units)
      case .bidirectional(let pair):
        guard startsWithinRange(node), pair.mergeMode == .concatenate,
          let one = pair.forward.cell.outputRange, let other = pair.backward.cell.outputRange
        else { continue }
        ranges[Value(node.name)] =
          FeatureRange(repeating: one, count: pair.forward.cell.units)
          + FeatureRange(repeating: other, count: pair.backward.cell.units)
      case .activation(let activation):
        guard let bound = activation.range, let x else { continue }
        ranges[Value(node.name)] = FeatureRange(repeating: bound, count: x.count)
      case .dense(let dense):
        guard let bound = dense.activation.range else { continue }
        ranges[Value(node.name)] = FeatureRange(repeating: bound, count: dense.outputSize)
      case .identity: ranges[Value(node.name)] = x
      case .input, .timeDistributed, .convolution, .pooling, .batchNormalization,
        .layerNormalization, .standardization, .scaling, .parametricReLU, .reshaping, .selection,
        .merge, .attention, .masking, .notEqual, .anyTrue, .lengthMask, .opaque:
        continue
      }
    }
    return ranges
  }

  /// Whether every state of a node is its own or one that a call may leave out: those are zeros, or
  /// what such a layer put out before.
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

  private func columns(of table: Tensor) -> FeatureRange {
    guard table.count > 0 else { return [] }
    var low = [Double](repeating: .infinity, count: table.shape[1])
    var high = [Double](repeating: -.infinity, count: table.shape[1])
    for part in table.split(elements: TensorBlocks.scannedElements) {
      // A part is rows, or a piece of one that is wider than a block.
      guard part.rank == 2 else { return wideColumns(of: table) }
      let values = part.doubles()
      for row in stride(from: 0, to: values.count, by: low.count) {
        for column in low.indices {
          let value = values[row + column]
          low[column] = value < low[column] ? value : low[column]
          high[column] = value > high[column] ? value : high[column]
        }
      }
    }
    return zip(low, high).map { $0...$1 }
  }

  private func wideColumns(of table: Tensor) -> FeatureRange {
    (0..<table.shape[1]).map { column in
      var (low, high) = (Double.infinity, -Double.infinity)
      for part in table.select(axis: 1, column).split(elements: TensorBlocks.scannedElements) {
        for value in part.doubles() { (low, high) = (min(low, value), max(high, value)) }
      }
      return low...high
    }
  }
}

extension Activation {
  /// The bounds of the function, for those that have bounds.
  var range: ClosedRange<Double>? {
    switch self {
    case .sigmoid, .hardSigmoid, .softmax, .sparseSigmoid, .sparsemax: 0...1
    case .tanh, .hardTanh, .softsign: -1...1
    case .relu6: 0...6
    case .linear, .relu, .leakyReLU, .elu, .selu, .celu, .logSigmoid, .tanhShrink, .logSoftmax,
      .softplus, .softShrink, .hardShrink, .exponential, .silu, .hardSilu, .gelu, .mish,
      .squareplus, .glu, .sparsePlus, .threshold, .rectifier:
      nil
    }
  }

  /// The value of a function that gates use, which grows with `x`; nil for others.
  func gateValue(_ x: Double) -> Double? {
    switch self {
    case .sigmoid: x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    case .hardSigmoid(let slope, let offset):
      slope > 0 ? min(max(slope * x + offset, 0), 1) : nil
    default: nil
    }
  }
}

extension RecurrentCell {
  /// Where every element of h lies when the first state is zero.
  ///
  /// |h| of an LSTM is at most |φ(c)|, that of a GRU is a mean of its candidates.
  var outputRange: ClosedRange<Double>? {
    func within(_ activation: Activation) -> ClosedRange<Double>? {
      activation.range.flatMap { $0.lowerBound >= -1 && $0.upperBound <= 1 ? -1...1 : nil }
    }
    switch self {
    case .lstm(let lstm):
      guard lstm.projection == nil, lstm.recurrentActivation.range == 0...1 else { return nil }
      return within(lstm.activation)
    case .gru(let gru):
      return gru.recurrentActivation.range == 0...1 ? within(gru.activation) : nil
    case .simpleRNN(let rnn): return within(rnn.activation)
    case .stacked(let cells): return cells.last?.outputRange
    }
  }
}

/// Between which numbers the argument of one gate lies, unit by unit.
///
/// - Parameters:
///   - weights: the weights of the cell.
///   - gate: the gate.
///   - input: the range of x; nil is unknown.
///   - hidden: the range of h; nil is unknown.
/// - Returns: a range per unit; unbounded where what is unknown has any weight.
func argumentRanges<Gate: RecurrentGate>(
  _ weights: RecurrentWeights<Gate>, _ gate: Gate, input: FeatureRange?,
  hidden: ClosedRange<Double>?
) -> [(low: Double, high: Double)] {
  let biases: [[Double]] =
    switch weights.bias {
    case .none: []
    case .single(let one): [one[gate].doubles()]
    case .split(let one, let other): [one[gate].doubles(), other[gate].doubles()]
    }
  let (kernel, recurrent) = (weights.kernel[gate], weights.recurrentKernel[gate])
  var sums = ArgumentSums(
    (0..<kernel.shape[0]).map { unit in biases.reduce(0) { $0 + $1[unit] } })
  let hiddenRange = hidden.map { FeatureRange(repeating: $0, count: recurrent.shape[1]) }
  // What is unknown is looked at first: it may settle everything.
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

  /// Adds `matrix`, `[units, columns]`, times a vector whose elements lie in `ranges`; one without a
  /// range may be any number.
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
