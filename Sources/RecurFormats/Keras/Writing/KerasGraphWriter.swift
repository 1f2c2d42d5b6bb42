import RecurContainers
import RecurModel
import RecurTensors

/// Turns a model's nodes into Keras' layers and calls: the inverse of ``KerasGraphReader``.
///
/// Masks that Keras hands on by itself are left to it; where the model means another one, it is
/// given explicitly, or a layer that loses masks stands in between.
struct KerasGraphWriter {
  private let target: KerasTarget
  private let model: Model
  private let shapes: ModelShapes
  private let rules: KerasMaskRules
  private let masks: KerasMaskReader
  private let nodes: [String: Model.Node]
  private var names: KerasLayerNames
  private var form: KerasModelForm
  private var positions: [Name: Int] = [:]
  private var tensors: [Model.Value: KerasTensorForm] = [:]
  /// The mask that Keras attaches to a value.
  private var attached: [Model.Value: KerasMask] = [:]
  private(set) var findings: [Diagnostic] = []
  private(set) var isRounded = false

  init(_ model: Model, _ target: KerasTarget) {
    // Weights alone go into a model that keeps its stacks.
    let model = target.holdsArchitecture ? model.withoutStacksOfOne : model
    self.model = model
    self.target = target
    shapes = ModelShapes(model)
    rules = KerasMaskRules(isKeras3: target.isKeras3)
    masks = KerasMaskReader(model)
    nodes = Dictionary(model.nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    names = KerasLayerNames(model, target)
    form = KerasModelForm(name: names.sanitized(model.name))
  }

  /// The whole model.
  ///
  /// - Throws: `model.unrepresentable`: everything the target can't hold.
  mutating func written() throws(CheckpointError) -> KerasModelForm {
    if target.holdsArchitecture { try writeGraph() } else { try writeLayers() }
    noteNames()
    if let error = CheckpointError(findings: findings) { throw error }
    return target.holdsArchitecture ? form.inKerasOrder(target) : form
  }

  private mutating func writeGraph() throws(CheckpointError) {
    guard model.isConnected else {
      throw CheckpointError(
        .modelUnrepresentable,
        "how the layers of '\(model.name)' follow each other is not in the file, so no model can be "
          + "written",
        hint: "give the model with --architecture, or write weights alone: .weights.h5, .pt")
    }
    let needed = reachable()
    for node in model.nodes where needed.contains(node.name) && !masks.isMaskNode(node) {
      try write(node)
    }
    for name in model.inputs {
      if let input = tensor(Model.Value(name)) { form.inputs.append(input) }
    }
    for value in model.outputs {
      if let output = try emitted(value, for: nodes[value.node]) { form.outputs.append(output) }
    }
  }

  /// The layers alone, in the model's order.
  private mutating func writeLayers() throws(CheckpointError) {
    for node in model.nodes where positions[Name(node.layerName)] == nil && !masks.isMaskNode(node)
    {
      guard !node.layerName.contains("/") else {
        findings.append(
          node.unrepresentable(
            "'\(node.layerName)' is part of a model inside the model; native weights are found by "
              + "their place in the original models, which are one flat model here",
            hint: "write .keras, which has an architecture of its own"))
        continue
      }
      let placed = try place(node, inputShapes: node.inputs.map { shapes[$0] ?? [] })
      if let placed, placed.inputScale != 1 {
        findings.append(
          node.unrepresentable(
            "'\(node.layerName)' applies hard_sigmoid, which is another function in Keras 3; no weight "
              + "makes up for it", hint: "write .keras, which puts a Rescaling layer before it"))
      }
    }
  }

  /// The nodes that outputs depend on, and all inputs.
  private func reachable() -> Set<String> {
    var found = Set(model.inputs)
    var waiting = model.outputs.map(\.node)
    while let name = waiting.popLast() {
      guard found.insert(name).inserted, let node = nodes[name] else { continue }
      waiting += (node.inputs + node.initialState + [node.mask].compactMap { $0 }).map(\.node)
    }
    return found
  }

  private mutating func noteNames() {
    guard !names.renamed.isEmpty else { return }
    findings.append(
      Diagnostic(
        .kerasLayerRenamed, .note,
        "\(names.renamed.count) layers have other names in the file: Keras has no '/' in names, and "
          + "models inside models are written as one flat model",
        notes: names.renamed.map { "'\($0.from)' → '\($0.to)'" }))
  }

  // MARK: nodes

  /// The position of a node's layer, whose form is made once.
  private mutating func place(
    _ node: Model.Node, inputShapes: [[Dimension]]
  ) throws(CheckpointError) -> (position: Int, inputScale: Double)? {
    let isMask = masks.isMaskNode(node)
    var writer = KerasLayerWriter(target, node, inputShapes: inputShapes, isMask: isMask)
    let made = try writer.form(named: names[node.layerName])
    // Later calls are checked as well, and say only what is new.
    findings += writer.findings.filter { !findings.contains($0) }
    isRounded = isRounded || writer.isRounded
    guard let made else { return nil }
    if let position = positions[Name(node.layerName)] { return (position, writer.inputScale) }
    let isOperation =
      switch node.layer {
      case .notEqual, .anyTrue: true
      case .reshaping(.insertAxis): target.holdsOperations
      case .merge(.maximum), .merge(.minimum): isMask
      default: false
      }
    form.layers.append(KerasPlacedLayer(form: made, isOperation: isOperation))
    positions[Name(node.layerName)] = form.layers.count - 1
    return (form.layers.count - 1, writer.inputScale)
  }

  private mutating func write(_ node: Model.Node) throws(CheckpointError) {
    var node = node
    var call = KerasCallForm()
    var values = node.inputs
    let queryMasks = node.splitAttention(&values)
    let inputShapes = node.inputs.map { shapes[$0] ?? [] }
    guard let (position, inputScale) = try place(node, inputShapes: inputShapes) else { return }
    var incoming = values.map { attached[$0] }
    var inputs: [KerasTensorForm] = []
    for value in values { if let tensor = try emitted(value, for: node) { inputs.append(tensor) } }
    guard inputs.count == values.count else { return }
    for state in node.initialState {
      if let tensor = try emitted(state, for: node) { call.initialState.append(tensor) }
    }
    if case .attention(let attention) = node.layer {
      call.isCausal = attention.isCausal
      try arrangeAttention(node, queryMasks, &call, &inputs, &incoming)
    } else {
      try arrangeMask(node, &call, &inputs, &incoming)
    }
    keepFromMerge(node, &inputs, &incoming)
    if inputScale != 1 { rescale(node, by: inputScale, &inputs, &incoming) }
    call.inputs = inputs
    switch node.layer {
    case .merge(.maximum), .merge(.minimum): call.isList = !masks.isMaskNode(node)
    case .merge, .attention: call.isList = true
    case .notEqual(let value): call.operand = value
    case .recurrent(let recurrent):
      if case .stacked(let cells) = recurrent.cell {
        call.stateCounts = cells.map(\.stateSizes.count)
      }
    case .identity: node.layer = .identity(className: form.layers[position].form.className)
    default: break
    }
    form.layers[position].calls.append(call)
    let index = form.layers[position].calls.count - 1
    for (output, shape) in outputShapes(of: node, inputs).enumerated() {
      tensors[Model.Value(node.name, output)] = KerasTensorForm(
        layer: form.layers[position].form.name, call: index, output: output, shape: shape,
        dtype: dtype(of: node))
    }
    // Masks are no outputs in Keras.
    if node.layer.outputCount > 1 {
      switch node.layer {
      case .masking, .embedding: tensors[Model.Value(node.name, 1)] = nil
      default: break
      }
    }
    attach(node, values, incoming)
  }

  private func outputShapes(
    of node: Model.Node, _ inputs: [KerasTensorForm]
  ) -> [[Int?]] {
    // Operations that were added are not in the model.
    if nodes[node.name] == nil, let shape = inputs.first?.shape {
      if case .anyTrue = node.layer { return [shape.dropLast()] }
      return [shape]
    }
    return shapes[node.name].map { $0.map(\.value) }
  }

  private func dtype(of node: Model.Node) -> String {
    switch node.layer {
    case .input(let input): input.elementType.rawValue
    case .notEqual, .anyTrue: "bool"
    default: masks.isMaskNode(node) ? "bool" : node.precision.rawValue
    }
  }

  // MARK: masks

  /// Notes the masks that Keras attaches to a node's outputs.
  private mutating func attach(
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
  private mutating func arrangeMask(
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

  private func explicitMask(_ node: Model.Node) -> Diagnostic {
    node.unrepresentable(
      "'\(node.layerName)' is given a mask that \(target.reader) does not hand on by itself, and "
        + "an explicit one can't be stored in this format",
      hint: "write .keras, which can hold it, or a PyTorch module")
  }

  private func restatedMask(_ node: Model.Node) -> Diagnostic {
    Diagnostic(
      .kerasMaskRestated, .note,
      "'\(node.layerName)' is given its mask explicitly, because Keras 3 would not hand on this one",
      at: node.location)
  }

  /// Attention is given the masks of query and value in a list: both by Keras, or both explicitly.
  private mutating func arrangeAttention(
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
  private mutating func stop(
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
  private mutating func keepFromMerge(
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

  private mutating func rescale(
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
          + "multiplied by \(factor) in '\(helper.name)'", at: node.location,
        hint: target.isKeras3 ? "exact: --to keras2-h5, or a PyTorch module" : "exact: .keras"))
  }

  private mutating func insert(
    _ helper: KerasLayerForm, before node: Model.Node, _ input: KerasTensorForm
  ) -> KerasTensorForm {
    var helper = helper
    helper.policy = KerasPolicy(compute: node.precision, variable: node.precision)
    form.layers.append(
      KerasPlacedLayer(form: helper, calls: [KerasCallForm(inputs: [input])]))
    return KerasTensorForm(
      layer: helper.name, call: 0, output: 0, shape: input.shape, dtype: node.precision.rawValue)
  }

  // MARK: values

  private func tensor(_ value: Model.Value) -> KerasTensorForm? { tensors[value] }

  /// The tensor of a value; masks, which are no tensors in Keras, are computed by operations.
  private mutating func emitted(
    _ value: Model.Value, for user: Model.Node?
  ) throws(CheckpointError) -> KerasTensorForm? {
    if let tensor = tensors[value] { return tensor }
    guard let node = nodes[value.node] else { return nil }
    guard let steps = operations(for: node, value) else { return nil }
    guard target.holdsOperations else {
      let user = user ?? node
      findings.append(
        user.unrepresentable(
          "'\(user.layerName)' uses the mask '\(node.name)' itself, which this format can't compute",
          hint: "write .keras, which can hold NotEqual and Any"))
      return nil
    }
    for step in steps { try write(step) }
    let made = steps.last.map { Model.Value($0.name) } ?? node.inputs.first
    guard let made else { return nil }
    // A conversion of a mask is the mask itself.
    let tensor = steps.isEmpty ? try emitted(made, for: user) : tensors[made]
    tensors[value] = tensor
    return tensor
  }

  /// The operations that compute a mask, as nodes; nil for what is no mask.
  private mutating func operations(
    for node: Model.Node, _ value: Model.Value
  ) -> [Model.Node]? {
    switch node.layer {
    case .masking(let number) where value.output == 1:
      return operations(node, number, reduces: true)
    case .embedding where value.output == 1: return operations(node, 0, reduces: false)
    case .identity where masks.isMaskNode(node): return []
    case .merge(.maximum) where masks.isMaskNode(node),
      .merge(.minimum) where masks.isMaskNode(node):
      return inPairs(node)
    default: return masks.isMaskNode(node) ? [node] : nil
    }
  }

  /// An operation of two masks after the other, for a node that joins several.
  private mutating func inPairs(_ node: Model.Node) -> [Model.Node] {
    guard var joined = node.inputs.first else { return [] }
    var steps: [Model.Node] = []
    for (index, input) in node.inputs.dropFirst().enumerated() {
      var step = node
      step.inputs = [joined, input]
      if index < node.inputs.count - 2 {
        step.name = names.unique("\(names[node.layerName])_part")
        step.layerName = step.name
      }
      steps.append(step)
      joined = Model.Value(step.name)
    }
    return steps
  }

  private mutating func operations(
    _ node: Model.Node, _ number: Double, reduces: Bool
  ) -> [Model.Node] {
    let base = names[node.layerName]
    let compared = names.unique("\(base)_not_equal")
    let first = Model.Node(
      name: compared, layerName: compared, layer: .notEqual(value: number), inputs: node.inputs,
      precision: node.precision, location: node.location)
    guard reduces else { return [first] }
    let reduced = names.unique("\(base)_any")
    return [
      first,
      Model.Node(
        name: reduced, layerName: reduced, layer: .anyTrue(axis: -1, keepsAxis: false),
        inputs: [Model.Value(compared)], precision: node.precision, location: node.location),
    ]
  }
}

extension Model.Node {
  /// Takes the masks of an attention layer off its inputs.
  fileprivate func splitAttention(
    _ values: inout [Model.Value]
  ) -> (query: Model.Value?, value: Model.Value?) {
    guard case .attention(let attention) = layer else { return (nil, nil) }
    let value = attention.hasValueMask ? values.popLast() : nil
    let query = attention.hasQueryMask ? values.popLast() : nil
    return (query, value)
  }
}

extension Diagnostic.Code {
  static let kerasLayerRenamed = Self(rawValue: "keras.layer.renamed")
  static let kerasMaskRestated = Self(rawValue: "keras.mask.restated")
}

extension Model {
  /// The same model with the one cell of a stack in its place: Keras 3 can't run such a stack under a
  /// mask (keras/src/backend/tensorflow/rnn.py: "don't have the same nested structure").
  fileprivate var withoutStacksOfOne: Model {
    func plain(_ recurrent: Recurrent) -> Recurrent {
      guard case .stacked(let cells) = recurrent.cell, cells.count == 1 else { return recurrent }
      var copy = recurrent
      copy.cell = cells[0]
      return plain(copy)
    }
    var copy = self
    for index in copy.nodes.indices {
      switch copy.nodes[index].layer {
      case .recurrent(let recurrent): copy.nodes[index].layer = .recurrent(plain(recurrent))
      case .bidirectional(var pair):
        pair.forward = plain(pair.forward)
        pair.backward = plain(pair.backward)
        copy.nodes[index].layer = .bidirectional(pair)
      default: break
      }
    }
    return copy
  }
}
