package import RecurModel
package import RecurTensors

extension Diagnostic.KnownDifference {
  /// Adds to the reason of a finding what is known about frameworks.
  package func explain(in finding: inout Diagnostic) {
    switch self {
    case .stateForm: finding.reason = finding.reason.map { "\(text); \($0)" } ?? text
    case .returnedTimesteps: finding.add(reason: text, separator: ": ")
    case .firstAxis, .timeFirstRecording, .masks, .maskedOutput, .stateOrder, .hardSigmoid,
      .hardSigmoidByDefault, .sigmoidByDefault, .resetPlacement:
      finding.add(reason: text)
    }
  }

  /// A difference between frameworks, in a sentence.
  private var text: String {
    switch self {
    case .firstAxis:
      "torch modules without batch_first=True take and give [timesteps, batch, …]"
    case .timeFirstRecording:
      "torch.nn.LSTM, GRU and RNN take [timesteps, batch, features] unless batch_first=True"
    case .returnedTimesteps:
      "return_sequences in Keras, \"select\" of declared torch modules"
    case .stateForm:
      "Keras states are (batch, units), PyTorch states (layers·directions, batch, units)"
    case .masks:
      "torch.nn and hand-written code have no masks; padding is read like any timestep"
    case .maskedOutput:
      "Keras repeats the output before, or zeros it (zero_output_for_mask); packed sequences of "
        + "PyTorch are padded with zeros"
    case .stateOrder: "TensorFlow 1 keeps (c, h), Keras and PyTorch (h, c)"
    case .hardSigmoid:
      "hard_sigmoid is 0.2x+0.5 in Keras 1 and 2 and x/6+0.5 in Keras 3: a file that was saved again "
        + "by another generation keeps the word and changes the function"
    case .hardSigmoidByDefault:
      "LSTM and GRU of Keras 1 to 2.2 use hard_sigmoid unless told otherwise; PyTorch has none"
    case .sigmoidByDefault:
      "LSTM and GRU use sigmoid from Keras 2.3 on, in tf.keras and in PyTorch"
    case .resetPlacement:
      "Keras has both forms (reset_after), PyTorch and CuDNN have only one, and no weights of one "
        + "make the other"
    }
  }
}

/// The orders of gates in known programs.
package enum KnownGateOrders {
  // onnx/defs/rnn/defs.cc; tensorflow 1 rnn_cell_impl.py; Torch7 FastLSTM.lua; Core ML tools
  // recurrent.py; caffe lstm_layer; OpenVINO LSTMCell; Deeplearning4j LSTMParamInitializer.
  package static let lstm: [(order: [LSTMGate], programs: String)] = [
    ([.input, .output, .forget, .cell], "ONNX"),
    ([.input, .cell, .forget, .output], "TensorFlow 1's LSTM cells and Torch7"),
    ([.input, .forget, .output, .cell], "Core ML and Caffe"),
    ([.forget, .input, .cell, .output], "OpenVINO"),
    ([.cell, .forget, .output, .input], "Deeplearning4j"),
    ([.cell, .input, .forget, .output], "RETURNN"),
    ([.input, .forget, .cell, .output], "Keras, PyTorch and CuDNN"),
  ]

  // keras/src/layers/rnn/gru.py; torch.nn.GRU; onnx/defs/rnn/defs.cc; Core ML tools recurrent.py.
  package static let gru: [(order: [GRUGate], programs: String)] = [
    ([.update, .reset, .candidate], "Keras and ONNX"),
    ([.reset, .update, .candidate], "PyTorch and CuDNN"),
    ([.reset, .candidate, .update], "Core ML"),
  ]
}
