import RecurTensors

/// Why a layer can't take its inputs: what it takes instead.
struct ShapeProblem: Error {
  var expected: String
}

extension Layer {
  /// The shapes of all outputs for inputs of these shapes, the batch first.
  ///
  /// - Throws: what the layer takes, if it can't take these.
  func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    switch self {
    case .input, .opaque: return []
    case .recurrent(let recurrent):
      try demand(x, rank: 3, width: recurrent.cell.inputSize, "[batch, timesteps, %]")
      return [recurrent.sequenceShape(x)]
        + (recurrent.returnsState ? recurrent.cell.stateSizes.map { [x[0], .fixed($0)] } : [])
    case .bidirectional(let pair):
      try demand(x, rank: 3, width: pair.forward.cell.inputSize, "[batch, timesteps, %]")
      let one = pair.forward.sequenceShape(x)
      let other = pair.backward.sequenceShape(x)
      let widths = pair.forward.cell.units + pair.backward.cell.units
      let merged: [[Dimension]] =
        switch pair.mergeMode {
        case nil: [one, other]
        case .concatenate: [one.dropLast() + [.fixed(widths)]]
        case .sum, .multiply, .average: [one]
        }
      return merged
        + (pair.forward.returnsState ? pair.stateSizes.map { [x[0], .fixed($0)] } : [])
    case .timeDistributed(let layer):
      guard x.count >= 3 else { throw ShapeProblem(expected: "[batch, timesteps, …]") }
      let inner = try layer.outputShapes([[x[0]] + x.dropFirst(2)], named: name)
      return inner.map { [$0[0], x[1]] + $0.dropFirst() }
    case .dense(let dense):
      try demand(x, rank: nil, width: dense.inputSize, "[batch, …, %]")
      return [x.dropLast() + [try activated(.fixed(dense.outputSize), dense.activation)]]
    case .embedding(let embedding):
      return [x + [.fixed(embedding.outputSize)]] + (embedding.masksZero ? [x] : [])
    case .convolution(let convolution):
      try demand(x, rank: 3, width: convolution.inputSize, "[batch, timesteps, %]")
      let steps = try windows(x[1], convolution.span, convolution.stride, convolution.padding, name)
      let width = try activated(.fixed(convolution.outputSize), convolution.activation)
      return [[x[0], steps, width]]
    case .pooling(let pooling):
      try demand(x, rank: 3, width: nil, "[batch, timesteps, channels]")
      guard let (size, stride) = pooling.window else {
        return [pooling.keepsAxis ? [x[0], .fixed(1), x[2]] : [x[0], x[2]]]
      }
      return [[x[0], try windows(x[1], size, stride, pooling.padding, name), x[2]]]
    case .batchNormalization(let normalization):
      try demand(x, rank: nil, width: normalization.movingMean.count, "[batch, …, %]")
      return [x]
    case .layerNormalization(let normalization):
      try demand(x, rank: nil, width: normalization.width, "[batch, …, %]")
      return [x]
    case .standardization(let moments):
      if let width = moments.width { try demand(x, rank: nil, width: width, "[batch, …, %]") }
      return [x]
    case .scaling(let scaling):
      if let width = scaling.width { try demand(x, rank: nil, width: width, "[batch, …, %]") }
      return [x]
    case .activation(let activation):
      guard let last = x.last else { throw ShapeProblem(expected: "[batch, …]") }
      return [x.dropLast() + [try activated(last, activation)]]
    case .parametricReLU(let alpha):
      let fits =
        alpha.rank == x.count - 1
        && zip(alpha.shape, x.dropFirst()).allSatisfy { $0 == 1 || $1.agrees(with: .fixed($0)) }
      guard fits else {
        throw ShapeProblem(expected: text([.free("batch")] + alpha.shape.map { .fixed($0) }))
      }
      return [x]
    case .reshaping(let reshaping): return [try reshaping.shape(of: x, named: name)]
    case .selection(let selection):
      guard x.indices.contains(selection.axis) else {
        throw ShapeProblem(expected: "an axis \(selection.axis)")
      }
      if let extent = x[selection.axis].value {
        let position = selection.index < 0 ? selection.index + extent : selection.index
        guard position >= 0, position < extent else {
          throw ShapeProblem(
            expected: "an axis \(selection.axis) that has an element \(selection.index)")
        }
      }
      return [Array(x[..<selection.axis] + x[(selection.axis + 1)...])]
    case .lengthMask:
      guard x.count >= 2, inputs[1].count == 1, inputs[1][0].agrees(with: x[0]) else {
        throw ShapeProblem(expected: "[batch, timesteps, …] and lengths [batch]")
      }
      return [Array(x.prefix(2))]
    case .merge(let merge): return [try merge.shape(of: inputs, named: name)]
    case .attention(let attention): return [try attention.shape(of: inputs)]
    case .masking:
      guard x.count >= 2 else { throw ShapeProblem(expected: "[batch, timesteps, features]") }
      return [x, x.dropLast()]
    case .identity, .notEqual: return [x]
    case .anyTrue(let axis, let keepsAxis):
      let position = axis < 0 ? axis + x.count : axis
      guard x.indices.contains(position) else { throw ShapeProblem(expected: "an axis \(axis)") }
      var shape = x
      if keepsAxis { shape[position] = .fixed(1) } else { shape.remove(at: position) }
      return [shape]
    }
  }

  private func demand(
    _ x: [Dimension], rank: Int?, width: Int?, _ expected: String
  ) throws(ShapeProblem) {
    let fits = rank.map { x.count == $0 } ?? (x.count >= 2)
    guard fits, width.map({ Dimension.fixed($0).agrees(with: x[x.count - 1]) }) ?? true else {
      throw ShapeProblem(expected: expected.replacing("%", with: width.map(String.init) ?? ""))
    }
  }

  private func activated(
    _ width: Dimension, _ activation: Activation
  ) throws(ShapeProblem) -> Dimension {
    guard let value = width.value else { return width }
    guard let after = activation.outputWidth(value) else {
      throw ShapeProblem(expected: "an even width, which \(activation.name) halves")
    }
    return .fixed(after)
  }

  private func windows(
    _ timesteps: Dimension, _ span: Int, _ stride: Int, _ padding: Padding, _ name: String
  ) throws(ShapeProblem) -> Dimension {
    guard let value = timesteps.value else {
      return stride == 1 && padding != .valid ? timesteps : .free("timesteps(\(name))")
    }
    let count = padding.windows(timesteps: value, span: span, stride: stride).count
    guard count > 0 else {
      throw ShapeProblem(expected: "at least \(padding == .valid ? span : 1) timesteps")
    }
    return .fixed(count)
  }
}

