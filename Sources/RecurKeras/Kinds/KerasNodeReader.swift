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
  /// The shapes of the inputs, as far as they are known.
  let inputShapes: [[Dimension]]
  /// The kind of numbers of every input.
  let inputTypes: [NumberKind]
  /// The outputs of the call, if they are not all outputs of the node.
  var outputs: [Model.Value]?
  /// Nodes that are computed before the node.
  var added: [Model.Node] = []
  /// Errors of the call.
  var findings: [Diagnostic] = []

  init(
    _ node: Model.Node, _ config: KerasArchitecture.LayerConfig, _ call: KerasArchitecture.Call,
    masks: [Model.Value?], _ rules: KerasMaskRules, inputShapes: [[Dimension]],
    inputTypes: [NumberKind]
  ) {
    self.inputShapes = inputShapes
    self.inputTypes = inputTypes
    self.node = node
    self.config = config
    self.call = call
    self.masks = masks
    self.rules = rules
  }

  /// Computes `layers` one after the other, of which the last one becomes the layer of the node.
  ///
  /// - Parameter layers: at least one layer; each takes the output of the one before.
  mutating func chain(_ layers: [Layer]) {
    for (index, layer) in layers.dropLast().enumerated() {
      let name = "\(node.name):\(index)"
      added.append(
        Model.Node(
          name: name, layerName: name, layer: layer, inputs: node.inputs,
          precision: node.precision, location: node.location))
      node.inputs = [Model.Value(name)]
    }
    if let last = layers.last { node.layer = last }
  }

  /// Refuses the call with an error.
  mutating func refuse(_ message: String) {
    findings.append(
      Diagnostic(.kerasOptionUnsupported, .error, message, at: config.location))
  }
}
