import RecurModel
import RecurTensors

extension Reshaping: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [call.x.reshaped(self)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    followed(call.x).map { [$0] }
      ?? flow.mixed(call.node, "it gives the timesteps another place or another number")
  }

  func batchAxis(_ axis: Int) -> Int {
    self == .exchangeBatchAndTime && axis < 2 ? 1 - axis : axis
  }

  var endsMask: Bool { true }

  private func followed(_ x: TimestepFlow.Track) -> TimestepFlow.Track? {
    guard let axis = x.axis else { return x }
    var result = x
    switch self {
    case .flatten, .reshape, .repeatVector, .pad, .crop, .upsample: return nil
    case .permute(let axes):
      guard x.batchAxis == 0, let position = axes.firstIndex(of: axis) else { return nil }
      result.axis = position + 1
    case .insertAxis(let position):
      if position <= axis { result.axis = axis + 1 }
      if position <= x.batchAxis { result.batchAxis += 1 }
    case .exchangeBatchAndTime:
      func exchanged(_ axis: Int) -> Int { axis < 2 ? 1 - axis : axis }
      (result.axis, result.batchAxis) = (exchanged(axis), exchanged(x.batchAxis))
    }
    return result
  }
}

extension Values {
  /// The elements after `reshaping`.
  fileprivate func reshaped(_ reshaping: Reshaping) -> Values {
    switch reshaping {
    case .flatten: return reshaped([shape[0], shape.dropFirst().reduce(1, *)])
    case .reshape(let extents):
      let known = extents.compactMap { $0 }.reduce(1, *)
      let total = shape.dropFirst().reduce(1, *)
      return reshaped([shape[0]] + extents.map { $0 ?? total / max(known, 1) })
    case .permute(let axes): return permuted([0] + axes)
    case .repeatVector(let count):
      return Values.concatenated(
        [Values](repeating: reshaped([shape[0], 1, width]), count: count), axis: 1)
    case .pad(let before, let after):
      return Values.concatenated([zeros(before), self, zeros(after)], axis: 1)
    case .crop(let before, let after):
      var result = Values(shape: [shape[0], shape[1] - before - after, shape[2]], elements: [])
      for row in 0..<shape[0] {
        let start = row * shape[1] * shape[2]
        result.elements +=
          elements[
            start + before * shape[2]..<start + (shape[1] - after) * shape[2]]
      }
      return result
    case .insertAxis(let position):
      return reshaped(shape[..<position] + [1] + shape[position...])
    case .exchangeBatchAndTime: return permuted([1, 0] + shape.indices.dropFirst(2))
    case .upsample(let factor):
      var result = Values(shape: [shape[0], shape[1] * factor, shape[2]], elements: [])
      for step in 0..<shape[0] * shape[1] {
        let row = elements[step * shape[2]..<(step + 1) * shape[2]]
        for _ in 0..<factor { result.elements += row }
      }
      return result
    }
  }

  private func zeros(_ timesteps: Int) -> Values { Values(shape: [shape[0], timesteps, shape[2]]) }
}
