import RecurModel

extension SampleInputs {
  /// Which timesteps of random inputs are masked.
  package enum Masks: Sendable {
    /// The end of every other sequence.
    case end
    /// The end of one sequence, the beginning of the next and the middle of the one after it; `first`
    /// says with which of the three places the first sequence begins. Tokens and masks that are inputs
    /// are masked too.
    case places(first: Int)

    /// The masked timesteps of a sequence.
    private func timesteps(of row: Int, in count: Int) -> Range<Int> {
      let length = count / 3
      let start =
        switch self {
        case .end: row % 2 == 0 ? count - length : count
        case .places(let first):
          [count - length, 0, (count - length) / 2][(row + first) % 3]
        }
      return start..<min(start + length, count)
    }

    /// Writes `value` into all features of the masked timesteps; `shape` is `[batch, timesteps]` with
    /// or without features.
    func mask(_ values: inout [Double], _ shape: [Int], _ value: Double) {
      let features = shape.dropFirst(2).reduce(1, *)
      for row in 0..<shape[0] {
        for timestep in timesteps(of: row, in: shape[1]) {
          for feature in 0..<features {
            values[(row * shape[1] + timestep) * features + feature] = value
          }
        }
      }
    }

    /// Masks tokens, by the token that a mask is computed from, and inputs that are masks themselves.
    func maskTokens(
      _ values: inout [Double], _ shape: [Int], of name: String, in model: Model
    ) {
      guard shape.count == 2 else { return }
      for reader in SampleInputs.readers(of: Model.Value(name), in: model) {
        if case .notEqual(let test) = reader.layer { mask(&values, shape, test.value) }
      }
      if model.nodes.contains(where: { $0.mask == Model.Value(name) }) {
        values = .init(repeating: 1, count: values.count)
        mask(&values, shape, 0)
      }
    }
  }
}
