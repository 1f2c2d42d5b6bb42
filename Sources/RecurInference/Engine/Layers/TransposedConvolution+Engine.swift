import RecurModel
import RecurTensors

extension TransposedConvolution: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedTransposed(
      matrices: (0..<groups).map { group in
        packing.shared([kernel], [], "transposed group \(group) of \(groups)") {
          matrix(group, $0.wide)
        }
      }, bias: bias?.floats() ?? [Float](repeating: 0, count: outputSize), layer: self)
  }

  /// The matrix of one channel group: a row for each element of a window and each output channel.
  private func matrix(_ group: Int, _ form: PanelForm) -> PackedMatrix {
    let numbers = kernel.floats()
    let (inputs, outputs) = (inputSize / groups, outputSize / groups)
    let size = kernelSizes.reduce(1, *)
    var rows: [Float] = []
    rows.reserveCapacity(inputs * outputs * size)
    for k in 0..<size {
      for output in 0..<outputs {
        for channel in group * inputs..<(group + 1) * inputs {
          rows.append(numbers[(channel * outputs + output) * size + k])
        }
      }
    }
    return PackedMatrix(
      rows, units: size * outputs, inputs: inputs, bias: nil, .linear, form)
  }
}

private struct PackedTransposed: PlannedLayer {
  /// One matrix per channel group.
  let matrices: [PackedMatrix]
  let bias: [Float]
  let layer: TransposedConvolution

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (batch, windows) = (call.x.shape[0], layer.windows)
    let isHalved = layer.activation == .glu
    let places = WindowPlaces(
      windows, over: Array(call.y.shape[1...windows.count]),
      counts: Array(call.x.shape[1...windows.count]))
    let (width, positions, count) = (layer.outputSize, places.positions, places.count)
    let y = isHalved ? planner.temporary(batch * positions * width) : call.y.buffer
    let (x, bias, channels) = (call.x.buffer, bias, layer.inputSize)
    planner.act {
      for start in stride(from: 0, to: y.count, by: width) { y.part(start, width).copy(bias.span) }
    }
    for (group, matrix) in matrices.enumerated() {
      let outputs = width / layer.groups
      let spread = planner.temporary(batch * count * matrix.units)
      planner.multiply(
        matrix, x.suffix(from: group * matrix.inputs), stride: channels, into: spread,
        stride: matrix.units, rows: batch * count)
      planner.share(batch, products: spread.count) { rows, _ in
        for row in rows {
          for window in 0..<count {
            let source = spread.part((row * count + window) * matrix.units, matrix.units)
            places.forEach(of: window) { position, element in
              y.part((row * positions + position) * width + group * outputs, outputs)
                .add(source.part(element * outputs, outputs))
            }
          }
        }
      }
    }
    planner.activate(y, width: width, layer.activation, into: call.y.buffer)
  }
}
