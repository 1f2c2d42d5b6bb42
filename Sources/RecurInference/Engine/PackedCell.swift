import CRecurKernels
import RecurModel
import RecurTensors

/// A recurrent cell with its weights packed for one instruction set.
///
/// The packing of each kind is in the kind's file in `Cells`.
@safe final class PackedCell: PackedWeights {
  /// The width of x.
  let inputs: Int
  /// The widths of the states: h, and for an LSTM c.
  let stateSizes: [Int]
  /// The cell in the form that kernels read.
  nonisolated(unsafe) let cell: UnsafeMutablePointer<recur_cell>
  private let memory: [FloatMemory]
  private let panels: [Panels]
  private let activations: [EngineActivation]

  /// The width of h.
  var outputs: Int { stateSizes[0] }
  /// The size of the packed weights in bytes.
  var byteCount: Int {
    memory.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
      + panels.reduce(0) { $0 + $1.byteCount }
  }
  /// The type of all panels.
  var type: WeightType { panels[0].type }
  var fits: Bool { panels.allSatisfy(\.fits) }
  /// The number of multiplications in one timestep of one sequence.
  let products: Int

  init(
    _ kind: recur_cell_kind, inputs: Int, units: Int, stateSizes: [Int], input: Panels,
    recurrent: Panels, candidate: Panels? = nil, bias: FloatMemory,
    recurrentBias: FloatMemory? = nil, peepholes: FloatMemory? = nil,
    projection: Panels? = nil, _ recurrentActivation: Activation, _ activation: Activation,
    _ kernels: Kernels
  ) {
    self.inputs = inputs
    self.stateSizes = stateSizes
    memory = [bias] + [recurrentBias, peepholes].compactMap { $0 }
    let panels = [input, recurrent] + [candidate, projection].compactMap { $0 }
    self.panels = panels
    products = panels.reduce(0) { $0 + $1.count }
    let functions = [recurrentActivation, activation].map { EngineActivation($0, kernels) }
    activations = functions
    unsafe cell = UnsafeMutablePointer.allocate(capacity: 1)
    unsafe cell.initialize(
      to: recur_cell(
        kind: kind, inputs: inputs, units: units, outputs: stateSizes[0],
        input_panels: input.base, recurrent_panels: recurrent.base,
        candidate_panels: candidate?.base, bias: bias.buffer.base,
        recurrent_bias: recurrentBias?.buffer.base, peepholes: peepholes?.buffer.base,
        projection: projection?.base, gate: functions[0].value,
        activation: functions[1].value))
  }

  deinit { unsafe cell.deallocate() }

  /// The size of the scratch buffer for a pass, in numbers.
  func scratch(batch: Int, timesteps: Int, _ kernels: Kernels) -> Int {
    unsafe recur_scratch(cell, batch, timesteps, kernels.lanes)
  }

  /// The largest number of threads that a pass can use.
  func usefulThreads(batch: Int, _ kernels: Kernels) -> Int {
    unsafe recur_useful_threads(cell, batch, kernels.lanes)
  }
}

/// The biases of a cell in float32, gate by gate; zeros where the cell has no bias.
struct GateBiases {
  let input: [[Float]]
  let recurrent: [[Float]]

  /// The sum of both biases of one gate.
  func sum(_ gate: Int) -> [Float] { zip(input[gate], recurrent[gate]).map(+) }
}

extension RecurrentWeights {
  /// The biases in float32.
  func biases(units: Int) -> GateBiases {
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
  var all: [Value] { Gate.allCases.map { self[$0] } }
}
