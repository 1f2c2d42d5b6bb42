public import RecurTensors

/// Makes a model from the operators of a graph, one after the other.
///
/// A reader maps its operators onto the functions of the builder and its values onto ``GraphValue``.
/// What can be computed from known numbers and known extents is computed at once; every other
/// function adds nodes.
package struct GraphBuilder: Sendable {
  /// The nodes so far, in the order in which they are computed.
  package private(set) var nodes: [Model.Node] = []
  /// The inputs of the model, in call order.
  package private(set) var inputs: [String] = []
  /// The name for the next nodes, such as the name of a module.
  package var name = "node"
  /// The operator that is being read.
  package var location = Diagnostic.Location()
  /// Bounds of what a graph may make.
  package let limits: GraphLimits
  /// What all names of nodes begin with; with it, values of other graphs are refused.
  package let prefix: String
  private var shapes = ModelShapes()
  private var types: [Model.Value: ElementType] = [:]
  /// The names that are taken, with the number for the next node of that name.
  private var names: [String: Int] = [:]
  private var knownElements = 0
  private var parameters: [TensorIdentity: String] = [:]
  /// The layers that have a place in a state dict, and their weights.
  private var layers: [StateDictPlace: (name: String, weights: [TensorIdentity])] = [:]
  /// The values that spread a known number over free extents, by these extents.
  private var anchors: [[Dimension]: Model.Value] = [:]
  /// How values were made by moving elements.
  var origins: [Model.Value: ValueOrigin] = [:]

  /// A builder of an empty graph.
  package init(limits: GraphLimits = .init(), prefix: String = "") {
    self.limits = limits
    self.prefix = prefix
  }

  /// Names a weight of the file; the first name of a weight counts.
  package mutating func register(_ tensor: Tensor, as name: String) {
    let key = TensorIdentity(tensor)
    if parameters[key] == nil { parameters[key] = name }
  }

  /// The name of a weight as the file has it; nil for an array that was made of others.
  package func name(of tensor: Tensor) -> String? { parameters[TensorIdentity(tensor)] }

  // MARK: nodes

  /// Adds an input of the model.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - shape: its extents; those of equal free extents are equal in every call.
  ///   - type: its element type.
  ///   - batch: the free extent that is the batch; nil when no extent is.
  ///   - batchAxis: the axis of the batch, where no free extent says it.
  /// - Returns: the value of the input.
  /// - Throws: `bytes.limit-exceeded`.
  package mutating func input(
    _ name: String, shape: [Dimension], type: ElementType, batch: Dimension? = nil,
    batchAxis: Int = 0
  ) throws(CheckpointError) -> GraphValue {
    let axis = batch.flatMap { shape.firstIndex(of: $0) }
    let input = Input(
      shape: shape.map(\.value), elementType: type, batchAxis: axis ?? batchAxis,
      acceptsOtherTypes: false,
      extentNames: shape.map { $0.value == nil ? $0.description : nil })
    let own = unique(name)
    try append(
      Model.Node(
        name: own, layerName: own, layer: .input(input), inputs: [],
        precision: type.isArithmetic ? type : .float32, location: location))
    inputs.append(own)
    return .computed(Model.Value(own))
  }

  /// Adds a node.
  ///
  /// - Parameters:
  ///   - layer: the computation.
  ///   - inputs: the inputs.
  ///   - name: the node's name; nil for that of its place, or the current ``name``.
  ///   - initialState: the initial states.
  ///   - mask: the mask of timesteps.
  ///   - place: the place of the weights in a state dict.
  ///   - precision: the type to which results are rounded; nil for that of the inputs.
  /// - Returns: the outputs.
  /// - Throws: `model.shape-mismatch`, `bytes.limit-exceeded`.
  package mutating func add(
    _ layer: Layer, _ inputs: [Model.Value], name: String? = nil, initialState: [Model.Value] = [],
    mask: Model.Value? = nil, place: StateDictPlace? = nil, precision: ElementType? = nil
  ) throws(CheckpointError) -> [Model.Value] {
    let key = place.flatMap { $0.key.isEmpty || $0.layer != nil ? nil : $0.key }
    let own = unique(name ?? key ?? self.name)
    let type = precision ?? inputs.compactMap { types[$0] }.first { $0.isArithmetic } ?? .float32
    try append(
      Model.Node(
        name: own, layerName: layerName(own, layer, place), layer: layer, inputs: inputs,
        mask: mask,
        initialState: initialState, precision: type, location: location, place: place))
    return (0..<layer.outputCount).map { Model.Value(own, $0) }
  }

  /// The name of the layer: of one with the same weights at the same place, if there is one.
  private mutating func layerName(_ name: String, _ layer: Layer, _ place: StateDictPlace?)
    -> String
  {
    guard let place else { return name }
    let weights = layer.tensors.map { TensorIdentity($0.tensor) }
    if let known = layers[place], known.weights == weights { return known.name }
    layers[place] = (name, weights)
    return name
  }

  /// Adds a node of one output.
  ///
  /// - Throws: see ``add(_:_:name:initialState:mask:place:precision:)``.
  package mutating func apply(
    _ layer: Layer, _ inputs: Model.Value..., name: String? = nil, place: StateDictPlace? = nil
  ) throws(CheckpointError) -> GraphValue {
    .computed(try add(layer, inputs, name: name, place: place)[0])
  }

  private mutating func append(_ node: Model.Node) throws(CheckpointError) {
    guard nodes.count < limits.nodes else {
      throw CheckpointError(
        .limitExceeded, "the graph has more than \(limits.nodes) nodes", at: location)
    }
    guard prefix.isEmpty || node.operands.allSatisfy({ shapes[$0] != nil }) else {
      throw problem("a value of the graph around a loop is used in a timestep")
    }
    let before = shapes.findings.count
    shapes.add(node)
    if shapes.findings.count > before {
      throw CheckpointError(shapes.findings[before])
    }
    guard shapes[node.name].allSatisfy({ $0.count <= GraphLimits.axes }) else {
      throw problem("an array of more than \(GraphLimits.axes) axes", code: .limitExceeded)
    }
    nodes.append(node)
    for output in 0..<node.layer.outputCount {
      types[Model.Value(node.name, output)] = type(of: node, output: output)
    }
  }

  private mutating func unique(_ given: String) -> String {
    let name = given.hasPrefix(prefix) ? given : prefix + given
    var (result, count) = (name, names[name] ?? 0)
    while names[result] != nil {
      count += 1
      result = "\(name)_\(count)"
    }
    names[name] = count
    names[result] = names[result] ?? 0
    return result
  }

  private func type(of node: Model.Node, output: Int) -> ElementType {
    var inputs = node.inputs.compactMap { types[$0] }
    // A condition is no value that is chosen.
    if case .conditional = node.layer { inputs.removeFirst() }
    let floating = inputs.first { $0.isFloatingPoint }
    guard output == 0 else { return node.precision }
    switch node.layer.traits.outputType {
    case .declared(let type): return type
    case .ofInput: return inputs.first ?? node.precision
    case .floatingPoint: return node.precision
    case .joined, .arithmetic:
      return floating ?? (inputs.contains(.int64) ? .int64 : inputs.first ?? .int64)
    case .boolean: return .bool
    }
  }

  // MARK: questions

  /// The extents of an array; nil for other values.
  package func shape(_ value: GraphValue) -> [Dimension]? {
    switch value {
    case .computed(let value): shapes[value]
    case .known(let known): known.shape
    case .size, .number, .flag: []
    case .range(let extent): [extent]
    case .text, .type, .list, .nothing: nil
    }
  }

  /// The element type of an array or a number; nil for other values.
  package func type(_ value: GraphValue) -> ElementType? {
    switch value {
    case .computed(let value): types[value]
    case .known(let known): known.type
    case .size, .range: .int64
    case .number: .float32
    case .flag: .bool
    case .text, .type, .list, .nothing: nil
    }
  }

  /// An error at the operator that is being read.
  package func problem(
    _ message: String, code: Diagnostic.Code = .graphUnsupported, expected: String? = nil,
    found: String? = nil, hint: String? = nil
  ) -> CheckpointError {
    CheckpointError(code, message, at: location, expected: expected, found: found, hint: hint)
  }

  /// Counts the elements of an array that is computed from known numbers.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  package mutating func count(known elements: Int?) throws(CheckpointError) {
    let (sum, overflow) = knownElements.addingReportingOverflow(elements ?? .max)
    guard let elements, !overflow, elements <= limits.knownElements,
      sum <= limits.allKnownElements
    else {
      throw problem(
        "arrays computed from weights would have more than \(limits.knownElements) elements",
        code: .limitExceeded)
    }
    knownElements = sum
  }

  // MARK: known arrays as values of the model

  /// The value as an output of a node.
  ///
  /// A known array becomes a node that puts it out in every call.
  ///
  /// - Throws: `graph.unsupported` for values that are no arrays, and for free extents that no value
  ///   of the model has.
  package mutating func computed(_ value: GraphValue) throws(CheckpointError) -> Model.Value {
    switch value {
    case .computed(let value): return value
    case .known(let known): return try spread(known)
    case .size(.fixed(let number)):
      return try spread(KnownArray(repeating: Double(number), .int64, shape: []))
    case .number(let number): return try spread(KnownArray(repeating: number, .float32, shape: []))
    case .size(let extent): return try counted(extent)
    case .range(let extent): return try numbers(below: extent)
    case .list(let values) where !values.isEmpty && values.allSatisfy { $0.dimension != nil }:
      return try counted(values.compactMap(\.dimension))
    case .flag, .text, .type, .list, .nothing:
      throw problem("\(value.title) is used as an array")
    }
  }

  private mutating func spread(_ known: KnownArray) throws(CheckpointError) -> Model.Value {
    try count(known: known.storedCount)
    let stored = try known.stored()
    let condition = try anchor(stored.shape)
    let value = try add(
      .conditional(Where(stored.operand, stored.operand)), [condition],
      name: known.name ?? name, precision: known.type.isArithmetic ? known.type : nil)[0]
    types[value] = known.type
    return value
  }

  /// A Boolean value that has the free extents of `shape`, and 1 where `shape` is known.
  mutating func anchor(_ shape: [Dimension]) throws(CheckpointError) -> Model.Value {
    let pattern = shape.map { $0.value == nil ? $0 : .fixed(1) }
    if let known = anchors[pattern] { return known }
    let free = pattern.filter { $0.value == nil }
    let source = nodes.lazy.map { Model.Value($0.name) }.first { value in
      guard let own = self.shapes[value], !own.isEmpty else { return false }
      return free.allSatisfy { own.contains($0) }
        && own.filter { $0.value == nil }.count >= free.count
        && !own.contains(.fixed(0))
    }
    guard let source, let own = shapes[source], Set(free).count == free.count,
      free == own.filter({ free.contains($0) })
    else {
      guard let value = try joinedAnchors(pattern) else {
        throw problem("no value of the graph has the extents \(text(shape)) that a constant needs")
      }
      anchors[pattern] = value
      return value
    }
    var value = source
    var axes = Array(own.indices)
    for axis in own.indices.reversed() where !free.contains(own[axis]) && axes.count > 1 {
      value = try add(.selection(Selection(axis: axis, index: 0)), [value])[0]
      axes.remove(at: axis)
    }
    if free.isEmpty {
      value = try add(.slicing(Slicing(parts: [.init(axis: 0, stop: 1)])), [value])[0]
    }
    let one = Binary(.greaterOrEqual, .input, .number(0, isWhole: true))
    value = try add(.binary(one), [value])[0]
    var next = 0
    let extents = pattern.map { extent -> Reshaping.Extent in
      guard extent.value == nil else { return .fixed(1) }
      next += 1
      return .axis(next - 1)
    }
    value = try add(.reshaping(.reshapeAll(extents)), [value])[0]
    anchors[pattern] = value
    return value
  }

  // MARK: the model

  /// The model with these outputs, not in canonical form yet.
  package func model(
    named name: String, producer: String, outputs: [Model.Value]
  ) -> Model {
    Model(name: name, producer: producer, nodes: nodes, inputs: inputs, outputs: outputs)
  }
}

extension Diagnostic.Code {
  /// An operator, an argument or a shape that readers of graphs do not know.
  public static let graphUnsupported = Self(rawValue: "graph.unsupported")
}
