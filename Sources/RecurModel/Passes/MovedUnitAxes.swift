import RecurTensors

/// Axes of extent 1 that are put in or taken out move behind layers that do not need them, so that
/// equations stand on values of as few axes as they have.
enum MovedUnitAxes {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard node.mask == nil, node.isUnaware, let result = graph.outputShape(node) else {
      return joinedUnits(node, &graph)
    }
    let chains = node.inputs.map { graph.beforeUnitAxes($0) }
    guard
      let least = chains.compactMap({ graph.shapes[$0]?.count }).min(),
      let first = chains.first(where: { graph.shapes[$0]?.count == least }),
      let shape = graph.shapes[first], !shape.isEmpty, let current = graph.shapes[node.inputs[0]],
      current != shape, shape.count <= current.count,
      node.inputs.allSatisfy({ graph.shapes[$0].map(units) == units(shape) }),
      current.last == shape.last, let layer = node.layer.moved(from: current, to: shape),
      units(result).count == units(current).count
    else { return graph.keep(node) }
    var own = node
    own.layer = layer
    own.inputs = []
    for (value, given) in zip(chains, node.inputs) {
      if graph.shapes[value] == shape {
        own.inputs.append(value)
      } else if graph.shapes[given] == shape {
        own.inputs.append(given)
      } else {
        own.inputs.append(graph.reshaped(value, to: shape, like: node))
      }
    }
    guard let after = graph.outputShape(own) else { return graph.keep(node) }
    graph.change(own, followedBy: Reshaping.units(from: after, to: result))
  }

  /// Parts with an axis of extent 1 each, side by side along it, are stacked; so are parts side by side
  /// along their last axis, which is then divided into them.
  private static func joinedUnits(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    if case .reshaping(.reshape(let extents)) = node.layer, extents.count == 2,
      let joined = graph.producer(node.inputs[0]), case .merge(.concatenate(1)) = joined.layer,
      joined.inputs.count == extents[0], let width = extents[1],
      joined.inputs.allSatisfy({ graph.shapes[$0]?.dropFirst() == [.fixed(width)] })
    {
      return graph.write([.merge(.stack(axis: 1))], joined.inputs, for: node)
    }
    guard case .merge(.concatenate(let axis)) = node.layer, axis > 0,
      node.inputs.count > 1
    else { return graph.keep(node) }
    var parts: [Model.Value] = []
    for value in node.inputs {
      guard let before = graph.producer(value),
        case .reshaping(.insertAxis(axis)) = before.layer
      else { return graph.keep(node) }
      parts.append(before.inputs[0])
    }
    graph.write([.merge(.stack(axis: axis))], parts, for: node)
  }
}

/// The extents other than 1.
private func units(_ shape: [Dimension]) -> [Dimension] { shape.filter { $0 != .fixed(1) } }

extension Model.Node {
  /// Whether axes of extent 1 before the last one change nothing of what the layer computes.
  fileprivate var isUnaware: Bool {
    switch layer {
    case .binary(let layer):
      return layer.allOperands.allSatisfy { $0.constant?.shape.count ?? 0 <= 1 }
    case .slicing(let slicing): return slicing.parts.count == 1
    default: return layer.treatsPositionsAlike
    }
  }
}

extension Layer {
  /// The layer for a value with other axes of extent 1; nil when the layer names an axis that moves.
  fileprivate func moved(from current: [Dimension], to shape: [Dimension]) -> Layer? {
    guard case .slicing(var slicing) = self else { return self }
    guard slicing.parts[0].axis == current.count - 1 else { return nil }
    slicing.parts[0].axis = shape.count - 1
    return .slicing(slicing)
  }
}

extension Reshaping {
  /// Layers that put in and take out axes of extent 1.
  fileprivate static func units(from shape: [Dimension], to wanted: [Dimension]) -> [Layer] {
    guard shape != wanted else { return [] }
    for axis in wanted.indices.dropFirst() where wanted[axis] == .fixed(1) {
      if wanted.count == shape.count + 1, Array(wanted[..<axis] + wanted[(axis + 1)...]) == shape {
        return [.reshaping(.insertAxis(axis))]
      }
    }
    for axis in shape.indices where shape[axis] == .fixed(1) {
      if shape.count == wanted.count + 1, Array(shape[..<axis] + shape[(axis + 1)...]) == wanted {
        return [.selection(Selection(axis: axis, index: 0))]
      }
    }
    return [.reshaping(.reshapeAll(extents(shape, wanted)))]
  }

  private static func extents(_ shape: [Dimension], _ wanted: [Dimension]) -> [Extent] {
    var next = 0
    return wanted.map { extent in
      if let value = extent.value { return .fixed(value) }
      while next < shape.count, shape[next].value != nil { next += 1 }
      next += 1
      return .axis(next - 1)
    }
  }
}

extension RewrittenGraph {
  /// What a value is before axes of extent 1 were put in or taken out.
  func beforeUnitAxes(_ value: Model.Value) -> Model.Value {
    var source = value
    for _ in 0..<64 {
      guard let node = producer(source), node.mask == nil, node.inputs.count == 1,
        let before = shapes[node.inputs[0]], let after = shapes[source],
        units(before) == units(after)
      else { break }
      switch node.layer {
      case .reshaping(.insertAxis), .reshaping(.reshape), .reshaping(.reshapeAll),
        .reshaping(.flatten), .selection:
        source = node.inputs[0]
      // Only an axis of extent 1 can be exchanged without moving elements.
      case .reshaping(.exchangeBatchAndTime) where before.prefix(2).contains(.fixed(1)):
        source = node.inputs[0]
      default: return source
      }
    }
    return source
  }

  /// A value with other axes of extent 1.
  mutating func reshaped(
    _ value: Model.Value, to shape: [Dimension], like node: Model.Node
  ) -> Model.Value {
    var result = value
    for layer in Reshaping.units(from: shapes[value] ?? [], to: shape) {
      var own = Model.Node(
        name: unique("\(node.name).units"), layerName: "", layer: layer, inputs: [result],
        precision: node.precision, location: node.location)
      own.layerName = own.name
      keep(own)
      result = Model.Value(own.name)
    }
    return result
  }

  /// The shape of the output of a node that is not written yet.
  func outputShape(_ node: Model.Node) -> [Dimension]? {
    var inputs: [[Dimension]] = []
    for value in node.inputs {
      guard let shape = shapes[value] else { return nil }
      inputs.append(shape)
    }
    guard !inputs.isEmpty, node.layer.inputCount.contains(inputs.count) else { return nil }
    return try? node.layer.outputShapes(inputs, named: node.layerName).first
  }
}