extension Recurrent {
  /// The shape of the first output.
  fileprivate func sequenceShape(_ x: [Dimension]) -> [Dimension] {
    returnsSequence ? [x[0], x[1], .fixed(cell.units)] : [x[0], .fixed(cell.units)]
  }
}

extension Reshaping {
  /// The shape after this.
  fileprivate func shape(
    of x: [Dimension], named name: String
  ) throws(ShapeProblem) -> [Dimension] {
    func product(_ extents: [Dimension]) -> Int? {
      var total = 1
      for extent in extents {
        guard let value = extent.value else { return nil }
        let (product, overflow) = total.multipliedReportingOverflow(by: value)
        guard !overflow else { return nil }
        total = product
      }
      return total
    }
    func steps(_ change: (Int) -> Int, _ least: Int) throws(ShapeProblem) -> [Dimension] {
      guard x.count == 3, x[1].value ?? least >= least else {
        throw ShapeProblem(expected: "[batch, timesteps ≥ \(least), channels]")
      }
      return [x[0], x[1].value.map { .fixed(change($0)) } ?? .free("timesteps(\(name))"), x[2]]
    }
    switch self {
    case .flatten:
      let rest = Array(x.dropFirst())
      return [x[0], product(rest).map { .fixed($0) } ?? .free("features(\(name))")]
    case .reshape(let extents):
      let known = extents.compactMap { $0 }
      guard let size = product(known.map { .fixed($0) }) else {
        throw ShapeProblem(expected: "a size that can be counted")
      }
      guard let total = product(Array(x.dropFirst())) else {
        return [x[0]] + extents.map { $0.map { .fixed($0) } ?? .free("axis(\(name))") }
      }
      let hasRest = known.count < extents.count
      guard hasRest ? size > 0 && total % size == 0 : total == size else {
        throw ShapeProblem(
          expected: hasRest ? "a multiple of \(size) elements" : "\(size) elements")
      }
      return [x[0]] + extents.map { .fixed($0 ?? total / size) }
    case .permute(let axes):
      guard axes.count == x.count - 1 else {
        throw ShapeProblem(expected: "\(axes.count) axes besides the batch")
      }
      return [x[0]] + axes.map { x[$0] }
    case .repeatVector(let count):
      guard x.count == 2 else { throw ShapeProblem(expected: "[batch, width]") }
      return [x[0], .fixed(count), x[1]]
    case .pad(let before, let after): return try steps({ $0 + before + after }, 0)
    case .crop(let before, let after): return try steps({ $0 - before - after }, before + after + 1)
    case .insertAxis(let position):
      guard position > 0, position <= x.count else {
        throw ShapeProblem(expected: "at least \(position) axes")
      }
      return x[..<position] + [.fixed(1)] + x[position...]
    case .exchangeBatchAndTime:
      guard x.count >= 2 else { throw ShapeProblem(expected: "[timesteps, batch, …]") }
      return [x[1], x[0]] + x.dropFirst(2)
    case .upsample(let factor):
      return try steps(
        { $0.multipliedReportingOverflow(by: factor).overflow ? .max : $0 * factor }, 0)
    }
  }
}

