import RecurModel
import RecurTensors

extension MultiHeadAttention: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let (x, value) = (call.inputs[0], call.inputs[1])
    let key = hasKey ? call.inputs[2] : value
    var rest = call.inputs.dropFirst(hasKey ? 3 : 2)
    let queryMask = masks.query ? rest.popFirst() : nil
    let others = rest.map { $0 }
    let q = query.intoHeads(x, call)
    let (k, v) = (self.key.intoHeads(key, call), self.value.intoHeads(value, call))
    let (batch, queries, timesteps) = (x.shape[0], x.shape[1], value.shape[1])
    let (size, width) = (headWidth, self.value.kernel.shape[2])
    let scale = 1 / Scalar(size).squareRoot()
    var joined = Values<Scalar>(shape: [batch, queries, heads, width])
    for row in 0..<batch {
      for t in 0..<queries {
        for head in 0..<heads {
          let shared = head / (heads / keyHeads)
          let from = ((row * queries + t) * heads + head) * size
          var scores = (0..<timesteps).map { step -> Scalar in
            let counts =
              queryMask.map { $0.elements[row * queries + t] != 0 } ?? true
              && others.allSatisfy { $0.elements[row * timesteps + step] != 0 }
              && (!isCausal || step <= t)
            // All scores of a query that sees nothing are equal.
            guard counts else { return -Scalar.greatestFiniteMagnitude }
            let to = ((row * timesteps + step) * keyHeads + shared) * size
            var sum: Scalar = 0
            for i in 0..<size { sum += q.elements[from + i] * k.elements[to + i] }
            return scale * sum
          }
          Activation.softmax.apply(to: &scores)
          scores = call.precision.rounding(scores)
          let target = ((row * queries + t) * heads + head) * width
          for step in 0..<timesteps {
            let source = ((row * timesteps + step) * keyHeads + shared) * width
            for i in 0..<width {
              joined.elements[target + i] += scores[step] * v.elements[source + i]
            }
          }
        }
      }
    }
    return [output.outOfHeads(joined.rounded(to: call.precision), call)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.mixed(call.node, "every timestep looks at all others")
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}

extension MultiHeadAttention.Projection {
  /// `[batch, timesteps, width]` as `[batch, timesteps, heads, head width]`.
  fileprivate func intoHeads<Scalar>(
    _ x: Values<Scalar>, _ call: ReferenceForward<Scalar>.Call
  ) -> Values<Scalar> {
    product(x, width: x.shape[2], to: Array(kernel.shape.dropFirst()), call)
  }

  /// `[batch, timesteps, heads, head width]` as `[batch, timesteps, width]`.
  fileprivate func outOfHeads<Scalar>(
    _ x: Values<Scalar>, _ call: ReferenceForward<Scalar>.Call
  ) -> Values<Scalar> {
    product(x, width: x.shape[2] * x.shape[3], to: [kernel.shape[2]], call)
  }

  private func product<Scalar>(
    _ x: Values<Scalar>, width: Int, to shape: [Int], _ call: ReferenceForward<Scalar>.Call
  ) -> Values<Scalar> {
    let weights = call.weights(kernel)
    let shift = bias.map { call.weights($0) }
    let (rows, columns) = (x.shape[0] * x.shape[1], shape.reduce(1, *))
    var y = Values<Scalar>(shape: x.shape.prefix(2) + shape)
    for row in 0..<rows {
      for i in 0..<width {
        let factor = x.elements[row * width + i]
        for column in 0..<columns {
          y.elements[row * columns + column] += factor * weights[i * columns + column]
        }
      }
    }
    guard let shift else { return y.rounded(to: call.precision) }
    y = y.rounded(to: call.precision)
    for index in y.elements.indices { y.elements[index] += shift[index % columns] }
    return y.rounded(to: call.precision)
  }
}
