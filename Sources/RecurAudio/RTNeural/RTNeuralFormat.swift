package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A model of RTNeural in JSON, as its Python script writes Keras models (RTNeural/model_loader.h), also
/// with the gains, the skip and the sample rate of AIDA-X.
package struct RTNeuralFormat: AudioFormat {
  package let id = "rtneural"
  package let title = "RTNeural model"
  package let extensions = [".json", ".aidax"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()) else { return false }
    return json["in_shape"] != nil && json["layers"]?.array != nil
  }

  package func read(_ json: JSONValue, named name: String) throws(CheckpointError) -> AudioModel {
    var top = AudioObject(json, "the model")
    let shape = try RTNeuralLayers.shape(top.value("in_shape"), "in_shape")
    guard let layers = top.value("layers")?.array, !layers.isEmpty else {
      throw top.invalid("has no layers", "layers", expected: "'layers', a list", found: nil)
    }
    let gains = try RTNeuralGains(&top)
    let inputSize = shape.reduce(1, *)
    var graph = AudioGraph(channels: inputSize)
    if let gain = gains.inputGain {
      graph.append(.scaling(Scaling(scale: [gain], offset: [0])), named: "in_gain")
    }
    let amplified = graph.value
    var reader = RTNeuralLayers(graph, shape: shape)
    for (index, layer) in layers.enumerated() { try reader.append(layer, index) }
    let outputSize = reader.outputSize
    graph = reader.graph
    if gains.skips {
      guard outputSize == 1 else {
        throw top.invalid(
          "has 'in_skip' and \(outputSize) outputs", "in_skip", expected: "one output",
          found: "\(outputSize)")
      }
      graph.addInput(channels: 1, of: inputSize, from: amplified)
    }
    if let gain = gains.outputGain {
      graph.append(.scaling(Scaling(scale: [gain], offset: [0])), named: "out_gain")
    }
    var metadata = gains.metadata
    metadata += AudioMetadata.entries(top.value("metadata"), "metadata")
    var notes: [Diagnostic] = []
    let others = top.unknown.filter { !["input_batch", "output_batch"].contains($0) }
    if !others.isEmpty {
      notes.append(
        Diagnostic(
          .audioBeside, .note,
          "the plug-ins read nothing under "
            + others.prefix(8).map { "'\($0)'" }
            .joined(separator: ", ")))
    }
    if reader.hasWindows {
      notes.append(
        Diagnostic(
          .audioAssumed, .note,
          "convolutions along the timesteps are causal, as the engine computes them: the padding of the "
            + "model that was trained is not in the file"))
    }
    return AudioModel(
      try graph.model(named: name, producer: "RTNeural"), metadata: metadata, diagnostics: notes)
  }

  package func weights(_ json: JSONValue) throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    for (index, layer) in (json["layers"]?.array ?? []).enumerated() {
      for (position, weight) in (layer["weights"]?.array ?? []).enumerated() {
        let name = RTNeuralLayers.name(of: layer, index) + ".\(position)"
        try table.append(name, JSONNumbers.tensor(weight, name))
      }
    }
    return table
  }
}

/// What AIDA-X adds to a model (aidadsp-lv2 and aida-x, `DynamicModel`).
///
/// The output is G·(network(g·x) + skip·g·x), with the gains G and g.
struct RTNeuralGains {
  /// The factor before the network; nil when none is given.
  let inputGain: Double?
  /// The factor behind the network; nil when none is given.
  let outputGain: Double?
  /// Whether the amplified input is added to the output.
  let skips: Bool
  /// What was read, as the file has it.
  let metadata: [(name: String, value: String)]

  init(_ top: inout AudioObject) throws(CheckpointError) {
    var entries: [(name: String, value: String)] = []
    func factor(_ name: String) throws(CheckpointError) -> Double? {
      guard let value = top.value(name) else { return nil }
      let decibels = try top.number(name, 0)
      guard abs(decibels) <= 200 else {
        throw top.invalid(
          "has '\(name)' that can't be", name, expected: "decibels from −200 to 200",
          found: value.text)
      }
      entries.append((name, value.text))
      return Decibels.factor(decibels)
    }
    let skip = try top.integer("in_skip", 0, in: 0...1)
    inputGain = try factor("in_gain")
    outputGain = try factor("out_gain")
    skips = skip == 1
    if skips { entries.append(("in_skip", "1")) }
    if let rate = top.value("samplerate") { entries.append(("samplerate", rate.text)) }
    metadata = entries
  }
}

/// What a file says of itself, as names and values.
enum AudioMetadata {
  /// The entries of an object, those of objects in it under names joined by dots.
  static func entries(
    _ value: JSONValue?, _ name: String, depth: Int = 0
  ) -> [(name: String, value: String)] {
    guard let value else { return [] }
    guard let object = value.object, depth < 8 else {
      return [(name, value.string ?? String(value.text.prefix(200)))]
    }
    return object.members.flatMap { entries($0.value, "\(name).\($0.name)", depth: depth + 1) }
  }
}

extension Diagnostic.Code {
  static let audioBeside = Self(rawValue: "audio.beside")
  static let audioAssumed = Self(rawValue: "audio.assumed")
}
