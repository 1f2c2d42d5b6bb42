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
      inputs: packing.shared(tensors, [], "convolutional input") {
        matrix(layer.inputConvolution, $0.wide)
      },
      states: packing.shared(tensors, [], "convolutional state") {
        matrix(layer.stateConvolution, $0.wide)
      }, layer: layer)
  }

  /// The kernels of all gates below each other.
  private func matrix(
    _ convolution: (LSTMGate) -> Convolution, _ form: PanelForm
  ) -> PackedMatrix {
    let gates = LSTMGate.allCases.map(convolution)
    let rows = gates.flatMap { $0.rows(ofGroup: 0) }
    let units = gates.reduce(0) { $0 + $1.outputSize }
    let biases = gates.compactMap { $0.bias?.floats() }
    return PackedMatrix(
      rows, units: units, inputs: rows.count / units,
      bias: biases.isEmpty ? nil : biases.flatMap { $0 },
      .linear, form)
  }
}

private struct PackedConvolutionalRecurrent: PlannedLayer {
  /// W and b of all gates, and U of all gates.
  let inputs: PackedMatrix
  let states: PackedMatrix
  let layer: ConvolutionalRecurrent

  var isAlias: Bool { false }

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
      around: around, states: states, units: units, positions: own.count, timesteps: timesteps,
      products: products,
      h: [planner.temporary(rows * units), planner.temporary(rows * units)],
      c: planner.temporary(rows * units),
      activation: EngineActivation(layer.activation, planner.kernels),
      recurrentActivation: EngineActivation(layer.recurrentActivation, planner.kernels),
      functions: (layer.activation, layer.recurrentActivation), kernels: planner.kernels)
    let sequence = layer.returnsSequence ? call.y.buffer : nil
    let size = own.count * units
    planner.act { step.c.fill(0) }
    let memories = planner.memories(step.scratch)
    for position in 0..<timesteps {
      let t = layer.direction == .backward ? timesteps - 1 - position : position
      planner.share(
        rows, products: rows * states.inputs * states.units, in: memories
      ) { range, memory in step.run(t, number: position, range, memory) }
      guard let sequence else { continue }
      let h = step.h[position % 2]
      planner.act {
        for row in 0..<batch {
          sequence.part((row * timesteps + position) * size, size).copy(h.part(row * size, size))
        }
      }
    }
    let finals = Array(call.outputs.dropFirst().map(\.buffer))
    let last = layer.returnsSequence ? nil : call.y.buffer
    let h = step.h[(timesteps + 1) % 2]
    planner.act {
      last?.copy(h)
      if finals.count == 2 {
        finals[0].copy(h)
        finals[1].copy(step.c)
      }
    }
  }
}

/// One timestep of some positions of all sequences.
private struct ConvolutionalStep: Sendable {
  let around: WindowGather
  let states: PackedMatrix
  let units: Int
  /// The number of positions of a sequence.
  let positions: Int
  let timesteps: Int
  /// The products with x: `[batch, timesteps, positions, gates·units]`.
  let products: FloatBuffer
  /// h after every second timestep, `[batch, positions, units]` each: a timestep reads the positions
  /// around its own while other threads write theirs.
  let h: [FloatBuffer]
  let c: FloatBuffer
  let activation: EngineActivation
  let recurrentActivation: EngineActivation
  let functions: (activation: Activation, recurrent: Activation)
  let kernels: Kernels

  /// The number of positions of a tile of windows.
  private var tile: Int { min(max((1 << 16) / max(states.inputs, 1), 1), positions) }
  /// The memory of a thread: a tile of windows, and their products.
  var scratch: Int { tile * (states.inputs + states.units) }

  /// Computes the timestep `t`, which is the `number`-th, at some positions.
  func run(_ t: Int, number: Int, _ range: Range<Int>, _ memory: FloatBuffer) {
    let (before, after) = (h[(number + 1) % 2], h[number % 2])
    let windows = memory.part(0, tile * states.inputs)
    let sums = memory.part(tile * states.inputs, tile * states.units)
    let width = states.units
    var first = range.lowerBound
    while first < range.upperBound {
      let (sequence, position) = first.quotientAndRemainder(dividingBy: positions)
      // A tile ends with its sequence, so that the products with x lie next to each other.
      let count = min(tile, range.upperBound - first, positions - position)
      if number > 0 {
        for index in 0..<count {
          around.copy(
            first + index, of: before, into: windows.part(index * states.inputs, states.inputs))
        }
        states.apply(
          to: windows, stride: states.inputs, into: sums, stride: width, rows: count)
      }
      let x = products.part(
        ((sequence * timesteps + t) * positions + position) * width, count * width)
      let (own, cell) = (
        after.part(first * units, count * units), c.part(first * units, count * units)
      )
      if activation.isVectorized, recurrentActivation.isVectorized {
        kernels.updateLSTM(
          x, number > 0 ? sums : nil, gate: recurrentActivation, activation: activation, h: own,
          c: cell, units: units)
      } else {
        if number == 0 { sums.fill(0) }
        update(x, sums, own, cell, count)
      }
      first += count
    }
  }

  /// Updates h and c with functions that have no kernel.
  private func update(
    _ x: FloatBuffer, _ sums: FloatBuffer, _ h: FloatBuffer, _ c: FloatBuffer, _ count: Int
  ) {
    sums.part(0, x.count).add(x)
    for row in 0..<count {
      func gate(_ gate: LSTMGate) -> FloatBuffer {
        let own = sums.part((row * 4 + gate.rawValue) * units, units)
        (gate == .cell ? functions.activation : functions.recurrent).apply(to: own, kernels)
        return own
      }
      let (i, f, g, o) = (gate(.input), gate(.forget), gate(.cell), gate(.output))
      let (shown, cell) = (h.part(row * units, units), c.part(row * units, units))
      for unit in 0..<units { cell[unit] = f[unit] * cell[unit] + i[unit] * g[unit] }
      shown.copy(cell)
      functions.activation.apply(to: shown, kernels)
      for unit in 0..<units { shown[unit] *= o[unit] }
    }
  }
}
