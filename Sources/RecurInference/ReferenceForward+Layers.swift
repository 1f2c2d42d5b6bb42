import RecurModel
import RecurTensors

extension ReferenceForward {
  func run(_ dense: Dense, _ call: Call) -> Values<Scalar> {
    let kernel = weights(dense.kernel, call)
    let bias = dense.bias.map { weights($0, call) }
    let y = call.x.mapRows(width: dense.outputSize) { row in
      (0..<dense.outputSize).map { (bias?[$0] ?? 0) + dot(kernel, row: $0, row) }
    }
    return y.rounded(to: call.precision).activated(dense.activation)
  }

  func run(_ embedding: Embedding, _ call: Call) throws(CheckpointError) -> [Values<Scalar>] {
    let table = Values<Scalar>(embedding.table).elements
    let width = embedding.outputSize
    var rows: [Scalar] = []
    rows.reserveCapacity(call.x.elements.count * width)
    for (position, element) in call.x.elements.enumerated() {
      let token = element.rounded(.towardZero)
      guard token >= 0, token < Scalar(embedding.vocabularySize) else {
        throw .token("\(element)", at: position, embedding, call.node)
      }
      rows += table[Int(token) * width..<(Int(token) + 1) * width]
    }
    let mask = Values<Scalar>(
      shape: call.x.shape, elements: call.x.elements.map { $0 != 0 ? 1 : 0 })
    return [Values(shape: call.x.shape + [width], elements: rows)]
      + (embedding.masksZero ? [mask] : [])
  }