extension Merge {
  fileprivate func shape(
    of inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [Dimension] {
    switch self {
    case .add, .subtract, .multiply, .average, .maximum, .minimum:
      let rank = inputs.map(\.count).max() ?? 0
      var result: [Dimension] = []
      for shape in inputs {
        let aligned = Self.aligned(shape, rank: rank, with: .fixed(1))
        guard !result.isEmpty else {
          result = aligned
          continue
        }
        for axis in 0..<rank {
          if result[axis] == .fixed(1) || result[axis].value == nil && aligned[axis] != .fixed(1) {
            result[axis] = aligned[axis]
          } else if aligned[axis] != .fixed(1), !aligned[axis].agrees(with: result[axis]) {
            throw ShapeProblem(expected: "shapes that are equal, or 1 where they differ")
          }
        }
      }
      return result
    case .concatenate(let axis):
      let rank = inputs[0].count
      let position = axis < 0 ? axis + rank : axis
      guard position > 0, position < rank, inputs.allSatisfy({ $0.count == rank }) else {
        throw ShapeProblem(expected: "inputs of one rank, with an axis \(axis)")
      }
      var result = inputs[0]
      for shape in inputs.dropFirst() {
        for index in 0..<rank where index != position {
          guard shape[index].agrees(with: result[index]) else {
            throw ShapeProblem(expected: "inputs that differ along axis \(axis) only")
          }
          if result[index].value == nil { result[index] = shape[index] }
        }
        if let one = result[position].value, let other = shape[position].value {
          result[position] = .fixed(one + other)
        } else {
          result[position] = .free("axis\(position)(\(name))")
        }
      }
      return result
    case .stack(let axis):
      guard axis >= 0, axis <= inputs[0].count else {
        throw ShapeProblem(expected: "at least \(axis) axes")
      }
      var result = inputs[0]
      for shape in inputs.dropFirst() {
        guard shape.count == result.count, zip(shape, result).allSatisfy({ $0.agrees(with: $1) })
        else { throw ShapeProblem(expected: "inputs of one shape") }
        for index in result.indices where result[index].value == nil {
          result[index] = shape[index]
        }
      }
      return result[..<axis] + [.fixed(inputs.count)] + result[axis...]
    case .dot(let axes, _):
      let (one, other) = (inputs[0], inputs[1])
      guard one.count >= 2, other.count >= 2, one.indices.contains(axes[0]), axes[0] > 0,
        other.indices.contains(axes[1]), axes[1] > 0, one[axes[0]].agrees(with: other[axes[1]])
      else { throw ShapeProblem(expected: "the same extent along axes \(axes[0]) and \(axes[1])") }
      var left = one
      left.remove(at: axes[0])
      var right = other
      right.remove(at: axes[1])
      let result = left + right.dropFirst()
      return result.count == 1 ? result + [.fixed(1)] : result
    }
  }

  /// `shape` with axes of extent 1 after the batch until it has `rank` axes
  /// (keras/src/layers/merging/base_merge.py, `call`).
  package static func aligned<Extent>(_ shape: [Extent], rank: Int, with one: Extent) -> [Extent] {
    guard let batch = shape.first, shape.count < rank else { return shape }
    return [batch] + [Extent](repeating: one, count: rank - shape.count) + shape.dropFirst()
  }
}

extension Attention {
  fileprivate func shape(of inputs: [[Dimension]]) throws(ShapeProblem) -> [Dimension] {
    let (query, value) = (inputs[0], inputs[1])
    let key = hasKey ? inputs[2] : value
    guard query.count == 3, value.count == 3, key.count == 3, query[2].agrees(with: key[2]),
      key[1].agrees(with: value[1])
    else {
      throw ShapeProblem(
        expected: "query [batch, queries, width], value [batch, timesteps, …] and key "
          + "[batch, timesteps, width]")
    }
    let masks = inputs.dropFirst(hasKey ? 3 : 2)
    let masked = (hasQueryMask ? [query] : []) + (hasValueMask ? [value] : [])
    for (mask, of) in zip(masks, masked) {
      guard mask.count == 2, mask[0].agrees(with: of[0]), mask[1].agrees(with: of[1]) else {
        throw ShapeProblem(expected: "masks [batch, timesteps] of the query and the value")
      }
    }
    if case .additive(let scale?) = score, !Dimension.fixed(scale.count).agrees(with: key[2]) {
      throw ShapeProblem(expected: "keys of width \(scale.count)")
    }
    return [query[0], query[1], value[2]]
  }
}
