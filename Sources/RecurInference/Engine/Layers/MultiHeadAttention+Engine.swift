import RecurModel
import RecurTensors

extension MultiHeadAttention: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedHeads(
      query: query.packed(&packing, inputs: query.kernel.shape[0]),
      key: key.packed(&packing, inputs: key.kernel.shape[0]),
      value: value.packed(&packing, inputs: value.kernel.shape[0]),
      output: output.packed(&packing, inputs: heads * value.kernel.shape[2]),
      heads: heads, keyHeads: keyHeads, size: headWidth, width: value.kernel.shape[2],
      isCausal: isCausal, hasKey: hasKey, masks: masks)
  }
}

extension MultiHeadAttention.Projection {
  /// The kernel as a matrix `[units, inputs]`.
  fileprivate func packed(_ packing: inout LayerPacking, inputs: Int) -> PackedMatrix {
    let (kernel, bias) = (kernel, bias)
    return packing.shared([kernel] + [bias].compactMap { $0 }, [], "projection") {
      let numbers = kernel.floats()
      let units = numbers.count / max(inputs, 1)
      var rows = [Float](repeating: 0, count: numbers.count)
      for (index, number) in numbers.enumerated() {
        rows[index % units * inputs + index / units] = number
      }
      return PackedMatrix(
        rows, units: units, inputs: inputs, bias: bias?.floats(), .linear, $0)
    }
  }
}

private struct PackedHeads: PlannedLayer {
  let query: PackedMatrix
  let key: PackedMatrix
  let value: PackedMatrix
  let output: PackedMatrix
  let heads: Int
  let keyHeads: Int
  let size: Int
  let width: Int
  let isCausal: Bool
  let hasKey: Bool
  let masks: MultiHeadAttention.Masks

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, values) = (call.inputs[0], call.inputs[1])
    let keys = hasKey ? call.inputs[2] : values
    let (batch, queries, timesteps) = (x.shape[0], x.shape[1], values.shape[1])
    let q = project(&planner, x, query)
    let (k, v) = (project(&planner, keys, key), project(&planner, values, value))
    let joined = planner.temporary(batch * queries * output.inputs)
    let (queryRow, keyRow, valueRow) = (heads * size, keyHeads * size, keyHeads * width)
    let pass = AttentionPass(
      score: .product(factor: 1 / Float(size).squareRoot()), queries: queries,
      timesteps: timesteps, size: size, width: width, query: .init(buffer: q, row: queryRow),
      key: .init(buffer: k, row: keyRow), value: .init(buffer: v, row: valueRow),
      target: .init(buffer: joined, row: heads * width),
      masking: masking(call, queries, timesteps), kernels: planner.kernels)
    planner.attend(
      pass,
      at: (0..<batch * heads).map { index in
        let (sequence, head) = index.quotientAndRemainder(dividingBy: heads)
        // Neighbouring heads of the query share a head of key and value.
        let shared = head / (heads / keyHeads)
        return .init(
          query: sequence * queries * queryRow + head * size,
          key: sequence * timesteps * keyRow + shared * size,
          value: sequence * timesteps * valueRow + shared * width,
          target: (sequence * queries * heads + head) * width, sequence: sequence)
      })
    planner.multiply(
      output, joined, stride: output.inputs, into: call.y.buffer, stride: output.units,
      rows: batch * queries)
  }

  private func project(
    _ planner: inout WorkspacePlanner, _ x: Workspace.Value, _ matrix: PackedMatrix
  ) -> FloatBuffer {
    let y = planner.temporary(x.rows * matrix.units)
    planner.multiply(
      matrix, x.buffer, stride: matrix.inputs, into: y, stride: matrix.units, rows: x.rows)
    return y
  }

  /// Makes the scores of masked timesteps equal, and so low that others outweigh them.
  private func masking(
    _ call: WorkspacePlanner.Call, _ queries: Int, _ timesteps: Int
  ) -> @Sendable (FloatBuffer, Int, Int) -> Bool {
    var rest = call.inputs.dropFirst(hasKey ? 3 : 2).map(\.buffer)
    let queryMask = masks.query ? rest.removeFirst() : nil
    let (others, isCausal) = (rest, isCausal)
    return { scores, sequence, query in
      if let queryMask, queryMask[sequence * queries + query] == 0 {
        scores.fill(-.greatestFiniteMagnitude)
        return true
      }
      for mask in others {
        for t in scores.indices where mask[sequence * timesteps + t] == 0 {
          scores[t] = -.greatestFiniteMagnitude
        }
      }
      if isCausal, query + 1 < timesteps {
        scores.suffix(from: query + 1).fill(-.greatestFiniteMagnitude)
      }
      return true
    }
  }
}
