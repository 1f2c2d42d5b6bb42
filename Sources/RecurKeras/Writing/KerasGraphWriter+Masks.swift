import RecurContainers
import RecurModel
import RecurTensors

/// The masks of calls: left to Keras where Keras hands on the right mask, explicit, or stopped.
extension KerasGraphWriter {
  /// Records the masks that Keras attaches to a node's outputs; `layer` is the layer that is
  /// written.
  mutating func attach(
    _ node: Model.Node, _ layer: Layer, _ values: [Model.Value], _ incoming: [KerasMask?]
  ) {
    let present = incoming.compactMap { $0 }
    func combined(_ make: ([KerasMask]) -> KerasMask) -> KerasMask? {
      present.count > 1 ? make(present) : present.first
    }
    let mask: KerasMask? =
      switch layer.keras.maskOutcome(rules, present: incoming.map { $0 != nil }) {
      case .none: nil
      case .passed, .converted: incoming.first ?? nil
      case .own: masks.mask(Model.Value(node.name, 1))
      case .any: combined { .any($0) }
      case .all: combined { .all($0) }
      case .joined: present.count == incoming.count ? combined { .any($0) } : nil
      case .concatenated: .concatenated(zip(incoming, values).map { $0 ?? .every($1) })
      }
    let count = layer.keras.masks(rules, present: incoming.map { $0 != nil }).outputCount
    for output in 0..<count { attached[Model.Value(node.name, output)] = mask }
  }

  /// Makes sure that a layer gets the mask of the model.
  mutating func arrangeMask(
    _ node: Model.Node, _ call: inout KerasCallForm, _ inputs: inout [KerasTensorForm],
    _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    guard let first = incoming.first else { return }
    let use = node.layer.keras.masks(rules, present: incoming.map { $0 != nil }).use
    guard use == .needed || use == .handedInside else { return }
    let wanted = node.mask.map(masks.mask)
    let given = rules.reaches(withInitialState: !node.initialState.isEmpty) ? first : nil
    guard wanted != given else { return }
    guard let wanted, let mask = node.mask else {
      try stop(node, 0, &inputs, &incoming)
      return
    }
    guard target.holdsOperations else {
      findings.append(explicitMask(node))
      return
    }
    guard let tensor = try emitted(mask, for: node) else { return }
    call.mask = tensor
    incoming[0] = wanted
    findings.append(restatedMask(node))
  }

  func explicitMask(_ node: Model.Node) -> Diagnostic {
    node.unrepresentable(
      "'\(node.layerName)' is given a mask that \(target.reader) does not hand on by itself, and "
        + "an explicit one can't be stored in this format",
      hint: "write .keras, which can hold it, or a PyTorch module")
  }

  func restatedMask(_ node: Model.Node) -> Diagnostic {
    Diagnostic(
      .kerasMaskRestated, .note,
      "'\(node.layerName)' is given its mask explicitly, because Keras 3 would not hand on this one",
      at: node.location)
  }

  /// Makes sure that a layer with a list of masks gets the masks of the model: all from Keras, or
  /// all explicit.
  mutating func arrangeMasks(
    _ node: Model.Node, _ values: [Model.Value?],
    _ call: inout KerasCallForm, _ inputs: inout [KerasTensorForm], _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    let meant = values.map { $0.map(masks.mask) }
    let different = meant.indices.filter { meant[$0] != incoming[$0] }
    guard different.contains(where: { meant[$0] != nil }) else {
      for index in different { try stop(node, index, &inputs, &incoming) }
      return
    }
    guard target.holdsOperations else {
      findings.append(explicitMask(node))
      return
    }
    var given: [KerasTensorForm?] = []
    for (index, value) in values.enumerated() {
      if let value { given.append(try emitted(value, for: node)) } else { given.append(nil) }
      incoming[index] = meant[index]
    }
    call.masks = given
    findings.append(restatedMask(node))
  }

  /// Puts a layer before an input that only loses the mask: a Permute that keeps the order of axes.
  mutating func stop(
    _ node: Model.Node, _ index: Int, _ inputs: inout [KerasTensorForm],
    _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    let rank = inputs[index].shape.count
    let sameAxes = Layer.reshaping(.permute(Array(1..<max(rank, 2))))
    guard let helper = try helper(sameAxes, "unmasked", for: node) else { return }
    inputs[index] = insert(helper, before: node, inputs[index])
    incoming[index] = nil
    findings.append(
      Diagnostic(
        .kerasMaskRestated, .note,
        "'\(helper.name)', which changes nothing, keeps a mask from '\(node.layerName)' that "
          + "\(target.reader) would hand on and the model does not mean", at: node.location))
  }

  /// Stops masks before layers that would compute something else under them.
  mutating func keepFromHarm(
    _ node: Model.Node, _ inputs: inout [KerasTensorForm], _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    guard !masks.isMaskNode(node) else { return }
    let present = incoming.map { $0 != nil }
    guard node.layer.keras.masks(rules, present: present).use == .harmful else { return }
    for index in incoming.indices where incoming[index] != nil {
      try stop(node, index, &inputs, &incoming)
    }
  }

  mutating func rescale(
    _ node: Model.Node, by factor: Double, _ inputs: inout [KerasTensorForm],
    _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    let scaling = Layer.scaling(Scaling(scale: [factor], offset: [0]))
    guard let helper = try helper(scaling, "rescaled", for: node) else { return }
    inputs[0] = insert(helper, before: node, inputs[0])
    if scaling.keras.maskOutcome(rules, present: [incoming[0] != nil]) == .none {
      incoming[0] = nil
    }
    isRounded = true
    findings.append(
      Diagnostic(
        .kerasHardSigmoidRescaled, .warning,
        "hard_sigmoid of '\(node.layerName)' is another function in \(target.reader): its input is "
          + "multiplied by \(factor) in '\(helper.name)'", at: node.location
      ).advising(
        target.isKeras3 ? "exact: \(.format("keras2-h5")), or a PyTorch module" : "exact: .keras"))
  }

  /// A layer that is not a node of the model.
  private mutating func helper(
    _ layer: Layer, _ part: String, for node: Model.Node
  ) throws(CheckpointError) -> KerasLayerForm? {
    let name = names.unique("\(names[node.layerName])_\(part)")
    var writer = KerasLayerWriter(target, node, inputShapes: [], isMask: false)
    return try writer.form(of: layer, named: name)
  }

  mutating func insert(
    _ helper: KerasLayerForm, before node: Model.Node, _ input: KerasTensorForm
  ) -> KerasTensorForm {
    var helper = helper
    helper.policy = KerasPolicy(compute: node.precision, variable: node.precision)
    form.layers.append(
      KerasPlacedLayer(form: helper, calls: [KerasCallForm(inputs: [input])]))
    return KerasTensorForm(
      layer: helper.name, call: 0, output: 0, shape: input.shape, dtype: node.precision.rawValue)
  }
}
