import RecurModel
import RecurTensors

extension WorkspacePlanner {
  // MARK: matrices

  mutating func plan(_ matrix: PackedMatrix, _ activation: Activation, _ call: Call) {
    let rows = call.x.rows
    guard activation == .glu else {
      multiply(
        matrix, call.x.buffer, stride: matrix.inputs, into: call.y.buffer, stride: matrix.units,
        rows: rows)
      return
    }
    let linear = temporary(rows * matrix.units)
    multiply(
      matrix, call.x.buffer, stride: matrix.inputs, into: linear, stride: matrix.units, rows: rows)
    activate(linear, width: matrix.units, .glu, into: call.y.buffer)
  }

  /// One product for many rows, shared between threads if that is worth it.
  private mutating func multiply(
    _ matrix: PackedMatrix, _ x: FloatBuffer, stride xStride: Int, into y: FloatBuffer,
    stride yStride: Int, rows: Int
  ) {
    func task(_ range: Range<Int>) -> ParallelTask {
      let own = x.suffix(from: range.lowerBound * xStride)
      let target = y.suffix(from: range.lowerBound * yStride)
      return ParallelTask {
        matrix.apply(to: own, stride: xStride, into: target, stride: yStride, rows: range.count)
      }
    }
    let isWorth =
      threads > 1 && matrix.inputs * matrix.units * rows >= WorkSharing.leastProducts
    act(
      sharing: isWorth ? WorkSharing.parts(of: rows, threads).map(task) : [],
      solo: [task(0..<rows)])
  }

  mutating func plan(_ table: PackedTable, _ embedding: Embedding, _ call: Call) {
    let (x, y, node) = (call.x.buffer, call.y.buffer, call.step.node)
    let (width, count) = (embedding.outputSize, embedding.vocabularySize)
    let mask = embedding.masksZero && call.outputs.count > 1 ? call.outputs[1].buffer : nil
    act { () throws(CheckpointError) in
      for position in x.indices {
        let token = x[position].rounded(.towardZero)
        guard token >= 0, token < Float(count) else {
          throw .token("\(Double(x[position]))", at: position, embedding, node)
        }
        y.part(position * width, width).copy(table.rows.part(Int(token) * width, width))
        mask?[position] = x[position] != 0 ? 1 : 0
      }
    }
  }

  // MARK: windows

  mutating func plan(_ matrices: [PackedMatrix], _ layer: Convolution, _ call: Call) {
    let (batch, timesteps, channels) = (call.x.shape[0], call.x.shape[1], call.x.shape[2])
    let (before, count) = layer.padding.windows(
      timesteps: timesteps, span: layer.span, stride: layer.stride)
    let isHalved = layer.activation == .glu
    let y = isHalved ? temporary(batch * count * layer.outputSize) : call.y.buffer
    let isWhole = layer.groups == 1 && layer.dilation == 1
    for row in 0..<batch {
      let x = call.x.buffer.part(row * timesteps * channels, timesteps * channels)
      let own = y.part(row * count * layer.outputSize, count * layer.outputSize)
      if isWhole {
        // A window is so many neighbouring numbers; beyond the ends there are zeros.
        let length = (count - 1) * layer.stride + layer.span
        var source = x
        if before > 0 || length > timesteps {
          let padded = temporary(length * channels)
          let used = min(timesteps, length - before) * channels
          act {
            padded.fill(0)
            padded.part(before * channels, used).copy(x.part(0, used))
          }
          source = padded
        }
        multiply(
          matrices[0], source, stride: layer.stride * channels, into: own,
          stride: layer.outputSize, rows: count)
      } else {
        for (group, matrix) in matrices.enumerated() {
          let columns = temporary(count * matrix.inputs)
          gather(layer, group, x, timesteps: timesteps, before: before, count, into: columns)
          multiply(
            matrix, columns, stride: matrix.inputs,
            into: own.suffix(from: group * matrix.units), stride: layer.outputSize, rows: count)
        }
      }
    }
    if isHalved {
      activate(y, width: layer.outputSize, .glu, into: call.y.buffer)
    } else if layer.groups > 1 {
      activate(y, width: layer.outputSize, layer.activation, into: y)
    }
  }

  /// The windows of one group of channels, a row each.
  private mutating func gather(
    _ layer: Convolution, _ group: Int, _ x: FloatBuffer, timesteps: Int, before: Int,
    _ count: Int, into columns: FloatBuffer
  ) {
    let (size, stride, dilation) = (layer.kernelSize, layer.stride, layer.dilation)
    let inputs = layer.inputSize / layer.groups
    let channels = layer.inputSize
    act {
      for window in 0..<count {
        for k in 0..<size {
          let target = columns.part((window * size + k) * inputs, inputs)
          let t = window * stride + k * dilation - before
          if t >= 0, t < timesteps {
            target.copy(x.part(t * channels + group * inputs, inputs))
          } else {
            target.fill(0)
          }
        }
      }
    }
  }

