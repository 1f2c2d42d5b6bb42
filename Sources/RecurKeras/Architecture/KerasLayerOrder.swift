/// The order in which Keras lists the layers of a functional model after building it.
///
/// Layers are ordered by depth, and then by the time at which a walk from the outputs first meets
/// them (keras/src/ops/function.py, `map_graph`; tf_keras/src/engine/functional.py,
/// `_map_graph_network`).
///
/// Keras finds weights by this order alone, so a file must have it. Keras 3 computes masks by
/// operations in the graph, and these operations add to the depth of the layers before them.
struct KerasLayerOrder {
  /// One call of a layer, or one operation that Keras adds.
  enum Node: Hashable {
    case call(layer: String, index: Int)
    case operation(Int)
  }

  private var inputs: [Node: [Node]] = [:]
  private var operationCount = 0

  /// Adds a call with the calls that it depends on, in the order of its arguments.
  mutating func add(_ call: Node, _ dependencies: [Node]) { inputs[call] = dependencies }

  /// Adds an operation of Keras' own.
  mutating func operation(_ dependencies: Node...) -> Node { operation(dependencies) }

  /// Adds an operation of Keras' own.
  mutating func operation(_ dependencies: [Node]) -> Node {
    let node = Node.operation(operationCount)
    operationCount += 1
    inputs[node] = dependencies
    return node
  }

  /// The places of layers in Keras' order; layers on which no output depends come last.
  func positions(of layers: [String], outputs: [Node]) -> [String: Int] {
    var walk = Walk(inputs: inputs)
    for output in outputs { walk.visit(output) }
    var depths: [Node: Int] = [:]
    var layerDepths: [Node: Int] = [:]
    for node in walk.finished.reversed() {
      let owner = Walk.owner(node)
      let depth = max(depths[node] ?? 0, layerDepths[owner] ?? 0)
      depths[node] = depth
      layerDepths[owner] = depth
      for dependency in inputs[node] ?? [] {
        depths[dependency] = max(depth + 1, depths[dependency] ?? 0)
      }
    }
    let keys = layers.map { name -> (depth: Int, met: Int) in
      let owner = Walk.owner(.call(layer: name, index: 0))
      // An input that nothing uses has depth 0, and comes before all other layers of this depth.
      return (layerDepths[owner] ?? 0, walk.met[owner] ?? -1)
    }
    let order = layers.indices.sorted { one, other in
      keys[one].depth != keys[other].depth
        ? keys[one].depth > keys[other].depth : keys[one].met < keys[other].met
    }
    var positions: [String: Int] = [:]
    for (position, index) in order.enumerated() { positions[layers[index]] = position }
    return positions
  }

  /// A walk from the outputs, with a stack of its own because graphs can be deep.
  private struct Walk {
    let inputs: [Node: [Node]]
    private(set) var finished: [Node] = []
    /// The time at which the layer of a node was first met.
    private(set) var met: [Node: Int] = [:]
    private var entered: Set<Node> = []

    init(inputs: [Node: [Node]]) { self.inputs = inputs }

    /// All calls of a layer count as one call.
    static func owner(_ node: Node) -> Node {
      if case .call(let layer, _) = node { .call(layer: layer, index: 0) } else { node }
    }

    mutating func visit(_ node: Node) {
      var stack: [(node: Node, next: Int)] = []
      enter(node, &stack)
      while let top = stack.last {
        let dependencies = inputs[top.node] ?? []
        if top.next < dependencies.count {
          stack[stack.count - 1].next += 1
          enter(dependencies[top.next], &stack)
        } else {
          finished.append(top.node)
          stack.removeLast()
        }
      }
    }

    private mutating func enter(_ node: Node, _ stack: inout [(node: Node, next: Int)]) {
      guard entered.insert(node).inserted else { return }
      let owner = Self.owner(node)
      if met[owner] == nil { met[owner] = met.count }
      stack.append((node, 0))
    }
  }
}
