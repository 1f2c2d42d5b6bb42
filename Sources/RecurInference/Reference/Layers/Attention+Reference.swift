import RecurModel
import RecurTensors

extension Attention: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var extra = call.inputs.dropFirst(2)
    let (query, value) = (call.inputs[0], call.inputs[1])
    let key = hasKey ? extra.removeFirst() : value
    let queryMask = hasQueryMask ? extra.removeFirst() : nil
    let valueMask = hasValueMask ? extra.removeFirst() : nil
    let (batch, queries, width) = (query.shape[0], query.shape[1], query.shape[2])
    let (timesteps, outputs) = (value.shape[1], value.shape[2])
    let score = self.score.function(call)
    var y = Values<Scalar>(shape: [batch, queries, outputs])
    for row in 0..<batch {
      for q in 0..<queries where queryMask.map({ $0.elements[row * queries + q] != 0 }) ?? true {
        let start = (row * queries + q) * width
        let asked = Array(query.elements[start..<start + width])
        var scores = (0..<timesteps).map { t in
          let start = (row * timesteps + t) * width
          let found = score(asked, Array(key.elements[start..<start + width]))
          let counts = valueMask.map { $0.elements[row * timesteps + t] != 0 } ?? true
          let isSeen = counts && (!isCausal || t <= q)
          return isSeen ? found : lowered(found, call.precision)
        }
        Activation.softmax.apply(to: &scores)
        scores = call.precision.rounding(scores)
        for t in 0..<timesteps {
          for output in 0..<outputs {
            y.elements[(row * queries + q) * outputs + output] +=
              scores[t] * value.elements[(row * timesteps + t) * outputs + output]
          }
        }
      }
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    let because =
      flow.isPadded
      ? "every timestep looks at all others, and no mask leaves out the padding"
      : "every timestep looks at all others"
    let tracks = call.tracks
    let values = tracks[1...(hasKey ? 2 : 1)]
    guard flow.isPadded, tracks[0].axis == nil || tracks[0].axis == 1 else {
      return flow.mixed(call.node, because)
    }
    var masks = call.node.inputs.dropFirst(hasKey ? 3 : 2)
    if hasQueryMask { masks = masks.dropFirst() }
    let isCovered = hasValueMask && flow.covers(masks.first)
    guard values.allSatisfy({ $0.axis == nil }) || isCovered,
      values.allSatisfy({ [nil, 1].contains($0.axis) && !$0.isReversed && $0.batchAxis == 0 })
    else { return flow.mixed(call.node, because) }
    var result = TimestepFlow.Track(axis: tracks[0].axis)
    result.isReversed = tracks[0].isReversed
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }

  /// The score of a masked value, so low that its weight is zero beside an unmasked value.
  ///
  /// When all values are masked, rounding to the layer's type makes all scores equal; that is part
  /// of the layer's definition (keras/src/layers/attention/attention.py, `_apply_scores`).
  private func lowered<Scalar: ReferenceScalar>(
    _ score: Scalar, _ precision: ElementType
  ) -> Scalar {
    switch precision {
    case .float16: Scalar(ElementType.float16.rounded(Double(score) - 65504))
    case .float64: score - 1e9
    default: Scalar(Float(score) - 1e9)
    }
  }
}

extension Attention.Score {
  /// The score function of a query and a key.
  fileprivate func function<Scalar>(
    _ call: ReferenceForward<Scalar>.Call
  ) -> ([Scalar], [Scalar]) -> Scalar {
    switch self {
    case .product(let scale):
      let factor = scale.map { call.weights($0)[0] } ?? 1
      return { query, key in factor * zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } }
    case .additive(let scale):
      let factors = scale.map { call.weights($0) }
      return { query, key in
        var sum: Scalar = 0
        for index in query.indices {
          sum += (factors?[index] ?? 1) * Scalar.tanh(query[index] + key[index])
        }
        return sum
      }
    case .concatenation(let scale, let weight):
      let factor = scale.map { call.weights($0)[0] } ?? 1
      let outer = call.weights(weight)[0]
      return { query, key in
        outer * zip(query, key).reduce(0) { $0 + Scalar.tanh(factor * ($1.0 + $1.1)) }
      }
    }
  }
}
