import RecurContainers
import RecurModel
import RecurTensors

/// The masks of calls: left to Keras where it hands on the right one, given explicitly, or stopped.
extension KerasGraphWriter {
  /// Notes the masks that Keras attaches to a node's outputs.
  mutating func attach(
    _ node: Model.Node, _ values: [Model.Value], _ incoming: [KerasMask?]
  ) {
    let present = incoming.compactMap { $0 }
    func combined(_ make: ([KerasMask]) -> KerasMask) -> KerasMask? {
      present.count > 1 ? make(present) : present.first
    }
    let mask: KerasMask? =
      switch rules.outcome(of: node.layer, present: incoming.map { $0 != nil }) {
      case .none: nil
      case .passed: incoming.first ?? nil
      case .own: masks.mask(Model.Value(node.name, 1))
      case .any: combined { .any($0) }
      case .all: combined { .all($0) }
      case .concatenated: .concatenated(zip(incoming, values).map { $0 ?? .every($1) })
      }
    attached[Model.Value(node.name)] = mask
    if case .bidirectional(let pair) = node.layer, pair.mergeMode == nil {
      attached[Model.Value(node.name, 1)] = mask
    }
  }

  /// Sees to it that a layer gets the mask the model means.
  mutating func arrangeMask(
    _ node: Model.Node, _ call: inout KerasCallForm, _ inputs: inout [KerasTensorForm],
    _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    guard let first = incoming.first else { return }
    let isUser =
      if case .timeDistributed(let inner) = node.layer {
        KerasMaskRules.isUsed(by: inner)
      } else {
        KerasMaskRules.isUsed(by: node.layer)
      }
    guard isUser else { return }
    let wanted = node.mask.map(masks.mask)
    let given = rules.reaches(withInitialState: !node.initialState.isEmpty) ? first : nil
    guard wanted != given else { return }
    guard let wanted, let mask = node.mask else {
      stop(node, 0, &inputs, &incoming)
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

  /// Attention is given the masks of query and value in a list: both by Keras, or both explicitly.
  mutating func arrangeAttention(
    _ node: Model.Node, _ wanted: (query: Model.Value?, value: Model.Value?),
    _ call: inout KerasCallForm, _ inputs: inout [KerasTensorForm], _ incoming: inout [KerasMask?]
  ) throws(CheckpointError) {
    let values = [wanted.query, wanted.value]
    let meant = values.map { $0.map(masks.mask) }
    let different = meant.indices.filter { meant[$0] != incoming[$0] }
    guard different.contains(where: { meant[$0] != nil }) else {
      for index in different { stop(node, index, &inputs, &incoming) }
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

  /// Puts a layer before an input that changes nothing and loses the mask: axes in their own order.
  mutating func stop(
    _ node: Model.Node, _ index: Int, _ inputs: inout [KerasTensorForm],
    _ incoming: inout [KerasMask?]
  ) {
    let rank = inputs[index].shape.count
    let axes = (1..<max(rank, 2)).map { JSONValue.integer($0) }
    let helper = KerasLayerForm(
      className: "Permute", name: names.unique("\(names[node.layerName])_unmasked"),
      options: [("dims", .array(axes))])
    inputs[index] = insert(helper, before: node, inputs[index])
    incoming[index] = nil
    findings.append(
      Diagnostic(
        .kerasMaskRestated, .note,
        "'\(helper.name)', which changes nothing, keeps a mask from '\(node.layerName)' that "
          + "\(target.reader) would hand on and the model does not mean", at: node.location))
  }

  /// Keeps masks from merging layers that can't take them as they are.
  mutating func keepFromMerge(
    _ node: Model.Node, _ inputs: inout [KerasTensorForm], _ incoming: inout [KerasMask?]
  ) {
    guard !masks.isMaskNode(node) else { return }
    switch node.layer {
    case .merge(.multiply), .merge(.maximum), .merge(.minimum):
      // Keras 3 puts out other numbers at masked timesteps (keras/src/layers/merging/base_merge.py,
      // `_apply_merge_op_and_or_mask`).
      guard rules.joinsByAny else { return }
    case .merge(.concatenate(axis: 1)):
      // Keras 2 can't join the mask of one sequence and the lack of another's.
      guard !target.isKeras3, incoming.contains(where: { $0 == nil }) else { return }
    default: return
    }
    for index in incoming.indices where incoming[index] != nil {
      stop(node, index, &inputs, &incoming)
    }
  }

  mutating func rescale(
    _ node: Model.Node, by factor: Double, _ inputs: inout [KerasTensorForm],
    _ incoming: inout [KerasMask?]
  ) {
    let helper = KerasLayerForm(
      className: "Rescaling", name: names.unique("\(names[node.layerName])_rescaled"),
      options: [("scale", .number(factor)), ("offset", 0.0)])
    inputs[0] = insert(helper, before: node, inputs[0])
    let scaling = Layer.scaling(Scaling(scale: [factor], offset: [0]))
    if rules.outcome(of: scaling, present: [incoming[0] != nil]) == .none { incoming[0] = nil }
    isRounded = true
    findings.append(
      Diagnostic(
        .kerasHardSigmoidRescaled, .warning,
        "hard_sigmoid of '\(node.layerName)' is another function in \(target.reader): its input is "
          + "multiplied by \(factor) in '\(helper.name)'", at: node.location
      ).advising(
        target.isKeras3 ? "exact: \(.format("keras2-h5")), or a PyTorch module" : "exact: .keras"))
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
