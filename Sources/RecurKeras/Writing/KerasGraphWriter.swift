import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// Makes layers and calls of Keras from a model's nodes: the inverse of ``KerasGraphReader``.
///
/// Where Keras hands on the right mask by itself, no mask is written. Otherwise the mask is
/// explicit, or a layer that loses masks is put in between.
struct KerasGraphWriter {
  let target: KerasTarget
  let model: Model
  let shapes: ModelShapes
  let rules: KerasMaskRules
  let masks: KerasMaskReader
  let nodes: [String: Model.Node]
  let kinds: NumberKinds
  var names: KerasLayerNames
  var form: KerasModelForm
  var positions: [Name: Int] = [:]
  var tensors: [Model.Value: KerasTensorForm] = [:]
  /// The masks that Keras attaches to values.
  var attached: [Model.Value: KerasMask] = [:]
  var findings: [Diagnostic] = []
  /// The operations that the target can't store.
  var refused: [Model.Node] = []
  var isRounded = false
  /// The inputs of text whose numbers the model takes, by the names of these inputs.
  var texts: [String: KerasTensorForm] = [:]

  init(_ model: Model, _ target: KerasTarget) {
    // Weights alone are loaded into a model with its own stacks, so stacks stay as they are.
    let model =
      target.holdsArchitecture
      ? model.withoutStacksOfOne.selectingInLayers.withMarginsBeforeConvolutions : model
    self.model = model
    self.target = target
    shapes = ModelShapes(model)
    rules = KerasMaskRules(isKeras3: target.isKeras3)
    masks = KerasMaskReader(model)
    kinds = NumberKinds(model)
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
    if let refusal { findings.append(refusal) }
    if let error = CheckpointError(findings: findings) { throw error }
    if target.holdsArchitecture { return form.inKerasOrder(target) }
    form.layers = inGraphOrder()
    return form
  }

  private mutating func writeGraph() throws(CheckpointError) {
    guard model.isConnected else {
      let isKnown = model.weightedNodes.contains { node in
        if case .opaque = node.layer { false } else { true }
      }
      throw CheckpointError(
        .modelUnrepresentable,
        "how the layers of '\(model.name)' follow each other is not in the file, so no model can be "
          + "written",
        remedies: isKnown || model.weightedNodes.isEmpty ? [] : [.exportTensors]
      ).advising(
        model.weightedNodes.isEmpty
          ? "none of its arrays holds numbers: save them again in a type that such a file can hold, "
            + "float32"
          : !isKnown
            ? .namesToDeclare
            : "give the model with \(.architecture) ('\(.declaration)' begins one for PyTorch modules), or "
              + "write weights alone: .weights.h5, .pt")
    }
    checkInputs()
    let needed = reachable()
    for node in model.nodes where needed.contains(node.name) && !masks.isMaskNode(node) {
      try write(node)
    }
    for name in model.inputs {
      if let input = texts[name] ?? tensor(Model.Value(name)) { form.inputs.append(input) }
    }
    for value in model.outputs {
      if let output = try emitted(value, for: nodes[value.node]) { form.outputs.append(output) }
    }
  }

  /// The layers without calls, in the model's order.
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

  /// The layers in the order of the model into which they are loaded, if the graph can be built.
  private func inGraphOrder() -> [KerasPlacedLayer] {
    guard model.isConnected else { return form.layers }
    var graph = KerasGraphWriter(model, .archive)
    guard let ordered = try? graph.written() else { return form.layers }
    let positions = Dictionary(
      ordered.layers.enumerated().map { (Name($1.form.name), $0) },
      uniquingKeysWith: { one, _ in one })
    let end = ordered.layers.count
    return form.layers.enumerated().sorted { one, other in
      let (first, second) = (
        positions[Name(one.element.form.name)] ?? end,
        positions[Name(other.element.form.name)] ?? end
      )
      return first != second ? first < second : one.offset < other.offset
    }.map(\.element)
  }

  /// The nodes on which outputs depend, and all inputs.
  private func reachable() -> Set<String> {
    var found = Set(model.inputs)
    var waiting = model.outputs.map(\.node)
    while let name = waiting.popLast() {
      guard found.insert(name).inserted, let node = nodes[name] else { continue }
      waiting += node.operands.map(\.node)
    }
    return found
  }

