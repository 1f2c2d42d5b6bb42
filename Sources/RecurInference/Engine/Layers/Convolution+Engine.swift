import RecurModel
import RecurTensors

extension Convolution: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    let tensors = [kernel, bias].compactMap { $0 }
    if groups == inputSize, groups > 1, activation != .glu { return PackedDepthwise(self) }
    return PackedConvolution(
      matrices: (0..<groups).map { group in
        packing.shared(tensors, [activation], "group \(group) of \(groups)") {
          matrix(group, $0.wide)
        }
      }, layer: self)
  }

  /// The matrix of one channel group.
  private func matrix(_ group: Int, _ form: PanelForm) -> PackedMatrix {
    let (rows, outputs) = (rows(ofGroup: group), outputSize / groups)
    return PackedMatrix(
      rows, units: outputs, inputs: rows.count / outputs,
      bias: bias.map { Array($0.floats()[group * outputs..<(group + 1) * outputs]) },
      groups == 1 ? activation : .linear, form)
  }

  /// The rows of the matrix of one channel group, one after the other.
  ///
  /// The columns are in the order of a window: element by element, with the channels of an element
  /// next to each other.
  func rows(ofGroup group: Int) -> [Float] {
    let numbers = kernel.floats()
    let (inputs, size) = (inputSize / groups, kernelSizes.reduce(1, *))
    let outputs = outputSize / groups
    var rows: [Float] = []
    rows.reserveCapacity(outputs * inputs * size)
    for output in group * outputs..<(group + 1) * outputs {
      for k in 0..<size {
        for channel in 0..<inputs { rows.append(numbers[(output * inputs + channel) * size + k]) }
      }
    }
    return rows
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
    let (batch, windows) = (call.x.shape[0], layer.windows)
    let extents = Array(call.x.shape[1...windows.count])
    let count = call.y.shape.dropFirst().dropLast().reduce(1, *)
    let isHalved = layer.activation == .glu
    let y = isHalved ? planner.temporary(batch * count * layer.outputSize) : call.y.buffer
    if layer.groups == 1, windows.count == 1, windows[0].dilation == 1 {
      multiplyWindows(&planner, call, windows[0], into: y)
    } else {
      let inputs = layer.inputSize / layer.groups
      for (group, matrix) in matrices.enumerated() {
        let gather = WindowGather(
          windows, over: extents, channels: layer.inputSize,
          reading: group * inputs..<(group + 1) * inputs)
        planner.multiply(
          matrix, gather, call.x.buffer, batch: batch, into: y.suffix(from: group * matrix.units),
          stride: layer.outputSize)
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
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call, _ window: Window,
    into y: FloatBuffer
  ) {
    let matrix = matrices[0]
    let (batch, timesteps, channels) = (call.x.shape[0], call.x.shape[1], call.x.shape[2])
    let (before, count) = window.windows(over: timesteps)
    let length = (count - 1) * window.stride + window.span
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
    let step = window.stride * channels
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
}

/// A convolution with one group per input channel.
private struct PackedDepthwise: PlannedLayer {
  /// The numbers of the kernel, element by element, the output channels next to each other.
  let weights: FloatMemory
  let bias: [Float]
  let layer: Convolution

  init(_ layer: Convolution) {
    let (numbers, outputs) = (layer.kernel.floats(), layer.outputSize)
    let size = numbers.count / max(outputs, 1)
    weights = FloatMemory(
      (0..<size).flatMap { element in
        (0..<outputs).map { numbers[$0 * size + element] }
      })
    bias = layer.bias?.floats() ?? [Float](repeating: 0, count: outputs)
    self.layer = layer
  }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x.buffer, call.y.buffer)
    let (batch, windows, channels) = (call.x.shape[0], layer.windows, layer.inputSize)
    let (outputs, multiplier) = (layer.outputSize, layer.outputSize / layer.inputSize)
    let places = WindowPlaces(windows, over: Array(call.x.shape[1...windows.count]))
    let (weights, bias) = (weights.buffer, bias)
    let (count, positions, kernels) = (places.count, places.positions, planner.kernels)
    planner.share(
      batch * count, products: y.count * weights.count / max(outputs, 1),
      in: planner.memories(multiplier > 1 ? outputs : 0)
    ) { range, memory in
      for index in range {
        let (row, window) = index.quotientAndRemainder(dividingBy: count)
        let target = y.part(index * outputs, outputs)
        target.copy(bias.span)
        places.forEach(of: window) { position, element in
          var source = x.part((row * positions + position) * channels, channels)
          if multiplier > 1 {
            let repeated = memory.part(0, outputs)
            for channel in 0..<channels {
              repeated.part(channel * multiplier, multiplier).fill(source[channel])
            }
            source = repeated
          }
          kernels.multiplyAdd(source, weights.part(element * outputs, outputs), into: target)
        }
      }
    }
    planner.activate(y, width: outputs, layer.activation, into: y)
  }
}
