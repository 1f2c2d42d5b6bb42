import RecurModel
import RecurTensors

extension WorkspacePlanner {
  // MARK: merges

  mutating func plan(_ merge: Merge, _ call: Call) {
    let rank = call.inputs.map(\.shape.count).max() ?? 0
    switch merge {
    case .add: fold(call, rank) { $0 + $1 }
    case .subtract: fold(call, rank) { $0 - $1 }
    case .multiply: fold(call, rank) { $0 * $1 }
    case .average:
      fold(call, rank) { $0 + $1 }
      let (y, count) = (call.y.buffer, Float(call.inputs.count))
      act { for index in y.indices { y[index] /= count } }
    case .maximum: fold(call, rank) { maximum($0, $1) }
    case .minimum: fold(call, rank) { minimum($0, $1) }
    case .concatenate(let axis): join(call, axis: axis < 0 ? axis + rank : axis)
    case .stack(let axis):
      var own = call
      own.inputs = call.inputs.map {
        $0.reshaped($0.shape[..<axis] + [1] + $0.shape[axis...])
      }
      join(own, axis: axis)
    case .dot: break  // computed by the reference
    }
  }

  private mutating func fold(
    _ call: Call, _ rank: Int, _ operation: @escaping @Sendable (Float, Float) -> Float
  ) {
    let y = call.y
    let inputs = call.inputs.map { $0.reshaped(Merge.aligned($0.shape, rank: rank, with: 1)) }
    act {
      y.combine(inputs[0].buffer, of: inputs[0].shape) { $1 }
      for input in inputs.dropFirst() { y.combine(input.buffer, of: input.shape, operation) }
    }
  }

  private mutating func join(_ call: Call, axis: Int) {
    let (y, inputs) = (call.y.buffer, call.inputs)
    let outer = inputs[0].shape[..<axis].reduce(1, *)
    act {
      var position = 0
      for index in 0..<outer {
        for input in inputs {
          let size = input.buffer.count / max(outer, 1)
          y.part(position, size).copy(input.buffer.part(index * size, size))
          position += size
        }
      }
    }
  }

  // MARK: places

  mutating func plan(_ reshaping: Reshaping, _ call: Call) {
    let (x, y) = (call.x, call.y)
    switch reshaping {
    case .flatten, .reshape, .insertAxis: break  // the output is the input under another shape
    case .permute(let axes): permute(call, [0] + axes)
    case .exchangeBatchAndTime: permute(call, [1, 0] + x.shape.indices.dropFirst(2))
    case .repeatVector(let count):
      let width = x.width
      act {
        for row in 0..<x.buffer.count / max(width, 1) {
          for copy in 0..<count {
            y.buffer.part((row * count + copy) * width, width)
              .copy(x.buffer.part(row * width, width))
          }
        }
      }
    case .pad(let before, _):
      let (own, size) = (x.shape[1] * x.shape[2], y.shape[1] * x.shape[2])
      let start = before * x.shape[2]
      act {
        y.buffer.fill(0)
        for row in 0..<x.shape[0] {
          y.buffer.part(row * size + start, own).copy(x.buffer.part(row * own, own))
        }
      }
    case .crop(let before, _):
      let (own, size) = (x.shape[1] * x.shape[2], y.shape[1] * x.shape[2])
      let start = before * x.shape[2]
      act {
        for row in 0..<x.shape[0] {
          y.buffer.part(row * size, size).copy(x.buffer.part(row * own + start, size))
        }
      }
    case .upsample(let factor):
      let width = x.shape[2]
      act {
        for step in 0..<x.shape[0] * x.shape[1] {
          for copy in 0..<factor {
            y.buffer.part((step * factor + copy) * width, width)
              .copy(x.buffer.part(step * width, width))
          }
        }
      }
    }
  }

  /// Axis i of the output is axis `axes[i]` of the input.
  private mutating func permute(_ call: Call, _ axes: [Int]) {
    let (x, y) = (call.x, call.y)
    let strides = rowMajorStrides(x.shape)
    let steps = axes.map { strides[$0] }
    act {
      var position = 0
      forEachOffset(y.shape[...], steps[...]) { offset in
        y.buffer[position] = x.buffer[offset]
        position += 1
      }
    }
  }

