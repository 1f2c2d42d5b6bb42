import RecurModel
import RecurTensors

/// Cells whose kernel is one matrix over x and h, one above the other
/// (tensorflow/python/ops/rnn_cell_impl.py, tensorflow/core/kernels/rnn).
enum FusedCells {
  /// An LSTM; its kernel is `[inputSize + width of h, 4·units]`, and `added` is added to the forget gate besides
  /// its bias.
  ///
  /// - Throws: `tensor.shape-mismatch` for arrays that do not fit the kernel.
  static func lstm(
    kernel: Tensor, bias: Tensor?, added: Double,
    layout: RecurrentLayout<LSTMGate> = TensorFlowLayouts.lstm, projection: Tensor? = nil
  ) throws(CheckpointError) -> LSTM {
    let units = kernel.shape[1] / 4
    let width = projection?.shape.last ?? units
    let inputSize = kernel.shape[0] - width
    var own: RecurrentWeights<LSTMGate>.Bias = .none
    if let bias {
      var gates = try layout.unpack(bias)
      if added != 0 {
        let forget = gates[.forget]
        gates[.forget] = try Tensor.numbers(
          forget.doubles().map { $0 + added }, forget.elementType, shape: [units]
        ).located(at: forget.location)
      }
      own = .single(gates)
    } else if added != 0 {
      let zeros = try Tensor.numbers(
        [Double](repeating: 0, count: units), kernel.elementType, shape: [units])
      let ones = try Tensor.numbers(
        [Double](repeating: added, count: units), kernel.elementType, shape: [units])
      own = .single(GateMap { $0 == .forget ? ones : zeros })
    }
    return LSTM(
      inputSize: inputSize, units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(kernel.slice(axis: 0, 0..<inputSize)),
        recurrentKernel: try layout.unpack(
          kernel.slice(axis: 0, inputSize..<kernel.shape[0])),
        bias: own),
      activation: .tanh, recurrentActivation: .sigmoid, projection: projection?.transposed())
  }
}

extension FusedCells {
  /// A GRU that resets h before the product; r and u have one kernel, and the candidate another one.
  static func gru(
    gates: Tensor, gateBias: Tensor, candidate: Tensor, candidateBias: Tensor
  ) throws(CheckpointError) -> GRU {
    let units = candidate.shape[1]
    let rows = candidate.shape[0] - units
    let all = try Tensor.concatenated([gates, candidate], axis: 1)
    let layout = TensorFlowLayouts.gru
    return GRU(
      inputSize: rows, units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(all.slice(axis: 0, 0..<rows)),
        recurrentKernel: try layout.unpack(all.slice(axis: 0, rows..<rows + units)),
        bias: .single(
          try layout.unpack(Tensor.concatenated([gateBias, candidateBias], axis: 0)))),
      activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .beforeProduct)
  }
}
