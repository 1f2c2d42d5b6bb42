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
    let (values, width) = (table.doubles(), table.shape[1])
    guard !values.isEmpty else { return [] }
    var result = values.prefix(width).map { $0...$0 }
    for (position, value) in values.enumerated() {
      let range = result[position % width]
      result[position % width] = min(range.lowerBound, value)...max(range.upperBound, value)
    }
    return result
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
  let (w, u) = (kernel.doubles(), recurrent.doubles())
  let (width, hiddenWidth) = (kernel.shape[1], recurrent.shape[1])
  return (0..<kernel.shape[0]).map { unit in
    let bias = biases.reduce(0) { $0 + $1[unit] }
    var (low, high) = (bias, bias)
    func add(_ weight: Double, _ range: ClosedRange<Double>?) {
      guard weight != 0 else { return }
      guard let range else {
        (low, high) = (-.infinity, .infinity)
        return
      }
      let ends = (weight * range.lowerBound, weight * range.upperBound)
      low += min(ends.0, ends.1)
      high += max(ends.0, ends.1)
    }
    for column in 0..<width {
      add(
        w[unit * width + column],
        input.flatMap { $0.indices.contains(column) ? $0[column] : nil })
    }
    for column in 0..<hiddenWidth { add(u[unit * hiddenWidth + column], hidden) }
    return (low, high)
  }
}
