import RecurModel
import RecurTensors

extension ReferenceForward {
  func run(_ merge: Merge, _ call: Call) -> Values<Scalar> {
    let inputs = call.inputs
    let rank = inputs.map(\.shape.count).max() ?? 0
    func folded(_ operation: (Scalar, Scalar) -> Scalar) -> Values<Scalar> {
      let aligned = inputs.map { $0.reshaped(Merge.aligned($0.shape, rank: rank, with: 1)) }
      return aligned.dropFirst().reduce(aligned[0]) {
        $0.combined(with: $1, operation).rounded(to: call.precision)
      }
    }
    switch merge {
    case .add: return folded(+)
    case .subtract: return folded(-)
    case .multiply: return folded(*)
    case .average:
      let sum = folded(+)
      return Values(shape: sum.shape, elements: sum.elements.map { $0 / Scalar(inputs.count) })
    case .maximum: return folded(maximum)
    case .minimum: return folded(minimum)
    case .concatenate(let axis):
      return Values.concatenated(inputs, axis: axis < 0 ? axis + rank : axis)
    case .stack(let axis):
      return Values.concatenated(
        inputs.map { $0.reshaped($0.shape[..<axis] + [1] + $0.shape[axis...]) }, axis: axis)
    case .dot(let axes, let isNormalized):
      var (one, other) = (inputs[0], inputs[1])
      if isNormalized {
        one = one.normalized(axis: axes[0])
        other = other.normalized(axis: axes[1])
      }
      return one.dot(other, axes: (axes[0], axes[1]))
    }
  }

  func run(_ attention: Attention, _ call: Call) -> Values<Scalar> {
    var extra = call.inputs.dropFirst(2)
    let (query, value) = (call.inputs[0], call.inputs[1])
    let key = attention.hasKey ? extra.removeFirst() : value
    let queryMask = attention.hasQueryMask ? extra.removeFirst() : nil
    let valueMask = attention.hasValueMask ? extra.removeFirst() : nil
    let (batch, queries, width) = (query.shape[0], query.shape[1], query.shape[2])
    let (timesteps, outputs) = (value.shape[1], value.shape[2])
    let score = score(attention.score, call)
    var y = Values<Scalar>(shape: [batch, queries, outputs])
    for row in 0..<batch {
      for q in 0..<queries where queryMask.map({ $0.elements[row * queries + q] != 0 }) ?? true {
        let start = (row * queries + q) * width
        let asked = Array(query.elements[start..<start + width])
        var scores = (0..<timesteps).map { t in
          let start = (row * timesteps + t) * width
          let found = score(asked, Array(key.elements[start..<start + width]))
          let counts = valueMask.map { $0.elements[row * timesteps + t] != 0 } ?? true
          let isSeen = counts && (!attention.isCausal || t <= q)
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
    return y
  }

  /// The score of a masked value: so low that nothing is left of it beside one that counts.
  ///
  /// Where nothing counts, the rounding to the layer's type makes all scores equal; that is part of
  /// what the layer computes (keras/src/layers/attention/attention.py, `_apply_scores`).
  private func lowered(_ score: Scalar, _ precision: ElementType) -> Scalar {
    switch precision {
    case .float16: Scalar(ElementType.float16.rounded(Double(score) - 65504))
    case .float64: score - 1e9
    default: Scalar(Float(score) - 1e9)
    }
  }

  private func score(
    _ score: Attention.Score, _ call: Call
  ) -> ([Scalar], [Scalar]) -> Scalar {
    switch score {
    case .product(let scale):
      let factor = scale.map { weights($0, call)[0] } ?? 1
      return { query, key in factor * zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } }
    case .additive(let scale):
      let factors = scale.map { weights($0, call) }
      return { query, key in
        var sum: Scalar = 0
        for index in query.indices {
          sum += (factors?[index] ?? 1) * Scalar.tanh(query[index] + key[index])
        }
        return sum
      }
    case .concatenation(let scale, let weight):
      let factor = scale.map { weights($0, call)[0] } ?? 1
      let outer = weights(weight, call)[0]
      return { query, key in
        outer * zip(query, key).reduce(0) { $0 + Scalar.tanh(factor * ($1.0 + $1.1)) }
      }
    }
  }
}
