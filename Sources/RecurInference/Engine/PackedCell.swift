import CRecurKernels
import RecurModel
import RecurTensors

/// A recurrent cell with its weights packed for one instruction set.
@safe final class PackedCell: Sendable {
  /// The width of x.
  let inputs: Int
  /// The width of every state: h, then c of an LSTM.
  let stateSizes: [Int]
  /// What kernels read.
  nonisolated(unsafe) let cell: UnsafeMutablePointer<recur_cell>
  private let memory: [FloatMemory]
  private let activations: [EngineActivation]

  /// The width of h.
  var outputs: Int { stateSizes[0] }
  /// The bytes that the weights take.
  var byteCount: Int { memory.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride }
  /// The multiplications of one timestep of one sequence.
  let products: Int

  /// Packs the cells of a stack, from the bottom to the top; one unless it is stacked.
  static func packing(_ cell: RecurrentCell, _ kernels: Kernels) -> [PackedCell] {
    switch cell {
    case .lstm(let lstm): [PackedCell(lstm, kernels)]
    case .gru(let gru): [PackedCell(gru, kernels)]
    case .simpleRNN(let rnn): [PackedCell(rnn, kernels)]
    case .stacked(let stack): stack.cells.flatMap { packing($0, kernels) }
    }
  }

  private convenience init(_ lstm: LSTM, _ kernels: Kernels) {
    let lanes = kernels.lanes
    let bias = lstm.weights.biases(units: lstm.units)
    let peepholes = lstm.peepholes.map { peepholes in
      FloatMemory.padded([peepholes.input, peepholes.forget, peepholes.output], lanes)
    }
    self.init(
      recur_lstm, inputs: lstm.inputSize, units: lstm.units,
      stateSizes: [lstm.outputSize, lstm.units],
      input: .gates(lstm.weights.kernel.all, lanes),
      recurrent: .gates(lstm.weights.recurrentKernel.all, lanes),
      bias: .gates(bias.input.indices.map { bias.sum($0) }, lanes), peepholes: peepholes,
      projection: lstm.projection.map { .blocks($0, lanes) }, lstm.recurrentActivation,
      lstm.activation, kernels)
  }

  private convenience init(_ gru: GRU, _ kernels: Kernels) {
    let lanes = kernels.lanes
    let bias = gru.weights.biases(units: gru.units)
    let recurrent = gru.weights.recurrentKernel
    let candidate = GRUGate.candidate.rawValue
    switch gru.resetPlacement {
    case .beforeProduct:
      self.init(
        recur_gru_before, inputs: gru.inputSize, units: gru.units, stateSizes: [gru.units],
        input: .gates(gru.weights.kernel.all, lanes),
        recurrent: .gates([recurrent[.update], recurrent[.reset]], lanes),
        candidate: .blocks(recurrent[.candidate], lanes),
        bias: .gates(bias.input.indices.map { bias.sum($0) }, lanes), gru.recurrentActivation,
        gru.activation, kernels)
    case .afterProduct:
      // Only one bias of the candidate passes the reset gate.
      let sums = bias.input.indices.map { $0 == candidate ? bias.input[$0] : bias.sum($0) }
      self.init(
        recur_gru_after, inputs: gru.inputSize, units: gru.units, stateSizes: [gru.units],
        input: .gates(gru.weights.kernel.all, lanes), recurrent: .gates(recurrent.all, lanes),
        bias: .gates(sums, lanes), recurrentBias: .padded(bias.recurrent[candidate], lanes),
        gru.recurrentActivation, gru.activation, kernels)
    }
  }

  private convenience init(_ rnn: SimpleRNN, _ kernels: Kernels) {
    let bias = rnn.weights.biases(units: rnn.units)
    self.init(
      recur_simple_rnn, inputs: rnn.inputSize, units: rnn.units, stateSizes: [rnn.units],
      input: .blocks(rnn.weights.kernel[.hidden], kernels.lanes),
      recurrent: .blocks(rnn.weights.recurrentKernel[.hidden], kernels.lanes),
      bias: .padded(bias.sum(0), kernels.lanes), .linear, rnn.activation, kernels)
  }

  private init(
    _ kind: recur_cell_kind, inputs: Int, units: Int, stateSizes: [Int], input: FloatMemory,
    recurrent: FloatMemory, candidate: FloatMemory? = nil, bias: FloatMemory,
    recurrentBias: FloatMemory? = nil, peepholes: FloatMemory? = nil,
    projection: FloatMemory? = nil, _ recurrentActivation: Activation, _ activation: Activation,
    _ kernels: Kernels
  ) {
    self.inputs = inputs
    self.stateSizes = stateSizes
    let optional = [candidate, recurrentBias, peepholes, projection]
    memory = [input, recurrent, bias] + optional.compactMap { $0 }
    products = input.count + recurrent.count + (candidate?.count ?? 0) + (projection?.count ?? 0)
    let functions = [recurrentActivation, activation].map { EngineActivation($0, kernels) }
    activations = functions
    unsafe cell = UnsafeMutablePointer.allocate(capacity: 1)
    unsafe cell.initialize(
      to: recur_cell(
        kind: kind, inputs: inputs, units: units, outputs: stateSizes[0],
        input_panels: input.buffer.base, recurrent_panels: recurrent.buffer.base,
        candidate_panels: candidate?.buffer.base, bias: bias.buffer.base,
        recurrent_bias: recurrentBias?.buffer.base, peepholes: peepholes?.buffer.base,
        projection: projection?.buffer.base, gate: functions[0].value,
        activation: functions[1].value))
  }

  deinit { unsafe cell.deallocate() }

  /// The numbers of working memory that a pass needs.
  func scratch(batch: Int, timesteps: Int, _ kernels: Kernels) -> Int {
    unsafe recur_scratch(cell, batch, timesteps, kernels.lanes)
  }

  /// How many threads a pass can use at most.
  func usefulThreads(batch: Int, _ kernels: Kernels) -> Int {
    unsafe recur_useful_threads(cell, batch, kernels.lanes)
  }
}

/// The biases of a cell in binary32, gate by gate; zeros where there are none.
private struct GateBiases {
  let input: [[Float]]
  let recurrent: [[Float]]

  /// Both biases of one gate as one.
  func sum(_ gate: Int) -> [Float] { zip(input[gate], recurrent[gate]).map(+) }
}

extension RecurrentWeights {
  fileprivate func biases(units: Int) -> GateBiases {
    let zeros = [[Float]](
      repeating: [Float](repeating: 0, count: units), count: Gate.allCases.count)
    switch bias {
    case .none: return GateBiases(input: zeros, recurrent: zeros)
    case .single(let one): return GateBiases(input: one.all.map { $0.floats() }, recurrent: zeros)
    case .split(let input, let recurrent):
      return GateBiases(
        input: input.all.map { $0.floats() }, recurrent: recurrent.all.map { $0.floats() })
    }
  }
}

extension GateMap {
  /// The values in the order of the gates.
  fileprivate var all: [Value] { Gate.allCases.map { self[$0] } }
}
