public import RecurTensors

/// A recurrent model that does not depend on the framework it came from.
///
/// The model is a graph of named nodes; most models are chains. Masks are explicit values: where a
/// framework propagates a mask by itself, the reader connects the mask here.
public struct Model: Sendable {
  /// One output of a node.
  public struct Value: Hashable, Sendable {
    /// The name of the node.
    public var node: String
    /// The index of the output, from 0.
    public var output: Int

    /// Names an output.
    public init(_ node: String, _ output: Int = 0) {
      self.node = node
      self.output = output
    }
  }

  /// One application of a layer.
  public struct Node: Sendable {
    /// The node's name, unique in the model; the layer's name unless the layer is applied several
    /// times.
    public var name: String
    /// The name of the layer; nodes with the same layer name share weights and state.
    public var layerName: String
    /// The computation.
    public var layer: Layer
    /// The inputs, in order.
    public var inputs: [Value]
    /// The mask of timesteps, `[batch, timesteps]`; true is unmasked.
    public var mask: Value?
    /// The initial states; empty for states of zeros.
    public var initialState: [Value]
    /// The element type to which the framework rounds every result.
    ///
    /// The reference rounds likewise for 16-bit types and computes in Double otherwise.
    public var precision: ElementType
    /// The place in the file that declares the node.
    public var location: Diagnostic.Location
    /// The place of the weights in a state dict; nil unless the model was read from a state dict.
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

    /// All values that the node reads: its inputs, its initial state and its mask.
    public var operands: [Value] { inputs + initialState + (mask.map { [$0] } ?? []) }
  }

  /// The model's name in the file.
  public var name: String
  /// The program that wrote the file, and its version.
  ///
  /// No decision depends on this text.
  public var producer: String
  /// Every node; a node comes after all nodes that it reads.
  public var nodes: [Node]
  /// The input nodes, in call order.
  public var inputs: [String]
  /// The outputs, in call order.
  public var outputs: [Value]
  /// Whether the nodes are connected as in the original model.
  ///
  /// A weight file without an architecture gives layers but no connections.
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

  /// One node per layer with weights, in order.
  package var weightedNodes: [Node] {
    var seen: Set<Name> = []
    return nodes.filter { $0.layer.parameterCount > 0 && seen.insert(Name($0.layerName)).inserted }
  }

  /// The inputs that every call must give.
  package var requiredInputs: [String] {
    inputs.filter { name in
      if case .input(let input) = node(name)?.layer { !input.isOptional } else { true }
    }
  }

  /// The inputs for which `count` arrays are meant: all inputs, or only the required ones.
  package func inputs(given count: Int) -> [String] {
    count == inputs.count ? inputs : requiredInputs
  }

  /// The number of consecutive calls that `count` arrays make, or nil when the count is wrong.
  ///
  /// Only a stateful model is called more than once, because its calls depend on each other.
  package func callCount(inputs count: Int) -> Int? {
    let names = inputs(given: count)
    guard !names.isEmpty, count > 0, count % names.count == 0 else { return nil }
    let calls = count / names.count
    return calls == 1 || isStateful ? calls : nil
  }

  /// Whether a call keeps a state for the next call.
  public var isStateful: Bool {
    nodes.contains(where: \.layer.isStateful)
  }
}
