package import RecurModel
package import RecurTensors

/// Random inputs that a model accepts, the same for the same seed.
package struct SampleInputs {
  private var generator: SplitMix64
  private let batch = 2
  private let timesteps = 7

  package init(seed: UInt64) { generator = SplitMix64(state: seed) }

  /// One tensor per model input: free extents become 2 sequences of 7 timesteps, floats spread
  /// around zero, tokens cover the vocabulary, and a few timesteps are masked where the model can.
  ///
  /// - Throws: `tensor.shape-mismatch` when a declared shape is impossible.
  package mutating func tensors(for model: Model) throws(CheckpointError) -> [Tensor] {
    var tensors: [Tensor] = []
    for name in model.inputs {
      guard let node = model.node(name), case .input(let input) = node.layer else { continue }
      let shape = input.shape.enumerated().map { axis, extent in
        extent ?? (axis == 0 ? batch : timesteps)
      }
      guard let bytes = Tensor.byteCount(of: shape, .float64), bytes < 1 << 30 else {
        throw CheckpointError(
          .tensorShapeMismatch,
          "input '\(name)' of \(shapeText(shape)) is too large to try the model on",
          at: node.location)
      }
      let count = shape.reduce(1, *)
      let readers = model.nodes.filter { $0.inputs.contains(Model.Value(name)) }
      var values = (0..<count).map { _ in generator.gaussian() }
      for reader in readers {
        switch reader.layer {
        case .embedding(let embedding):
          values = values.map { _ in
            Double(generator.next() % UInt64(max(embedding.vocabularySize, 1)))
          }
        case .masking(let value): mask(&values, shape, value)
        default: break
        }
      }
      tensors.append(try .float64(values, shape: shape))
    }
    return tensors
  }

  /// Makes the last third of every other sequence count as padding.
  private func mask(_ values: inout [Double], _ shape: [Int], _ value: Double) {
    guard shape.count == 3 else { return }
    for row in stride(from: 0, to: shape[0], by: 2) {
      for t in (shape[1] - shape[1] / 3)..<shape[1] {
        for feature in 0..<shape[2] { values[(row * shape[1] + t) * shape[2] + feature] = value }
      }
    }
  }
}

/// Steele, Lea & Flood, "Fast splittable pseudorandom number generators" (2014).
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Nearly normal: twelve uniform numbers less six (Irwin–Hall).
  mutating func gaussian() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 }
  }
}
