import RecurTensors

// What a forward pass costs. Counted is what grows with the weights, two operations (a
// multiplication and an addition) per product; what is done once per element, activations and the
// update of states among it, is not.

extension Model {
  /// Counts the multiplications and additions in the products of one call.
  ///
  /// An LSTM over `[batch, timesteps, inputSize]` takes
  /// `batch · timesteps · 8 · units · (inputSize + units)`. Masked timesteps count like others.
  ///
  /// - Parameter shapes: the shapes of this model for the inputs of the call.
  /// - Returns: the number, or nil where a shape is free, a layer is unknown or the number exceeds
  ///   an `Int`.
  package func productOperations(_ shapes: ModelShapes) -> Int? {
    var total = 0
    for node in nodes {
      var inputs: [[Int]] = []
      for value in node.inputs {
        guard let shape = shapes[value].flatMap(fixed) else { return nil }
        inputs.append(shape)
      }
      // A node whose shapes could not be found has none, and may have too few inputs.
      let outputs = shapes[node.name].compactMap(fixed)
      guard !outputs.isEmpty, outputs.count == shapes[node.name].count,
        let operations = node.layer.productOperations(inputs, outputs)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(operations)
      guard !overflow else { return nil }
      total = sum
    }
    return total
  }

  private func fixed(_ shape: [Dimension]) -> [Int]? {
    let extents = shape.compactMap(\.value)
    return extents.count == shape.count ? extents : nil
  }
}

extension Layer {
  /// What one node of this layer adds to ``Model/productOperations(_:)``.
  ///
  /// - Parameters:
  ///   - inputs: the shapes of what it takes, the batch first.
  ///   - outputs: the shapes of what it puts out.
  /// - Returns: the number, or nil as there.
  fileprivate func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    switch self {
    case .recurrent(let recurrent):
      return product([2, inputs[0][0], inputs[0][1], recurrent.cell.productCount])
    case .bidirectional(let pair):
      return product([
        2, inputs[0][0], inputs[0][1],
        pair.forward.cell.productCount + pair.backward.cell.productCount,
      ])
    case .timeDistributed(let layer):
      func folded(_ shape: [Int]) -> [Int] { [shape[0] * shape[1]] + shape.dropFirst(2) }
      return layer.productOperations(inputs.map(folded), outputs.map(folded))
    case .dense(let dense):
      return product([2] + inputs[0].dropLast() + [dense.kernel.count])
    case .convolution(let convolution):
      return product([2, outputs[0][0], outputs[0][1], convolution.kernel.count])
    case .merge(.dot(let axes, _)):
      // Each element of the result is a sum over the axis that both share.
      return product([2, inputs[0][axes[0]]] + outputs[0])
    case .attention:
      // Every query meets every key, over the width of both, and then every value.
      let pairs = [2, inputs[0][0], inputs[0][1], inputs[1][1]]
      return product(pairs + [inputs[0][2] + inputs[1][2]])
    case .merge, .input, .embedding, .pooling, .batchNormalization, .layerNormalization,
      .standardization, .scaling, .activation, .parametricReLU, .reshaping, .selection, .masking,
      .identity, .notEqual, .anyTrue, .lengthMask:
      return 0
    case .opaque: return nil
    }
  }
}

extension RecurrentCell {
  /// The products of one timestep: the elements of its matrices.
  fileprivate var productCount: Int {
    switch self {
    case .lstm(let lstm): lstm.weights.productCount + (lstm.projection?.count ?? 0)
    case .gru(let gru): gru.weights.productCount
    case .simpleRNN(let rnn): rnn.weights.productCount
    case .stacked(let cells): cells.reduce(0) { $0 + $1.productCount }
    }
  }
}

extension RecurrentWeights {
  fileprivate var productCount: Int {
    Gate.allCases.reduce(0) { $0 + kernel[$1].count + recurrentKernel[$1].count }
  }
}

/// The product of all factors, or nil when it exceeds an `Int`.
private func product(_ factors: [Int]) -> Int? {
  var result = 1
  for factor in factors {
    let (next, overflow) = result.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    result = next
  }
  return result
}
