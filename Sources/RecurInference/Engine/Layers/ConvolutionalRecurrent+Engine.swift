import RecurModel
import RecurTensors

extension ConvolutionalRecurrent {
  /// The layer's engine form; nil for a function along the channels, which the reference's code
  /// computes.
  var engine: (any EngineLayer)? {
    let alongChannels: [Activation] = [.softmax, .logSoftmax, .sparsemax, .glu]
    return alongChannels.contains(activation) || alongChannels.contains(recurrentActivation)
      ? nil : EngineConvolutionalRecurrent(layer: self)
  }
}

private struct EngineConvolutionalRecurrent: EngineLayer {
  let layer: ConvolutionalRecurrent

  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    let tensors = layer.asLayer.tensors.map(\.tensor)
    return PackedConvolutionalRecurrent(
      inputs: packing.shared(tensors, [], "convolutional input") { kernels in
        matrix({ layer.inputConvolution($0) }, kernels)
      },
      states: packing.shared(tensors, [], "convolutional state") { kernels in
        matrix({ layer.stateConvolution($0) }, kernels)
      }, layer: layer)
  }

  /// The kernels of all gates below each other.
  private func matrix(
    _ convolution: (LSTMGate) -> Convolution, _ kernels: Kernels
  ) -> PackedMatrix {
    let gates = LSTMGate.allCases.map(convolution)
    let rows = gates.flatMap { $0.rows(ofGroup: 0) }
    let units = gates.reduce(0) { $0 + $1.outputSize }
    let biases = gates.compactMap { $0.bias?.floats() }
    return PackedMatrix(
      rows, units: units, inputs: rows.count / units,
      bias: biases.isEmpty ? nil : biases.flatMap { $0 },
      .linear, kernels)
  }
}

private struct PackedConvolutionalRecurrent: PlannedLayer {
  /// W and b of all gates, and U of all gates.
  let inputs: PackedMatrix
  let states: PackedMatrix
  let layer: ConvolutionalRecurrent

  var isAlias: Bool { false }

  /// The numbers of a tile of windows over the state.
  private static let tileSize = 1 << 16

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    let (units, axes) = (layer.units, layer.strides.count)
    let own = WindowGather(
      layer.inputConvolution(.input).windows, over: Array(call.x.shape[2..<2 + axes]),
      channels: layer.inputSize, reading: 0..<layer.inputSize)
    let extents = Array(call.y.shape.dropLast().suffix(axes))
    let around = WindowGather(
      layer.stateConvolution(.input).windows, over: extents, channels: units, reading: 0..<units)
    let rows = batch * own.count
    // The products with x, of all timesteps at once.
    let products = planner.temporary(rows * timesteps * inputs.units)
    planner.multiply(
      inputs, own, call.x.buffer, batch: batch * timesteps, into: products, stride: inputs.units)
    let step = ConvolutionalStep(
      around: around, states: states, units: units, rows: rows, positions: own.count,
      timesteps: timesteps, products: products, sums: planner.temporary(rows * states.units),
      tile: planner.temporary(min(rows, Self.length(states)) * states.inputs),
      tileLength: min(rows, Self.length(states)),
      gates: LSTMGate.allCases.map { _ in planner.temporary(rows * units) },
      h: planner.temporary(rows * units), c: planner.temporary(rows * units),
      shown: planner.temporary(rows * units), activation: layer.activation,
      recurrentActivation: layer.recurrentActivation, kernels: planner.kernels)
    let isBackward = layer.direction == .backward
    let sequence = layer.returnsSequence ? call.y.buffer : nil
    let size = own.count * units
    planner.act {
      step.c.fill(0)
      for position in 0..<timesteps {
        step.run(isBackward ? timesteps - 1 - position : position, isFirst: position == 0)
        guard let sequence else { continue }
        for row in 0..<batch {
          sequence.part((row * timesteps + position) * size, size)
            .copy(step.h.part(row * size, size))
        }
      }
    }
    let finals = Array(call.outputs.dropFirst().map(\.buffer))
    let last = layer.returnsSequence ? nil : call.y.buffer
    planner.act {
      last?.copy(step.h)
      if finals.count == 2 {
        finals[0].copy(step.h)
        finals[1].copy(step.c)
      }
    }
  }

  private static func length(_ matrix: PackedMatrix) -> Int {
    max(tileSize / max(matrix.inputs, 1), 1)
  }
}

/// One timestep of all sequences.
private struct ConvolutionalStep: Sendable {
  let around: WindowGather
  let states: PackedMatrix
  let units: Int
  /// The number of positions of all sequences, and of one.
  let rows: Int
  let positions: Int
  let timesteps: Int
  /// The products with x: `[batch, timesteps, positions, gates·units]`.
  let products: FloatBuffer
  /// The products with h: `[batch, positions, gates·units]`.
  let sums: FloatBuffer
  let tile: FloatBuffer
  let tileLength: Int
  /// The values of each gate, `[batch, positions, units]` each, as are h, c and φ(c).
  let gates: [FloatBuffer]
  let h: FloatBuffer
  let c: FloatBuffer
  let shown: FloatBuffer
  let activation: Activation
  let recurrentActivation: Activation
  let kernels: Kernels

  func run(_ t: Int, isFirst: Bool) {
    if isFirst { sums.fill(0) } else { multiplyStates() }
    let width = states.units
    for row in 0..<rows {
      let (sequence, position) = row.quotientAndRemainder(dividingBy: positions)
      let own = products.part(((sequence * timesteps + t) * positions + position) * width, width)
      let other = sums.part(row * width, width)
      for gate in 0..<gates.count {
        let target = gates[gate].part(row * units, units)
        for unit in 0..<units {
          target[unit] = own[gate * units + unit] + other[gate * units + unit]
        }
      }
    }
    for gate in LSTMGate.allCases {
      (gate == .cell ? activation : recurrentActivation).apply(to: gates[gate.rawValue], kernels)
    }
    let (i, f) = (gates[LSTMGate.input.rawValue], gates[LSTMGate.forget.rawValue])
    let (g, o) = (gates[LSTMGate.cell.rawValue], gates[LSTMGate.output.rawValue])
    for index in c.indices { c[index] = f[index] * c[index] + i[index] * g[index] }
    shown.copy(c)
    activation.apply(to: shown, kernels)
    for index in h.indices { h[index] = o[index] * shown[index] }
  }

  private func multiplyStates() {
    var first = 0
    while first < rows {
      let count = min(tileLength, rows - first)
      for index in 0..<count {
        around.copy(first + index, of: h, into: tile.part(index * states.inputs, states.inputs))
      }
      states.apply(
        to: tile, stride: states.inputs, into: sums.suffix(from: first * states.units),
        stride: states.units, rows: count)
      first += count
    }
  }
}
