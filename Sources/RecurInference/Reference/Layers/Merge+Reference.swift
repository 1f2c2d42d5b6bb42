import RecurModel
import RecurTensors

extension Merge: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let inputs = call.inputs
    let rank = inputs.map(\.shape.count).max() ?? 0
    func folded(_ operation: (Scalar, Scalar) -> Scalar) -> Values<Scalar> {
      let aligned = inputs.map { $0.reshaped(Merge.aligned($0.shape, rank: rank, with: 1)) }
      return aligned.dropFirst().reduce(aligned[0]) {
        $0.combined(with: $1, operation).rounded(to: call.precision)
      }
    }
    switch self {
    case .add: return [folded(+)]
    case .subtract: return [folded(-)]
    case .multiply: return [folded(*)]
    case .average:
      let sum = folded(+)
      return [Values(shape: sum.shape, elements: sum.elements.map { $0 / Scalar(inputs.count) })]
    case .maximum: return [folded(RecurInference.maximum)]
    case .minimum: return [folded(RecurInference.minimum)]
    case .concatenate(let axis):
      return [Values.concatenated(inputs, axis: axis < 0 ? axis + rank : axis)]
    case .stack(let axis):
      let parts = inputs.map { $0.reshaped($0.shape[..<axis] + [1] + $0.shape[axis...]) }
      return [Values.concatenated(parts, axis: axis)]
    case .dot(let axes, let isNormalized):
      var (one, other) = (inputs[0], inputs[1])
      if isNormalized {
        one = one.normalized(axis: axes[0])
        other = other.normalized(axis: axes[1])
      }
      return [one.dot(other, axes: (axes[0], axes[1]))]
    }
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    followed(call, in: flow).map { [$0] } ?? flow.mixed(call.node, "it joins different timesteps")
  }

  func batchAxis(_ axis: Int) -> Int {
    if case .stack(let added) = self, added <= axis { axis + 1 } else { axis }
  }

  var endsMask: Bool { false }

  private func followed(_ call: TimestepFlow.Call, in flow: TimestepFlow) -> TimestepFlow.Track? {
    let tracks = call.tracks
    let ranks = call.node.inputs.map { flow.shapes[$0]?.count ?? 0 }
    let rank = ranks.max() ?? 0
    guard let index = tracks.firstIndex(where: { $0.axis != nil }), let axis = tracks[index].axis
    else { return nil }
    var result = tracks[index]
    for (position, track) in tracks.enumerated() {
      if let own = track.axis {
        // Inputs with fewer axes get axes of extent 1 after the batch.
        let shift = own > 0 ? rank - ranks[position] : 0
        let expected = axis > 0 ? axis + rank - ranks[index] : axis
        guard own + shift == expected, track.batchAxis == result.batchAxis,
          track.isReversed == result.isReversed
        else { return nil }
      } else if let shape = flow.shapes[call.node.inputs[position]], ranks[position] == rank,
        shape.indices.contains(axis), shape[axis] != .fixed(1)
      {
        // In a padded row, one number per timestep would meet other timesteps than in the row
        // alone.
        return nil
      }
    }
    result.axis = axis > 0 ? axis + rank - ranks[index] : axis
    result.holdsLast = tracks.allSatisfy { $0.axis != nil && $0.holdsLast }
    let padded = tracks.compactMap(\.padded)
    let isKnown = padded.count == tracks.count
    result.padded = nil
    switch self {
    case .maximum: if isKnown { result.padded = padded.max() }
    case .minimum: if isKnown { result.padded = padded.min() }
    case .multiply: if tracks.contains(where: { $0.padded == 0 }) { result.padded = 0 }
    case .add, .subtract, .average: break
    case .concatenate(let joined):
      guard (joined < 0 ? joined + rank : joined) != result.axis else { return nil }
      if isKnown, Set(padded).count == 1 { result.padded = padded[0] }
    case .stack(let added):
      if let own = result.axis, added <= own { result.axis = own + 1 }
      if added <= result.batchAxis { result.batchAxis += 1 }
    case .dot: return nil
    }
    return result
  }
}

extension Values {
  /// Divides by the Euclidean norm along `axis` (keras/src/utils/numerical_utils.py, `normalize`).
  fileprivate func normalized(axis: Int) -> Values {
    var lengths = Values(shape: shape.enumerated().map { $0.offset == axis ? 1 : $0.element })
    let inner = shape[(axis + 1)...].reduce(1, *)
    for (position, element) in elements.enumerated() {
      lengths.elements[position / (inner * shape[axis]) * inner + position % inner] +=
        element * element
    }
    return combined(with: lengths) { $0 / max($1, 1e-12).squareRoot() }
  }

  /// The sum of products over one axis of each value, sequence by sequence.
  fileprivate func dot(_ other: Values, axes: (Int, Int)) -> Values {
    let rest = shape.indices.dropFirst().filter { $0 != axes.0 }
    let otherRest = other.shape.indices.dropFirst().filter { $0 != axes.1 }
    let left = permuted([0] + rest + [axes.0])
    let right = other.permuted([0] + otherRest + [axes.1])
    let (batch, depth) = (shape[0], shape[axes.0])
    let rows = rest.reduce(1) { $0 * shape[$1] }
    let columns = otherRest.reduce(1) { $0 * other.shape[$1] }
    var result = Values(shape: [batch] + rest.map { shape[$0] } + otherRest.map { other.shape[$0] })
    for index in 0..<batch {
      for row in 0..<rows {
        for column in 0..<columns {
          var sum: Scalar = 0
          for k in 0..<depth {
            sum +=
              left.elements[(index * rows + row) * depth + k]
              * right.elements[(index * columns + column) * depth + k]
          }
          result.elements[(index * rows + row) * columns + column] = sum
        }
      }
    }
    return result.shape.count == 1 ? result.reshaped([batch, 1]) : result
  }
}
