import RecurModel
import RecurTensors

// Elements chosen by positions.
extension GraphFunctions {
  static let choice: [GraphFunction] = [
    GraphFunction("embedding(weight, indices, padding_idx=-1)") {
      call, builder throws(CheckpointError) in
      // The padding index changes gradients alone.
      [try rows(call.array("weight", builder), call.array("indices", builder), &builder)]
    }
  ]

  /// Rows of a table of weights.
  private static func rows(
    _ table: GraphValue, _ indices: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard let weights = table.known, weights.isStored, weights.array.rank == 2 else {
      throw builder.problem("a table that is computed when the model runs")
    }
    if let known = indices.known {
      // Known positions choose known rows.
      let stored = try known.stored()
      var parts: [GraphValue] = []
      for number in stored.array.doubles() {
        guard let index = Int(exactly: number), 0..<weights.array.shape[0] ~= index else {
          throw builder.problem("a table of \(weights.array.shape[0]) rows has no row \(number)")
        }
        parts.append(try builder.sliced(table, axis: 0, from: index, to: index + 1))
      }
      let joined = try builder.concatenated(parts, axis: 0)
      return try builder.reshaped(
        joined, stored.array.shape.map { .fixed($0) } + [.fixed(weights.array.shape[1])])
    }
    let layer = Embedding(table: weights.array, masksZero: false, cutsFractions: false)
    return try builder.apply(
      .embedding(layer), builder.computed(indices), place: builder.place(["weight": weights]))
  }
}
