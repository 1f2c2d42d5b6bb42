package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A model of Neural Amp Modeler with the architecture LSTM (NeuralAmpModelerCore, NAM/lstm.cpp and
/// NAM/get_dsp.cpp, daae2d0).
///
/// `weights` is one list of numbers: per layer the matrix `[4·units, inputs + units]`, rows i, f, g, o, the
/// bias, the first h and the first c; then the matrix of the head, `[outputs, units]`, and its bias.
package struct NAMFormat: AudioFormat {
  package let id = "nam"
  package let title = "Neural Amp Modeler model"
  package let extensions = [".nam"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()) else { return false }
    return json["architecture"] != nil && json["config"] != nil && json["version"] != nil
  }

  package func weights(_ json: JSONValue) throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    guard let list = json["weights"] else { return table }
    try table.append("weights", JSONNumbers.tensor(list, "weights"))
    return table
  }

  package func read(_ json: JSONValue, named name: String) throws(CheckpointError) -> AudioModel {
    var top = AudioObject(json, "the model")
    try checkVersion(top.value("version"), top)
    try checkArchitecture(top.value("architecture"))
    var config = AudioObject(top.value("config") ?? .null, "'config'")
    let inputSize = try config.integer("input_size", in: 1...1 << 12)
    let units = try config.integer("hidden_size", in: 1...1 << 14)
    let depth = try config.integer("num_layers", in: 1...1 << 8)
    let channels = try config.integer("in_channels", 1, in: 1...1 << 12)
    let outputSize = try config.integer("out_channels", 1, in: 1...1 << 12)
    try config.checkKnown()
    guard channels == inputSize else {
      throw config.invalid(
        "has other 'in_channels' than its 'input_size'", "in_channels", expected: "\(inputSize)",
        found: "\(channels)")
    }
    guard let list = top.value("weights") else {
      throw top.invalid("has no weights", "weights", expected: "'weights', a list", found: nil)
    }
    let table = try JSONNumbers.tensor(list, "weights")
    var numbers = try NAMNumbers(
      table, inputSize: inputSize, units: units, depth: depth, outputSize: outputSize)
    var graph = AudioGraph(channels: inputSize)
    for layer in 0..<depth {
      let (cell, states) = try numbers.cell()
      var initial: [Model.Value] = []
      // States of zeros need no constants.
      if states.contains(where: { $0.contains { $0 != 0 } }) {
        initial = [
          graph.constants(states[0], named: "h0_l\(layer)"),
          graph.constants(states[1], named: "c0_l\(layer)"),
        ]
      }
      graph.append(.lstm(cell), named: "lstm_l\(layer)", initialState: initial)
    }
    graph.append(.dense(try numbers.head()), named: "head")
    var metadata = [("version", json["version"]?.string ?? "")]
    if let rate = top.value("sample_rate") { metadata.append(("sample_rate", rate.text)) }
    metadata += AudioMetadata.entries(top.value("metadata"), "metadata")
    let note = Diagnostic(
      .audioAssumed, .note,
      "the model begins with the states of the file, h and c of each layer; a plug-in that is reset runs "
        + "on from there with silence, and then begins")
    return AudioModel(
      try graph.model(named: name, producer: "Neural Amp Modeler"),
      metadata: metadata.map { (name: $0.0, value: $0.1) }, diagnostics: [note])
  }

  private func checkVersion(
    _ value: JSONValue?, _ top: AudioObject
  ) throws(CheckpointError) {
    let text = value?.string ?? ""
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, parts[0] == 0, let minor = parts[1], (5...7).contains(minor),
      parts[2] != nil
    else {
      throw top.invalid(
        "has the version '\(String(text.prefix(20)))', which is not read", "version",
        expected: "0.5.0 to 0.7", found: String(text.prefix(20)))
    }
  }

  private func checkArchitecture(_ value: JSONValue?) throws(CheckpointError) {
    let name = String((value?.string ?? "").prefix(60))
    guard name != "LSTM" else { return }
    let isContainer = name == "SlimmableContainer"
    throw CheckpointError(
      .audioUnsupported,
      isContainer
        ? "the file is a container of several models, '\(name)', which is not read"
        : "the architecture is '\(name)', which is not read", at: .init(object: "architecture"),
      expected: "LSTM", found: name,
      hint: isContainer
        ? "save one of 'config.submodels' as a file of its own: each 'model' is a whole model" : nil
    )
  }
}
