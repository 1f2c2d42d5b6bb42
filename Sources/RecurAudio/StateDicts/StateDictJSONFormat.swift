package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A state dict of torch in JSON: that of a SimpleRNN of CoreAudioML with its options, as GuitarML's plug-ins
/// load it (Proteus, NeuralPi, TS-M1N3), or the bare state dict that RTNeural loads.
///
/// The network is y = lin(rec(x)) + x[…, :skip].
package struct StateDictJSONFormat: AudioFormat {
  package let id = "state-dict-json"
  package let title = "state dict in JSON"

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()), let object = json.object else { return false }
    if json["model_data"] != nil, json["state_dict"] != nil { return true }
    return object.members.allSatisfy { $0.value.array != nil }
      && object.names.contains { $0.hasSuffix("weight_ih_l0") }
  }

  package func weights(_ json: JSONValue) throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    let members = (json["state_dict"] ?? json).object?.members ?? []
    for member in members {
      try table.append(member.name, JSONNumbers.tensor(member.value, member.name))
    }
    return table
  }

  package func read(_ json: JSONValue, named name: String) throws(CheckpointError) -> AudioModel {
    let data = json["model_data"]
    if let data { try checkClass(data) }
    let tensors = try weights(json)
    var options = AudioObject(data ?? .object(JSONObject()), "'model_data'")
    let modules = try StateDictModulesOfAudio(tensors)
    let read = try modules.layers()
    try check(&options, read, modules)
    let skip = data == nil ? 0 : try options.integer("skip", 0, in: 0...1 << 16)
    guard skip == 0 || skip <= read.inputSize && (skip == 1 || skip == read.outputSize) else {
      throw options.invalid(
        "has a skip that can't be added", "skip",
        expected: "0, 1 or \(read.outputSize), of \(read.inputSize) inputs", found: "\(skip)")
    }
    if data != nil { try options.checkKnown() }
    var graph = AudioGraph(channels: read.inputSize)
    for (index, cell) in read.cells.enumerated() {
      graph.append(cell, named: "\(modules.recurrentKey)_l\(index)")
    }
    graph.append(
      .dense(Dense(kernel: read.weight, bias: read.bias, activation: .linear)),
      named: modules.denseKey)
    if skip > 0 { graph.addInput(channels: skip, of: read.inputSize, from: graph.input) }
    let metadata = AudioMetadata.entries(data, "model_data")
    return AudioModel(
      try graph.model(named: name, producer: data == nil ? "PyTorch" : "CoreAudioML"),
      metadata: metadata)
  }

  private func checkClass(_ data: JSONValue) throws(CheckpointError) {
    let name = data["model"]?.string ?? ""
    guard name == "SimpleRNN" else {
      throw CheckpointError(
        .audioUnsupported,
        name.isEmpty
          ? "'model_data' does not name the class of the model"
          : "the model is a \(String(name.prefix(60))), which is not read",
        at: .init(object: "model_data"), expected: "SimpleRNN",
        found: name.isEmpty ? nil : String(name.prefix(60)))
    }
  }

  /// Compares what the options say with the tensors.
  private func check(
    _ options: inout AudioObject, _ read: StateDictModulesOfAudio.Read,
    _ modules: StateDictModulesOfAudio
  ) throws(CheckpointError) {
    _ = options.value("model")
    let sizes = [
      ("input_size", read.inputSize), ("output_size", read.outputSize),
      ("num_layers", read.cells.count), ("hidden_size", read.units),
    ]
    for (option, size) in sizes where options.value(option) != nil {
      let said = try options.integer(option)
      guard said == size else {
        throw options.invalid(
          "says another \(option) than the shapes of the weights", option, expected: "\(size)",
          found: "\(said)")
      }
    }
    if let said = options.value("unit_type")?.string, said != read.kind {
      throw options.invalid(
        "says another unit_type than the weights have", "unit_type", expected: read.kind,
        found: said)
    }
    if let said = options.value("bias_fl")?.bool, said != (read.bias != nil) {
      throw options.invalid(
        "says another bias_fl than the weights have", "bias_fl",
        expected: read.bias == nil ? "false" : "true", found: "\(said)")
    }
  }
}