  private mutating func noteNames() {
    // A mask node is no layer if Keras hands on the mask, or if lengths give it.
    let written = Set(form.layers.map { Name($0.form.name) })
    let renamed = names.renamed.filter { written.contains(Name($0.to)) }
    guard !renamed.isEmpty else { return }
    findings.append(
      Diagnostic(
        .kerasLayerRenamed, .note,
        "\(renamed.count) layers have other names in the file: Keras has no '/' in names, needs "
          + "some for masks, and models inside models are written as one flat model",
        notes: renamed.map { "'\($0.from)' → '\($0.to)'" }))
  }

  // MARK: nodes

  /// The position of a node's layer in the file; the form is made at the first call.
  private mutating func place(
    _ node: Model.Node, inputShapes: [[Dimension]]
  ) throws(CheckpointError) -> (position: Int, form: KerasLayerForm, inputScale: Double)? {
    let isMask = masks.isMaskNode(node)
    var writer = KerasLayerWriter(target, node, inputShapes: inputShapes, isMask: isMask)
    writer.takesBooleans =
      node.inputs.count == 2 && node.inputs.allSatisfy { kinds[$0] == .boolean }
    writer.takesIntegers = node.inputs.first.map { kinds[$0] == .integer } ?? false
    var made = try writer.form(named: names[node.layerName])
    // An operation must not have a name that Keras gives to an operation of its own.
    if let form = made, form.isOperation, names.isOfMask(form.name) {
      made?.name = names.unique("\(form.name)_mask")
    }
    // Later calls of a layer are checked too; only new findings are added.
    for finding in writer.findings where !findings.contains(finding) { findings.append(finding) }
    if writer.isRefusedOperation, !refused.contains(where: { $0.name == node.name }) {
      refused.append(node)
    }
    isRounded = isRounded || writer.isRounded
    guard let made else { return nil }
    if let position = positions[Name(node.layerName)] {
      return (position, made, writer.inputScale)
    }
    form.layers.append(KerasPlacedLayer(form: made))
    positions[Name(node.layerName)] = form.layers.count - 1
    return (form.layers.count - 1, made, writer.inputScale)
  }

  private mutating func write(_ node: Model.Node) throws(CheckpointError) {
    if try writeOperations(node, for: node) { return }
    var call = KerasCallForm()
    var values = node.inputs
    let listed = (node.layer.keras as? any KerasMaskListing)?.takeMasks(&values)
    let inputShapes = node.inputs.map { shapes[$0] ?? [] }
    guard let (position, made, inputScale) = try place(node, inputShapes: inputShapes) else {
      return
    }
    var incoming = values.map { attached[$0] }
    var inputs: [KerasTensorForm] = []
    for value in values { if let tensor = try emitted(value, for: node) { inputs.append(tensor) } }
    guard inputs.count == values.count else { return }
    for state in node.initialState {
      if let tensor = try emitted(state, for: node) { call.initialState.append(tensor) }
    }
    if let listed {
      try arrangeMasks(node, listed, &call, &inputs, &incoming)
    } else {
      try arrangeMask(node, &call, &inputs, &incoming)
    }
    try keepFromHarm(node, &inputs, &incoming)
    if inputScale != 1 { try rescale(node, by: inputScale, &inputs, &incoming) }
    call.inputs = inputs
    call.isList = made.takesList
    call.operand = made.operand
    call.arguments = made.arguments
    call.stateCounts = made.stateCounts
    call.isCausal = made.isCausal
    call.carried = made.carried
    call.maskNames = made.maskNames
    form.layers[position].calls.append(call)
    let index = form.layers[position].calls.count - 1
    let known = outputShapes(of: node, inputs)
    for output in 0..<max(known.count, node.layer.outputCount) {
      let shape = known.indices.contains(output) ? known[output] : nil
      tensors[Model.Value(node.name, output)] = KerasTensorForm(
        layer: form.layers[position].form.name, call: index,
        output: output + made.firstOutput,
        shape: shape ?? [nil, nil, nil], dtype: dtype(of: node, made), isShapeKnown: shape != nil)
    }
    // A mask is not an output of a layer in Keras.
    if node.layer.maskComparison != nil { tensors[Model.Value(node.name, 1)] = nil }
    attach(node, made.layer ?? node.layer, values, incoming)
    try writeText(node)
  }

