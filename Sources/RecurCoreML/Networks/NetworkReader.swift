import RecurFormats
import RecurModel
import RecurTensors

/// Makes a model of a neural network: every layer becomes operators of a model.
struct NetworkReader {
  let file: CoreMLModel
  let network: NetworkMessage
  var builder = GraphBuilder()
  /// Whether axes of several extents have the one with which the model was written.
  private var fixesExtents = false

  init(_ file: CoreMLModel, _ network: NetworkMessage) {
    (self.file, self.network) = (file, network)
  }

  /// The model of a network, and whether its axes are those with which it was written.
  ///
  /// - Throws: see ``model(named:)``.
  static func model(
    of file: CoreMLModel, _ network: NetworkMessage, named name: String
  ) throws(CheckpointError) -> (model: Model, isFixed: Bool) {
    var reader = NetworkReader(file, network)
    do throws(CheckpointError) {
      return (try reader.model(named: name), false)
    } catch {
      let isOpen = file.inputs.contains { $0.isFree.contains(true) }
      var fixed = NetworkReader(file, network)
      fixed.fixesExtents = true
      guard isOpen, let model = try? fixed.model(named: name) else { throw error }
      return (model, true)
    }
  }

  /// The model in canonical form.
  ///
  /// - Throws: `graph.unsupported` for what is not supported, with the layer; `coreml.invalid`, and
  ///   everything that is wrong with the weights.
  mutating func model(named name: String) throws(CheckpointError) -> Model {
    if let place = network.preprocessing {
      throw CheckpointError(
        .graphUnsupported, "the inputs are changed before the first layer, as images are", at: place
      )
    }
    guard network.isExact || network.layers.isEmpty else {
      throw CheckpointError(
        .graphUnsupported,
        "the model gives every array five axes, which is not read", at: network.layers[0].location,
        expected: "arrays with the axes that are declared (arrayInputShapeMapping 1)",
        hint: "convert the original model again, with coremltools 4 or newer")
    }
    var values: [Name: GraphValue] = [:]
    for input in file.inputs { values[Name(input.name)] = try self.input(input) }
    for layer in network.layers {
      builder.location = layer.location
      builder.name = layer.name.isEmpty ? layer.outputs.first ?? "layer" : layer.name
      var inputs: [GraphValue] = []
      for name in layer.inputs {
        guard let value = values[Name(name)] else {
          throw CheckpointError(
            .coreMLInvalid, "the layer reads '\(name)', which nothing computes before it",
            at: layer.location)
        }
        inputs.append(value)
      }
      let call = NetworkCall(
        layer: layer, inputs: inputs, options: try NetworkOptions(layer.options))
      let results = try NetworkLayers.results(call, &builder)
      guard results.count >= layer.outputs.count else {
        throw CheckpointError(
          .coreMLInvalid, "the layer has \(layer.outputs.count) results for \(results.count)",
          at: layer.location)
      }
      for (output, value) in zip(layer.outputs, results) { values[Name(output)] = value }
    }
    var outputs: [Model.Value] = []
    for output in file.outputs {
      builder.location = output.location
      builder.name = output.name
      guard let value = values[Name(output.name)] else {
        throw CheckpointError(
          .coreMLInvalid, "the output '\(output.name)' is computed by no layer",
          at: output.location)
      }
      outputs.append(try builder.computed(value))
    }
    guard !outputs.isEmpty else {
      throw CheckpointError(.coreMLInvalid, "the network has no outputs")
    }
    return try builder.model(
      named: name, producer: "Core ML \(file.version)", outputs: outputs
    ).canonical().validated()
  }

  private mutating func input(_ port: CoreMLPort) throws(CheckpointError) -> GraphValue {
    builder.location = port.location
    guard let type = port.elementType, !port.shape.isEmpty else {
      throw builder.problem(
        "the input '\(port.name)' is \(port.other ?? "an array of an open shape")",
        expected: "an array of numbers")
    }
    var shape: [Dimension] = []
    for (axis, extent) in port.shape.enumerated() {
      guard extent > 0 else {
        throw builder.problem("axis \(axis) of the input '\(port.name)' has no elements")
      }
      shape.append(
        port.isFree[axis] && !fixesExtents ? .free("\(port.name)_axis\(axis)") : .fixed(extent))
    }
    // Sequences have the timesteps first.
    let batchAxis = shape.count >= 3 ? 1 : 0
    let batch = shape[batchAxis]
    // Networks compute in 32 bits whatever type their inputs are handed over in.
    return try builder.input(
      port.name, shape: shape, type: type == .float64 ? .float32 : type,
      batch: batch.value == nil ? batch : nil, batchAxis: batchAxis)
  }
}