  mutating func plan(_ layer: Pooling, _ call: Call) {
    let (batch, timesteps, channels) = (call.x.shape[0], call.x.shape[1], call.x.shape[2])
    let (x, y) = (call.x.buffer, call.y.buffer)
    let (size, stride) = layer.window ?? (timesteps, max(timesteps, 1))
    let (before, count) =
      layer.window == nil
      ? (0, 1) : layer.padding.windows(timesteps: timesteps, span: size, stride: stride)
    let isMaximum = layer.operation == .maximum
    // Only means over everything take notice of a mask.
    let mask = layer.window == nil && !isMaximum ? call.mask?.buffer : nil
    act {
      for row in 0..<batch {
        for window in 0..<count {
          let first = window * stride - before
          let steps = max(first, 0)..<min(first + size, timesteps)
          for channel in 0..<channels {
            var (largest, sum, seen) = (-Float.infinity, 0.0, 0)
            for t in steps where mask.map({ $0[row * timesteps + t] != 0 }) ?? true {
              let value = x[(row * timesteps + t) * channels + channel]
              largest = maximum(largest, value)
              sum += Double(value)
              seen += 1
            }
            y[(row * count + window) * channels + channel] =
              isMaximum ? largest : Float(sum / Double(seen))
          }
        }
      }
    }
  }

  // MARK: rows

  mutating func planAffine(_ scale: [Float], _ shift: [Float], _ call: Call) {
    let (x, y, width) = (call.x.buffer, call.y.buffer, call.x.width)
    let scales = scale.count == 1 ? [Float](repeating: scale[0], count: width) : scale
    let shifts = shift.count == 1 ? [Float](repeating: shift[0], count: width) : shift
    act {
      for start in stride(from: 0, to: x.count, by: max(width, 1)) {
        for index in 0..<width {
          y[start + index] = x[start + index] * scales[index] + shifts[index]
        }
      }
    }
  }

  mutating func planNormalization(
    _ gamma: [Float]?, _ beta: [Float]?, _ epsilon: Double, _ call: Call
  ) {
    let (x, y, width) = (call.x.buffer, call.y.buffer, call.x.width)
    act {
      for start in stride(from: 0, to: x.count, by: max(width, 1)) {
        let row = x.part(start, width)
        let mean = row.indices.reduce(0.0) { $0 + Double(row[$1]) } / Double(width)
        let variance =
          row.indices.reduce(0.0) { sum, index in
            let distance = Double(row[index]) - mean
            return sum + distance * distance
          } / Double(width)
        let scale = 1 / (variance + epsilon).squareRoot()
        for index in row.indices {
          let factor = scale * Double(gamma?[index] ?? 1)
          y[start + index] = Float(
            Double(row[index]) * factor + (Double(beta?[index] ?? 0) - mean * factor))
        }
      }
    }
  }

  mutating func planStandardization(
    _ mean: [Float], _ deviation: [Float], _ isInverse: Bool, _ call: Call
  ) {
    let (x, y, width) = (call.x.buffer, call.y.buffer, call.x.width)
    act {
      for index in x.indices {
        let position = mean.count == 1 ? 0 : index % width
        y[index] =
          isInverse
          ? mean[position] + x[index] * deviation[position]
          : (x[index] - mean[position]) / deviation[position]
      }
    }
  }

  mutating func plan(_ activation: Activation, _ call: Call) {
    activate(call.x.buffer, width: call.x.width, activation, into: call.y.buffer)
  }

  /// A function along the last axis; the target may be the source.
  private mutating func activate(
    _ x: FloatBuffer, width: Int, _ activation: Activation, into y: FloatBuffer
  ) {
    let kernels = kernels
    let outputWidth = activation.outputWidth(width) ?? width
    let row = temporary(width)
    act {
      for (index, start) in stride(from: 0, to: x.count, by: max(width, 1)).enumerated() {
        row.copy(x.part(start, width))
        activation.apply(to: row, kernels)
        y.part(index * outputWidth, outputWidth).copy(row.part(0, outputWidth))
      }
    }
  }

  mutating func planRectified(_ alpha: FloatMemory, _ shape: [Int], _ call: Call) {
    let (x, y) = (call.x, call.y)
    let slopes = [1] + shape
    act {
      y.buffer.copy(x.buffer)
      y.combine(alpha.buffer, of: slopes) { $0 > 0 ? $0 : $1 * $0 }
    }
  }
}