  private func outputShapes(
    of node: Model.Node, _ inputs: [KerasTensorForm]
  ) -> [[Int?]] {
    // Added operations are not in the model.
    if nodes[node.name] == nil, let shape = inputs.first?.shape {
      if case .anyTrue = node.layer { return [shape.dropLast()] }
      return [shape]
    }
    return shapes[node.name].map { $0.map(\.value) }
  }

  private func dtype(of node: Model.Node, _ form: KerasLayerForm) -> String {
    switch node.layer.traits.outputType {
    case .declared(let type): return type.rawValue
    case .boolean: return "bool"
    case .ofInput, .floatingPoint, .joined, .arithmetic: break
    }
    if masks.isMaskNode(node) { return "bool" }
    let ofInput = node.inputs.first.flatMap { tensors[$0]?.dtype }
    let known = form.isOperation ? Layer.kerasOperations : Layer.kerasClasses
    let follows = known[form.className]?.followsInput == true
    return follows ? ofInput ?? node.precision.rawValue : node.precision.rawValue
  }

  // MARK: values

  private func tensor(_ value: Model.Value) -> KerasTensorForm? { tensors[value] }

  /// The tensor of a value; a mask, which is not a tensor in Keras, is computed by operations.
  mutating func emitted(
    _ value: Model.Value, for user: Model.Node?
  ) throws(CheckpointError) -> KerasTensorForm? {
    if let tensor = tensors[value] { return tensor }
    guard let node = nodes[value.node] else { return nil }
    if try writeOperations(node, for: user ?? node) { return tensors[value] }
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
    // A converted mask is the same mask.
    let tensor = steps.isEmpty ? try emitted(made, for: user) : tensors[made]
    tensors[value] = tensor
    return tensor
  }

  /// The operations that compute a mask, as nodes; nil for a value that is not a mask.
  private mutating func operations(
    for node: Model.Node, _ value: Model.Value
  ) -> [Model.Node]? {
    if value.output == 1, let comparison = node.layer.maskComparison {
      return operations(node, comparison)
    }
    guard let kind = node.layer.maskComputing, masks.isMaskNode(node) else { return nil }
    return switch kind.maskWriting {
    case .nothing: []
    case .inPairs: inPairs(node)
    case .operation: [node]
    }
  }

  /// Operations of two masks each, for a node that joins several masks.
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
    _ node: Model.Node, _ comparison: KerasMaskComparison
  ) -> [Model.Node] {
    let base = names[node.layerName]
    let compared = names.unique("\(base)_not_equal")
    let first = Model.Node(
      name: compared, layerName: compared, layer: .notEqual(NotEqual(value: comparison.number)),
      inputs: node.inputs, precision: node.precision, location: node.location)
    guard comparison.inAnyFeature else { return [first] }
    let reduced = names.unique("\(base)_any")
    return [
      first,
      Model.Node(
        name: reduced, layerName: reduced, layer: .anyTrue(AnyTrue(axis: -1, keepsAxis: false)),
        inputs: [Model.Value(compared)], precision: node.precision, location: node.location),
    ]
  }
}

extension Diagnostic.Code {
  static let kerasLayerRenamed = Self(rawValue: "keras.layer.renamed")
  static let kerasMaskRestated = Self(rawValue: "keras.mask.restated")
}

extension Model {
  /// The same model with every stack of one cell replaced by its cell: Keras 3 can't run such a
  /// stack under a mask (keras/src/backend/tensorflow/rnn.py: "don't have the same nested
  /// structure").
  fileprivate var withoutStacksOfOne: Model {
    func plain(_ recurrent: Recurrent) -> Recurrent {
      guard case .stacked(let stack) = recurrent.cell, stack.cells.count == 1 else {
        return recurrent
      }
      var copy = recurrent
      copy.cell = stack.cells[0]
      return plain(copy)
    }
    var copy = self
    for index in copy.nodes.indices {
      copy.nodes[index].layer = copy.nodes[index].layer.mappingRecurrents(plain)
    }
    return copy
  }
}