  func run(_ layer: Convolution, _ call: Call) -> Values<Scalar> {
    let x = call.x
    let (batch, timesteps, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let kernel = weights(layer.kernel, call)
    let bias = layer.bias.map { weights($0, call) }
    let (before, count) = layer.padding.windows(
      timesteps: timesteps, span: layer.span, stride: layer.stride)
    let (inputs, size) = (channels / layer.groups, layer.kernelSize)
    let outputs = layer.outputSize / layer.groups
    var y = Values<Scalar>(shape: [batch, count, layer.outputSize])
    for row in 0..<batch {
      for window in 0..<count {
        for output in 0..<layer.outputSize {
          var sum = bias?[output] ?? 0
          for k in 0..<size {
            let t = window * layer.stride + k * layer.dilation - before
            guard t >= 0, t < timesteps else { continue }
            let start = (row * timesteps + t) * channels + output / outputs * inputs
            for c in 0..<inputs {
              sum += kernel[(output * inputs + c) * size + k] * x.elements[start + c]
            }
          }
          y.elements[(row * count + window) * layer.outputSize + output] = sum
        }
      }
    }
    return y.rounded(to: call.precision).activated(layer.activation)
  }

  func run(_ layer: Pooling, _ call: Call) -> Values<Scalar> {
    let x = call.x
    let (batch, timesteps, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let (size, stride) = layer.window ?? (timesteps, max(timesteps, 1))
    let (before, count) =
      layer.window == nil
      ? (0, 1) : layer.padding.windows(timesteps: timesteps, span: size, stride: stride)
    var y = Values<Scalar>(shape: [batch, count, channels])
    for row in 0..<batch {
      for window in 0..<count {
        let first = window * stride - before
        let steps = (max(first, 0)..<min(first + size, timesteps)).filter { t in
          // Only means over everything take notice of a mask.
          layer.window != nil || layer.operation == .maximum
            || call.mask.map { $0.elements[row * timesteps + t] != 0 } ?? true
        }
        for channel in 0..<channels {
          let values = steps.map { x.elements[(row * timesteps + $0) * channels + channel] }
          let value: Scalar =
            switch layer.operation {
            case .maximum: values.reduce(-.infinity, maximum)
            case .average: values.reduce(0, +) / Scalar(values.count)
            }
          y.elements[(row * count + window) * channels + channel] = value
        }
      }
    }
    return layer.window == nil && !layer.keepsAxis ? y.reshaped([batch, channels]) : y
  }

  func run(_ layer: BatchNormalization, _ call: Call) -> Values<Scalar> {
    let (gamma, beta) = (
      layer.gamma.map { weights($0, call) }, layer.beta.map { weights($0, call) }
    )
    let mean = Values<Scalar>(layer.movingMean).elements
    let variance = Values<Scalar>(layer.movingVariance).elements
    return call.x.mapRows(width: call.x.width) { row in
      row.indices.map { index in
        let scale = (gamma?[index] ?? 1) / (variance[index] + Scalar(layer.epsilon)).squareRoot()
        // In this order, as both frameworks compute it: what cancels here cancels there.
        return row[index] * scale + ((beta?[index] ?? 0) - mean[index] * scale)
      }
    }
  }

  func run(_ layer: LayerNormalization, _ call: Call) -> Values<Scalar> {
    let (gamma, beta) = (
      layer.gamma.map { weights($0, call) }, layer.beta.map { weights($0, call) }
    )
    return call.x.mapRows(width: call.x.width) { row in
      let count = Scalar(row.count)
      let mean = row.reduce(0, +) / count
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      let scale = 1 / (variance + Scalar(layer.epsilon)).squareRoot()
      return row.indices.map {
        let factor = scale * (gamma?[$0] ?? 1)
        return row[$0] * factor + ((beta?[$0] ?? 0) - mean * factor)
      }
    }
  }

  func run(_ layer: Standardization, _ call: Call) -> Values<Scalar> {
    let mean = weights(layer.mean, call)
    let deviation = weights(layer.variance, call).map {
      max($0.squareRoot(), Scalar(Standardization.epsilon))
    }
    return call.x.mapRows(width: call.x.width) { row in
      row.indices.map { index in
        let (shift, size) = (
          mean[layer.width == nil ? 0 : index], deviation[layer.width == nil ? 0 : index]
        )
        return layer.isInverse ? shift + row[index] * size : (row[index] - shift) / size
      }
    }
  }

  func run(_ layer: Scaling, _ call: Call) -> Values<Scalar> {
    call.x.mapRows(width: call.x.width) { row in
      row.indices.map {
        row[$0] * Scalar(layer.scale[layer.scale.count == 1 ? 0 : $0])
          + Scalar(layer.offset[layer.offset.count == 1 ? 0 : $0])
      }
    }
  }

  /// PReLU: alpha is broadcast over the batch and over axes of extent 1.
  func rectified(_ x: Values<Scalar>, _ alpha: Values<Scalar>) -> Values<Scalar> {
    let slopes = Values(shape: [1] + alpha.shape, elements: alpha.elements)
    return x.combined(with: slopes) { $0 > 0 ? $0 : $1 * $0 }
  }

  /// x with masked timesteps set to zero, and the mask.
  func masked(
    _ x: Values<Scalar>, _ value: Double, _ precision: ElementType
  ) -> [Values<Scalar>] {
    let mask = anyTrue(differing(x, from: value, precision), axis: -1, keepsAxis: false)
    var result = x
    for index in x.elements.indices { result.elements[index] *= mask.elements[index / x.width] }
    return [result, mask]
  }

  /// 1 where x, in the precision of its layer, is not `value`.
  func differing(
    _ x: Values<Scalar>, from value: Double, _ precision: ElementType
  ) -> Values<Scalar> {
    Values(
      shape: x.shape,
      elements: x.elements.map { precision.rounded(Double($0)) != value ? 1 : 0 })
  }

  func anyTrue(_ x: Values<Scalar>, axis: Int, keepsAxis: Bool) -> Values<Scalar> {
    let position = axis < 0 ? axis + x.shape.count : axis
    let inner = x.shape[(position + 1)...].reduce(1, *)
    let extent = x.shape[position]
    var shape = x.shape
    if keepsAxis { shape[position] = 1 } else { shape.remove(at: position) }
    var result = Values<Scalar>(shape: shape)
    for index in x.elements.indices where x.elements[index] != 0 {
      result.elements[index / (inner * extent) * inner + index % inner] = 1
    }
    return result
  }

  /// The numbers of a weight as a layer of its precision sees them.
  func weights(_ tensor: Tensor, _ call: Call) -> [Scalar] {
    call.precision.rounding(Values<Scalar>(tensor).elements)
  }
}

extension CheckpointError {
  /// A token that no row of the table belongs to.
  static func token(
    _ token: String, at position: Int, _ embedding: Embedding, _ node: Model.Node
  ) -> CheckpointError {
    CheckpointError(
      .inputToken, "token \(token) (element \(position)) is not in '\(node.layerName)'",
      at: node.location, expected: "0…\(embedding.vocabularySize - 1)", found: token)
  }
}
