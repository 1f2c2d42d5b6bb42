import RecurTensors

/// Numbers between −scale and scale, the same in every run.
struct RandomNumbers {
  let scale: Double
  private var state: UInt64 = 1

  init(scale: Double) { self.scale = scale }

  /// The next number (Marsaglia, "Xorshift RNGs", 2003).
  mutating func next() -> Float {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Float((Double(state >> 11) * 0x1p-52 - 1) * scale)
  }

  mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }

  mutating func tensor(_ shape: [Int]) throws(CheckpointError) -> Tensor {
    try .float32(floats(shape.reduce(1, *)), shape: shape)
  }
}
