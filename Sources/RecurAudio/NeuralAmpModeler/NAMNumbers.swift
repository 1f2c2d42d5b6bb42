import RecurModel
import RecurTensors

/// Takes the weights of a model of Neural Amp Modeler out of its one list, in the order of the engine.
struct NAMNumbers {
  private let numbers: [Float]
  private var position = 0
  private var inputs: Int
  private let units: Int
  private let outputSize: Int

  /// Checks that the list is as long as the sizes need.
  ///
  /// - Throws: `audio.file-invalid`, `audio.weights-invalid`.
  init(
    _ list: Tensor, inputSize: Int, units: Int, depth: Int, outputSize: Int
  ) throws(CheckpointError) {
    guard list.rank == 1 else {
      throw CheckpointError(
        .audioWeightsInvalid, "'weights' is no list of numbers", at: list.location,
        found: shapeText(list.shape))
    }
    let first = 4 * units * (inputSize + units)
    let next = 4 * units * (units + units)
    let needed = first + (depth - 1) * next + depth * 6 * units + outputSize * (units + 1)
    guard list.count == needed else {
      throw CheckpointError(
        .audioFileInvalid, "the number of weights does not fit 'config'", at: list.location,
        expected: "\(needed) weights", found: "\(list.count)",
        reason: "the engine checks it in debug builds only, and reads on behind the list")
    }
    numbers = list.floats()
    inputs = inputSize
    self.units = units
    self.outputSize = outputSize
  }

  private mutating func take(_ count: Int) -> [Float] {
    defer { position += count }
    return Array(numbers[position..<position + count])
  }

  /// The next layer, and its first h and c.
  ///
  /// - Throws: what making tensors throws.
  mutating func cell() throws(CheckpointError) -> (LSTM, states: [[Float]]) {
    let matrix = try Tensor.float32(
      take(4 * units * (inputs + units)), shape: [4 * units, inputs + units],
      at: .init(object: "weights"))
    let bias = try Tensor.float32(take(4 * units), shape: [4 * units], at: .init(object: "weights"))
    let states = [take(units), take(units)]
    let layout = AudioLayouts.nam
    let cell = LSTM(
      inputSize: inputs, units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(matrix.slice(axis: 1, 0..<inputs)),
        recurrentKernel: try layout.unpack(matrix.slice(axis: 1, inputs..<inputs + units)),
        bias: .single(try layout.unpack(bias))),
      activation: .tanh, recurrentActivation: .sigmoid)
    inputs = units
    return (cell, states)
  }

  /// The layer behind the cells.
  ///
  /// - Throws: what making tensors throws.
  mutating func head() throws(CheckpointError) -> Dense {
    let kernel = try Tensor.float32(
      take(outputSize * units), shape: [outputSize, units], at: .init(object: "weights"))
    let bias = try Tensor.float32(
      take(outputSize), shape: [outputSize], at: .init(object: "weights"))
    return Dense(kernel: kernel, bias: bias, activation: .linear)
  }
}
