import RecurModel

extension WorkspacePlanner {
  /// Plans the sums of products over one axis of each input, sequence by sequence.
  mutating func planDot(_ call: Call, axes: [Int], isNormalized: Bool) {
    var both = Array(call.inputs.prefix(2))
    if isNormalized {
      for (index, value) in both.enumerated() {
        let unit = temporary(value.buffer.count)
        transform(value, along: [axes[index]], into: unit, cost: 4) { line, _ in
          let sum = line.indices.reduce(0.0) { $0 + Double(line[$1]) * Double(line[$1]) }
          let norm = max(sum, 1e-12).squareRoot()
          for index in line.indices { line[index] = Float(Double(line[index]) / norm) }
        }
        both[index] = Value(buffer: unit, shape: value.shape)
      }
    }
    func letters(_ shape: [Int], _ axis: Int, from first: Int) -> [Contraction.Axis] {
      shape.indices.map { $0 == 0 ? .outer(0) : $0 == axis ? .outer(1) : .outer(first + $0) }
    }
    let operands = [
      letters(both[0].shape, axes[0], from: 10), letters(both[1].shape, axes[1], from: 20),
    ]
    let output =
      operands[0].filter { $0 != .outer(1) } + operands[1].dropFirst().filter { $0 != .outer(1) }
    guard let contraction = Contraction((operands, output)) else { return }
    var extents: [Contraction.Axis: Int] = [:]
    for (axis, extent) in zip(operands.joined(), both.map(\.shape).joined()) {
      extents[axis] = extent
    }
    contract(contraction, extents, both, into: call.y.reshaped(output.map { extents[$0] ?? 1 }))
  }
}
