import RecurContainers
import RecurModel
import RecurTensors

// What becomes of the declared inputs of a model.
extension KerasGraphReader {
  /// The input of text that a layer with a vocabulary reads, made an input of the numbers that the
  /// layer puts out.
  ///
  /// - Returns: the input; nil when the text comes from elsewhere, or goes elsewhere too, which is
  ///   reported as a finding.
  mutating func readingText(
    _ layer: Layer, _ config: KerasArchitecture.LayerConfig, _ value: Model.Value?
  ) -> [Masked]? {
    let readers = architecture.layers.flatMap { $0.calls.flatMap(\.operands) }.count {
      $0.layer.text == value?.node
    }
    guard let value, let index = nodes.firstIndex(where: { $0.name == value.node }),
      case .input(let input) = nodes[index].layer, input.isText, readers == 1
    else {
      findings.append(
        Diagnostic(
          .kerasOptionUnsupported, .error,
          "\(config.className) '\(config.name)' reads text that is no input of the model, or that "
            + "other layers read too", at: config.location))
      return nil
    }
    nodes[index].layer = layer
    types.add(nodes[index])
    shapes.add(nodes[index])
    return [Masked(value: value)]
  }
}

extension KerasArchitecture {
  /// Whether any layer keeps its state between calls.
  var keepsStates: Bool {
    layers.contains { $0.keepsState || $0.nested?.keepsStates == true }
  }
}

extension KerasArchitecture.LayerConfig {
  /// Whether the layer, or one inside it, keeps its state between calls.
  fileprivate var keepsState: Bool {
    options["stateful"]?.bool == true || inside.contains(where: \.keepsState)
  }
}
