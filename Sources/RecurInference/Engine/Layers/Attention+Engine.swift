import RecurModel
import RecurTensors

extension Attention: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    var extra = call.inputs.dropFirst(2)
    let (query, value) = (call.inputs[0], call.inputs[1])
    let key = hasKey ? extra.removeFirst() : value
    let queryMask = hasQueryMask ? extra.removeFirst().buffer : nil
    let valueMask = hasValueMask ? extra.removeFirst().buffer : nil
    let (queries, timesteps, size) = (query.shape[1], value.shape[1], query.shape[2])
    let (width, isCausal) = (value.shape[2], isCausal)
    let pass = AttentionPass(
      score: score.packed(&planner, size), queries: queries, timesteps: timesteps, size: size,
      width: width, query: .init(buffer: query.buffer, row: size),
      key: .init(buffer: key.buffer, row: size), value: .init(buffer: value.buffer, row: width),
      target: .init(buffer: call.y.buffer, row: width),
      masking: { scores, sequence, query in
        if let queryMask, queryMask[sequence * queries + query] == 0 { return false }
        guard valueMask != nil || isCausal else { return true }
        for t in scores.indices {
          let counts = valueMask.map { $0[sequence * timesteps + t] != 0 } ?? true
          // So low that its weight is zero beside an unmasked score; among themselves, such scores
          // are equal, as the layer defines.
          if !counts || isCausal && t > query { scores[t] -= 1e9 }
        }
        return true
      }, kernels: planner.kernels)
    planner.attend(
      pass,
      at: (0..<query.shape[0]).map {
        .init(
          query: $0 * queries * size, key: $0 * timesteps * size, value: $0 * timesteps * width,
          target: $0 * queries * width, sequence: $0)
      })
  }
}

extension Attention.Score {
  fileprivate func packed(
    _ planner: inout WorkspacePlanner, _ size: Int
  ) -> AttentionPass.Score {
    func held(_ weights: [Float]) -> FloatBuffer {
      let memory = FloatMemory(weights)
      planner.hold(memory)
      return memory.buffer
    }
    switch self {
    case .product(let scale): return .product(factor: scale?.floats()[0] ?? 1)
    case .additive(let scale):
      return .additive(
        factor: 1, weights: held(scale?.floats() ?? [Float](repeating: 1, count: size)))
    case .concatenation(let scale, let weight):
      return .additive(
        factor: scale?.floats()[0] ?? 1,
        weights: held([Float](repeating: weight.floats()[0], count: size)))
    }
  }
}
