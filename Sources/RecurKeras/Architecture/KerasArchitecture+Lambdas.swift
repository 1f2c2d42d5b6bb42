import RecurContainers
import RecurFormats
import RecurTensors

extension KerasArchitecture {
  /// The same with functions in the place of Lambda layers: each is a model without weights inside.
  ///
  /// - Throws: `source.model` for a name that is no Lambda layer, and what reading the expressions throws.
  func replacingLambdas(
    _ lambdas: [(name: String, text: String)], _ program: (any ProgramReading)?
  ) throws(CheckpointError) -> KerasArchitecture {
    var copy = self
    for (name, text) in lambdas {
      guard let program,
        let index = layers.firstIndex(where: { $0.name == name && $0.className == Self.lambda })
      else {
        throw CheckpointError(
          .sourceModel, "the model has no Lambda layer '\(name)'", at: .init(file: nil),
          expected: layers.filter { $0.className == Self.lambda }.map(\.name)
            .joined(separator: ", "), found: name)
      }
      let layer = layers[index]
      let counts = Set(layer.calls.map(\.inputs.count))
      guard counts.count <= 1 else {
        throw CheckpointError(
          .sourceModel, "'\(name)' is called with different numbers of tensors",
          at: layer.location)
      }
      let config = try program.expression(text, named: name, inputs: counts.first ?? 1)
      var inside = LayerConfig(
        className: "Functional", name: name, options: config["config"]?.object ?? layer.options,
        location: layer.location, isKeras1: false)
      inside.nested = try KerasArchitecture(config, version: version, at: layer.location)
      inside.calls = layer.calls
      inside.storedClassName = Self.lambda
      copy.layers[index] = inside
    }
    return copy
  }

  private static let lambda = "Lambda"
}
