public import RecurTensors

/// A recurrent model in which nothing depends on the framework it came from.
///
/// A graph of named nodes; a chain is the common case. Masks are values like any other: what a
/// framework propagates silently is wired here by its reader.
public struct Model: Sendable {
  /// One output of a node.
  public struct Value: Hashable, Sendable {
    /// The name of the node.
    public var node: String
    /// Which of its outputs, from 0.
    public var output: Int

    /// Names an output.
    public init(_ node: String, _ output: Int = 0) {
      self.node = node
      self.output = output
    }
  }

  /// One application of a layer.
  public struct Node: Sendable {
    /// Unique in the model; the layer's name unless the layer is applied several times.
    public var name: String
    /// The name of the layer; nodes that share it share weights and state.
    public var layerName: String
    /// What it computes.
    public var layer: Layer
    /// What it computes from.
    public var inputs: [Value]
    /// Which timesteps count, `[batch, timesteps]`.
    public var mask: Value?
    /// The states before the first timestep, or nothing for zeros.
    public var initialState: [Value]
    /// What the framework rounds every result to.
    ///
    /// The reference follows for 16 bits and computes in Double otherwise.
    public var precision: ElementType
    /// Where the file declares it.
    public var location: Diagnostic.Location
    /// Where a state dict keeps its weights; nil unless the model was read from one.
    public var place: StateDictPlace?

    /// Makes a node.
    public init(
      name: String, layerName: String, layer: Layer, inputs: [Value], mask: Value? = nil,
      initialState: [Value] = [], precision: ElementType = .float32,
      location: Diagnostic.Location = .init(), place: StateDictPlace? = nil
    ) {
      self.name = name
      self.layerName = layerName
      self.layer = layer
      self.inputs = inputs
      self.mask = mask
      self.initialState = initialState
      self.precision = precision
      self.location = location
      self.place = place
    }

    /// All that the node needs to be computed: its inputs, its initial state and its mask.
    public var operands: [Value] { inputs + initialState + (mask.map { [$0] } ?? []) }
  }

  /// What the file calls the model.
  public var name: String
  /// Who wrote the file, and in which version; nothing is decided by it.
  public var producer: String
  /// Every node, after everything it depends on.
  public var nodes: [Node]
  /// The input nodes, in call order.
  public var inputs: [String]
  /// The outputs, in call order.
  public var outputs: [Value]
  /// Whether the nodes are connected as in the original model.
  ///
  /// A file of weights without an architecture gives layers and not how they follow each other.
  public var isConnected = true

  /// Makes a model from its parts; ``validated()`` checks them.
  public init(name: String, producer: String, nodes: [Node], inputs: [String], outputs: [Value]) {
    self.name = name
    self.producer = producer
    self.nodes = nodes
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The node called `name`, or nil.
  public func node(_ name: String) -> Node? { nodes.first { Name($0.name) == Name(name) } }

  /// The recurrent layer called `name`, or nil.
  public func recurrent(_ name: String) -> Recurrent? {
    if case .recurrent(let layer) = nodes.first(where: { Name($0.layerName) == Name(name) })?.layer
    {
      layer
    } else {
      nil
    }
  }

  /// The LSTM called `name`, or nil.
  public func lstm(_ name: String) -> LSTM? {
    if case .lstm(let lstm) = recurrent(name)?.cell { lstm } else { nil }
  }

  /// The GRU called `name`, or nil.
  public func gru(_ name: String) -> GRU? {
    if case .gru(let gru) = recurrent(name)?.cell { gru } else { nil }
  }

  /// The nodes with weights, one per layer, in order.
  package var weightedNodes: [Node] {
    var seen: Set<Name> = []
    return nodes.filter { $0.layer.parameterCount > 0 && seen.insert(Name($0.layerName)).inserted }
  }

  /// The inputs a call must be given.
  package var requiredInputs: [String] {
    inputs.filter { name in
      if case .input(let input) = node(name)?.layer { !input.isOptional } else { true }
    }
  }

  /// The inputs that so many arrays are meant for: all of them, or only those that are required.
  package func inputs(given count: Int) -> [String] {
    count == inputs.count ? inputs : requiredInputs
  }

  /// How many calls in a row so many inputs make, or nil when they make none.
  ///
  /// Only a stateful model is called more than once: its calls depend on each other.
  package func callCount(inputs count: Int) -> Int? {
    let names = inputs(given: count)
    guard !names.isEmpty, count > 0, count % names.count == 0 else { return nil }
    let calls = count / names.count
    return calls == 1 || isStateful ? calls : nil
  }

  /// Whether a call leaves a state behind for the next one.
  public var isStateful: Bool {
    nodes.contains(where: \.layer.isStateful)
  }
}
