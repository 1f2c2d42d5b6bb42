import RecurModel
import RecurTensors

/// One call of a layer, from which a node is made.
struct KerasNodeReader {
  /// The node, with the inputs and the mask that Keras would give it.
  var node: Model.Node
  /// The layer as the config declares it.
  let config: KerasArchitecture.LayerConfig
  /// The call as the config declares it.
  let call: KerasArchitecture.Call
  /// The mask of every input.
  let masks: [Model.Value?]
  /// The effect of this version of Keras on masks.
  let rules: KerasMaskRules
  /// Nodes that are computed before the node.
  var added: [Model.Node] = []
  /// Errors of the call.
  var findings: [Diagnostic] = []

  init(
    _ node: Model.Node, _ config: KerasArchitecture.LayerConfig, _ call: KerasArchitecture.Call,
    masks: [Model.Value?], _ rules: KerasMaskRules
  ) {
    self.node = node
    self.config = config
    self.call = call
    self.masks = masks
    self.rules = rules
  }

  /// Refuses the call with an error.
  mutating func refuse(_ message: String) {
    findings.append(
      Diagnostic(.kerasOptionUnsupported, .error, message, at: config.location))
  }
}
