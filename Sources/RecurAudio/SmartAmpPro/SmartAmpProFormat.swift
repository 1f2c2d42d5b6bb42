package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A model of SmartAmpPro in JSON: two convolutions over a window of samples, one step of an LSTM from a state
/// of zeros, and a dense layer (SmartAmpPro, `train.py`).
///
/// The strides make one timestep of a window, so the recurrent kernel counts for nothing and is not in the
/// file.
package struct SmartAmpProFormat: AudioFormat {
  package let id = "smartamppro"
  package let title = "SmartAmpPro model"

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()) else { return false }
    return ["conv1d", "conv1d_1", "lstm", "dense", "input_size"].allSatisfy { json[$0] != nil }
  }

  package func weights(_ json: JSONValue) throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    for layer in ["conv1d", "conv1d_1", "lstm", "dense"] {
      for member in json[layer]?.object?.members ?? [] where member.value.array != nil {
        let name = "\(layer).\(member.name)"
        try table.append(name, JSONNumbers.tensor(member.value, name))
      }
    }
    return table
  }

  package func read(_ json: JSONValue, named name: String) throws(CheckpointError) -> AudioModel {
    var top = AudioObject(json, "the model")
    let size = try top.integer("input_size", in: 1...1 << 16)
    let strides = [
      try top.integer("conv1d_stride", in: 1...1 << 16),
      try top.integer("conv1d_1_stride", in: 1...1 << 16),
    ]
    let steps = strides.reduce(size) { ($0 + $1 - 1) / $1 }
    guard steps == 1 else {
      throw top.invalid(
        "makes \(steps) timesteps of a window, and its file has no recurrent kernel for more than one",
        "conv1d_stride", expected: "strides that make one timestep of \(size) samples",
        found: "\(strides[0]) and \(strides[1])")
    }
    let tensors = try weights(json)
    func tensor(_ name: String, _ shape: [Int?]) throws(CheckpointError) -> Tensor {
      guard let tensor = tensors[name] else {
        throw CheckpointError(
          .tensorMissing, "there is no tensor '\(name)'", at: .init(object: name))
      }
      return try tensor.demanding(shape, name)
    }
    var graph = AudioGraph(timesteps: size, channels: 1)
    var width = 1
    for (layer, stride) in zip(["conv1d", "conv1d_1"], strides) {
      let kernel = try tensor("\(layer).kernel:0", [nil, width, nil])
      width = kernel.shape[2]
      graph.append(
        .convolution(
          Convolution(
            kernel: kernel.permuted([2, 1, 0]), bias: try tensor("\(layer).bias:0", [width]),
            activation: .linear, stride: stride, dilation: 1, groups: 1, padding: .same)),
        named: layer)
      _ = top.value(layer)
    }
    let kernel = try tensor("lstm.kernel:0", [width, nil])
    let units = kernel.shape[1] / 4
    // Zeros for the recurrent kernel are made, and not read.
    guard units <= 1 << 12 else {
      throw CheckpointError(
        .limitExceeded, "the LSTM has \(units) units; at most \(1 << 12) are read",
        at: kernel.location)
    }
    let bias = try tensor("lstm.bias:0", [4 * units])
    let layout = AudioLayouts.rtNeuralLSTM
    // Some files have it, and no step reads it.
    let zeros = try Tensor.zeros(.float32, shape: [units, units])
    var own = GateMap<LSTMGate, Tensor> { _ in zeros }
    if tensors["lstm.recurrent_kernel:0"] != nil {
      own = try layout.unpack(tensor("lstm.recurrent_kernel:0", [units, 4 * units]))
    }
    let cell = LSTM(
      inputSize: width, units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(kernel.demanding([width, 4 * units], "lstm.kernel:0")),
        recurrentKernel: own, bias: .single(try layout.unpack(bias))),
      activation: .tanh, recurrentActivation: .sigmoid)
    graph.append(
      .recurrent(
        Recurrent(
          cell: .lstm(cell), returnsSequence: false, returnsState: false, direction: .forward,
          isStateful: false, keptStateWins: false, maskedOutput: .previous)), named: "lstm")
    let weight = try tensor("dense.kernel:0", [units, nil])
    graph.append(
      .dense(
        Dense(
          kernel: weight.transposed(), bias: try tensor("dense.bias:0", [weight.shape[1]]),
          activation: .linear)), named: "dense")
    for layer in ["lstm", "dense"] { _ = top.value(layer) }
    let known = [
      "conv1d.kernel:0", "conv1d.bias:0", "conv1d_1.kernel:0", "conv1d_1.bias:0", "lstm.kernel:0",
      "lstm.recurrent_kernel:0", "lstm.bias:0", "dense.kernel:0", "dense.bias:0",
    ]
    if let other = tensors.names.first(where: { !known.contains($0) }) {
      throw CheckpointError(
        .audioUnsupported, "no layer of the network has the tensor '\(other)'",
        at: .init(object: other))
    }
    let note = Diagnostic(
      .audioAssumed, .note,
      "a window of \(size) samples is one timestep from a state of zeros: a recurrent kernel counts for "
        + "nothing; where the file has none, zeros stand for it")
    return AudioModel(try graph.model(named: name, producer: "SmartAmpPro"), diagnostics: [note])
  }
}
