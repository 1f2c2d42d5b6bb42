import RecurModel
import RecurTensors

extension Convolution: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    let tensors = [kernel, bias].compactMap { $0 }
    return PackedConvolution(
      matrices: (0..<groups).map { group in
        packing.shared(tensors, [activation], "group \(group) of \(groups)") {
          matrix(group, $0)
        }
      }, layer: self)
  }

  /// The matrix of one channel group.
  ///
  /// Its columns are in the order of a window: element by element, with the channels of an element
  /// next to each other.
  private func matrix(_ group: Int, _ kernels: Kernels) -> PackedMatrix {
    let numbers = kernel.floats()
    let (inputs, size) = (inputSize / groups, kernelSize)
    let outputs = outputSize / groups
    var rows: [Float] = []
    rows.reserveCapacity(outputs * inputs * size)
    for output in group * outputs..<(group + 1) * outputs {
      for k in 0..<size {
        for channel in 0..<inputs { rows.append(numbers[(output * inputs + channel) * size + k]) }
      }
    }
    return PackedMatrix(
      rows, units: outputs, inputs: inputs * size,
      bias: bias.map { Array($0.floats()[group * outputs..<(group + 1) * outputs]) },
      groups == 1 ? activation : .linear, kernels)
  }
}

private struct PackedConvolution: PlannedLayer {
  /// One matrix per channel group.
  let matrices: [PackedMatrix]
  let layer: Convolution

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    let (before, count) = layer.padding.windows(
      timesteps: timesteps, span: layer.span, stride: layer.stride)
    let isHalved = layer.activation == .glu
    let y = isHalved ? planner.temporary(batch * count * layer.outputSize) : call.y.buffer
    if layer.groups == 1, layer.dilation == 1 {
      multiplyWindows(&planner, call, before: before, count, into: y)
    } else {
      for (group, matrix) in matrices.enumerated() {
        let columns = planner.temporary(batch * count * matrix.inputs)
        gather(&planner, group, call, before: before, count, into: columns)
        planner.multiply(
          matrix, columns, stride: matrix.inputs, into: y.suffix(from: group * matrix.units),
          stride: layer.outputSize, rows: batch * count)
      }
    }
    if isHalved {
      planner.activate(y, width: layer.outputSize, .glu, into: call.y.buffer)
    } else if layer.groups > 1 {
      planner.activate(y, width: layer.outputSize, layer.activation, into: y)
    }
  }

  /// Multiplies the matrix with windows that are contiguous in their sequence; positions beyond the
  /// ends of the sequence are zeros.
  private func multiplyWindows(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call, before: Int, _ count: Int,
    into y: FloatBuffer
  ) {
    let matrix = matrices[0]
    let (batch, timesteps, channels) = (call.x.shape[0], call.x.shape[1], call.x.shape[2])
    let length = (count - 1) * layer.stride + layer.span
    let isPadded = before > 0 || length > timesteps
    let size = (isPadded ? length : timesteps) * channels
    let source = isPadded ? planner.temporary(batch * size) : call.x.buffer
    if isPadded {
      let (x, own, start) = (call.x.buffer, timesteps * channels, before * channels)
      let used = min(own, size - start)
      planner.act {
        source.fill(0)
        for row in 0..<batch {
          source.part(row * size + start, used).copy(x.part(row * own, used))
        }
      }
    }
    let step = layer.stride * channels
    guard batch > 1 else {
      planner.multiply(matrix, source, stride: step, into: y, stride: matrix.units, rows: count)
      return
    }
    func task(_ range: Range<Int>) -> ParallelTask {
      ParallelTask {
        for row in range {
          matrix.apply(
            to: source.part(row * size, size), stride: step,
            into: y.part(row * count * matrix.units, count * matrix.units), stride: matrix.units,
            rows: count)
        }
      }
    }
    planner.act(
      sharing: planner.isWorthSharing(matrix, rows: batch * count)
        ? WorkSharing.parts(of: batch, planner.threads).map(task) : [],
      solo: [task(0..<batch)])
  }

  /// Copies the windows of one channel group, one window per row.
  private func gather(
    _ planner: inout WorkspacePlanner, _ group: Int, _ call: WorkspacePlanner.Call, before: Int,
    _ count: Int,
    into columns: FloatBuffer
  ) {
    let (x, batch, timesteps) = (call.x.buffer, call.x.shape[0], call.x.shape[1])
    let (size, stride, dilation) = (layer.kernelSize, layer.stride, layer.dilation)
    let (inputs, channels) = (layer.inputSize / layer.groups, layer.inputSize)
    planner.act {
      for row in 0..<batch {
        for window in 0..<count {
          for k in 0..<size {
            let target = columns.part(((row * count + window) * size + k) * inputs, inputs)
            let t = window * stride + k * dilation - before
            if t >= 0, t < timesteps {
              target.copy(x.part((row * timesteps + t) * channels + group * inputs, inputs))
            } else {
              target.fill(0)
            }
          }
        }
      }
    }
  }
}