  mutating func plan(_ selection: Selection, _ call: Call) {
    let (x, y, mask) = (call.x, call.y.buffer, call.mask)
    let (axis, extent) = (selection.axis, x.shape[selection.axis])
    let outer = x.shape[..<axis].reduce(1, *)
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    act {
      for row in 0..<outer {
        var position = selection.index < 0 ? selection.index + extent : selection.index
        if let mask {
          let counts = mask.buffer.part(row * mask.width, mask.width)
          position =
            (selection.index < 0
              ? counts.indices.last { counts[$0] != 0 } : counts.indices.first { counts[$0] != 0 })
            ?? position
        }
        y.part(row * inner, inner).copy(x.buffer.part((row * extent + position) * inner, inner))
      }
    }
  }

  // MARK: masks

  mutating func planMasking(_ value: Double, _ call: Call) {
    let (x, y, mask) = (call.x.buffer, call.outputs[0].buffer, call.outputs[1].buffer)
    let width = call.x.width
    act {
      for row in mask.indices {
        let start = row * width
        let counts = (start..<start + width).contains { Double(x[$0]) != value }
        mask[row] = counts ? 1 : 0
        for index in start..<start + width { y[index] = x[index] * mask[row] }
      }
    }
  }

  mutating func planNotEqual(_ value: Double, _ call: Call) {
    let (x, y) = (call.x.buffer, call.y.buffer)
    act { for index in x.indices { y[index] = Double(x[index]) != value ? 1 : 0 } }
  }

  mutating func planAnyTrue(_ axis: Int, _ keepsAxis: Bool, _ call: Call) {
    let (x, y, shape) = (call.x.buffer, call.y.buffer, call.x.shape)
    let position = axis < 0 ? axis + shape.count : axis
    let inner = shape[(position + 1)...].reduce(1, *)
    let extent = shape[position]
    act {
      y.fill(0)
      for index in x.indices where x[index] != 0 {
        y[index / (inner * extent) * inner + index % inner] = 1
      }
    }
  }

  mutating func planLengthMask(_ call: Call) {
    let (lengths, y, node) = (call.inputs[1].buffer, call.y.buffer, call.step.node)
    let timesteps = call.x.shape[1]
    act { () throws(CheckpointError) in
      for row in lengths.indices {
        let length = lengths[row]
        guard length >= 1, length <= Float(timesteps), length.rounded(.towardZero) == length else {
          throw .length("\(Double(length))", row: row, timesteps, node)
        }
        for t in 0..<timesteps { y[row * timesteps + t] = t < Int(length) ? 1 : 0 }
      }
    }
  }
}

/// The distances between neighbours along each axis of a row-major array.
private func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}

/// Calls `body` with the offset of every element of a strided array, row-major.
private func forEachOffset(
  _ shape: ArraySlice<Int>, _ strides: ArraySlice<Int>, from start: Int = 0, _ body: (Int) -> Void
) {
  guard let extent = shape.first, let stride = strides.first else { return body(start) }
  for index in 0..<extent {
    forEachOffset(shape.dropFirst(), strides.dropFirst(), from: start + index * stride, body)
  }
}

extension Workspace.Value {
  /// Replaces every element by what `operation` makes of it and the one of another array, whose axes of
  /// extent 1 are repeated.
  func combine(
    _ other: FloatBuffer, of otherShape: [Int], _ operation: (Float, Float) -> Float
  ) {
    if otherShape == shape {
      for index in buffer.indices { buffer[index] = operation(buffer[index], other[index]) }
      return
    }
    combine(
      other, shape[...], otherShape[...], at: 0, other.count, 0, operation)
  }

  private func combine(
    _ other: FloatBuffer, _ shape: ArraySlice<Int>, _ otherShape: ArraySlice<Int>, at start: Int,
    _ size: Int, _ otherStart: Int, _ operation: (Float, Float) -> Float
  ) {
    guard let extent = shape.first, let otherExtent = otherShape.first else {
      buffer[start] = operation(buffer[start], other[otherStart])
      return
    }
    let step = shape.dropFirst().reduce(1, *)
    let otherStep = otherShape.dropFirst().reduce(1, *)
    for index in 0..<extent {
      combine(
        other, shape.dropFirst(), otherShape.dropFirst(), at: start + index * step, otherStep,
        otherStart + (otherExtent == 1 ? 0 : index * otherStep), operation)
    }
  }
}
