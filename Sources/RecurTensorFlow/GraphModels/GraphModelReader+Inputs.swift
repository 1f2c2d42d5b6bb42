import RecurContainers
import RecurModel
import RecurTensors

/// How free extents of placeholders are named: equal names are equal extents in every call.
enum GraphExtentNaming: CaseIterable {
  /// The first axis of every placeholder is the batch.
  case batchFirst
  /// The second axis of arrays of three axes and more is the batch, and the first one of the others.
  case batchSecond
  /// Every free extent is another one.
  case apart
}

// Placeholders as inputs of the model.
extension GraphModelReader {
  /// The version of graphs from which on a placeholder without axes is a number.
  private static let firstVersionWithScalars = 24

  /// Adds an input for every placeholder that the values need, in the order of the file.
  ///
  /// - Throws: `graph.unsupported` for a placeholder of which no shape is known.
  mutating func addInputs(for names: [String], _ scope: inout Scope) throws(CheckpointError) {
    let needed = Set(try order(names, scope).map { Name($0) })
    for node in graph.nodes
    where ["Placeholder", "PlaceholderV2"].contains(node.operation)
      && needed.contains(Name(node.name))
    {
      scope.builder.location = node.location
      if let value = try setting(node.name, node) {
        scope.values[Name(node.name)] = [.value(value)]
        continue
      }
      guard let type = node.type("dtype"), !type.isComplex else {
        throw scope.builder.problem(
          "the placeholder '\(node.name)' has elements that are no numbers")
      }
      var own = try node.shape("shape", limits)
      // Before version 24, no axes meant that the shape is not known (tensorflow/core/ops/array_ops.cc,
      // "Placeholder").
      if node.operation == "Placeholder", own?.isEmpty ?? false,
        1..<Self.firstVersionWithScalars ~= graph.producer
      {
        own = nil
      }
      guard let extents = try givenShape(node) ?? own else {
        throw scope.builder.problem(
          "the placeholder '\(node.name)' has no shape",
          hint:
            "give it one as its value, such as [None, 200, 3], or the number that it is in every call"
        )
      }
      if let own,
        zip(own, extents).contains(where: { $0 != nil && $0 != $1 }) || own.count != extents.count
      {
        throw scope.builder.problem(
          "the shape that is given for '\(node.name)' is another one than in the graph")
      }
      // A number alone decides how the model computes, and is the same in every call.
      guard !extents.isEmpty else {
        scope.values[Name(node.name)] = [.value(.text(node.name))]
        continue
      }
      let shape = extents.enumerated().map { axis, extent in
        extent.map { Dimension.fixed($0) } ?? .free("\(self.name(axis, extents.count, node.name))")
      }
      guard !shape.contains(.fixed(0)) else {
        throw scope.builder.problem("the placeholder '\(node.name)' has no elements")
      }
      let batch = Dimension.free("batch")
      scope.values[Name(node.name)] = [
        .value(
          try scope.builder.input(
            node.name, shape: shape, type: type, batch: shape.contains(batch) ? batch : nil,
            batchAxis: naming == .batchSecond && shape.count > 2 ? 1 : 0))
      ]
    }
  }

  private func name(_ axis: Int, _ rank: Int, _ placeholder: String) -> String {
    let isBatch: Bool =
      switch naming {
      case .batchFirst: axis == 0
      case .batchSecond: axis == (rank > 2 ? 1 : 0)
      case .apart: false
      }
    return isBatch ? "batch" : "\(placeholder)_axis\(axis)"
  }
}

extension GraphModelReader {
  /// The model of a graph; how its free extents are related is found by trying.
  ///
  /// - Throws: what the first try throws, when no naming of the extents fits.
  static func model(
    of graph: GraphMessage, variables: TensorTable, named name: String, outputs: [String]?,
    settings: [(name: String, value: String)], limits: DecodeLimits
  ) throws(CheckpointError) -> (model: Model, used: Set<Name>) {
    for setting in settings where !graph.nodes.contains(where: { $0.name == setting.name }) {
      throw CheckpointError(
        .graphUnsupported, "the graph has no placeholder '\(setting.name)'",
        found: suggestion(for: setting.name, among: graph.nodes.map(\.name)).map { "'\($0)'" })
    }
    var first: CheckpointError?
    var usable: (model: Model, used: Set<Name>)?
    for naming in GraphExtentNaming.allCases {
      do throws(CheckpointError) {
        var reader = try GraphModelReader(
          graph, variables: variables, settings: settings, naming: naming, limits: limits)
        let model = try reader.model(named: name, outputs: outputs)
        // Recurrent layers read the batch as what it is.
        if model.hasBatchFirst { return (model, reader.used) }
        usable = usable ?? (model, reader.used)
      } catch {
        first = first ?? error
      }
    }
    if let usable { return usable }
    throw first ?? CheckpointError(.graphUnsupported, "the graph is empty")
  }
}

extension Model {
  /// Whether what recurrent layers read has the batch of the inputs, or a known number, as its first axis.
  fileprivate var hasBatchFirst: Bool {
    let shapes = ModelShapes(self)
    return nodes.allSatisfy { node in
      guard node.layer.firstCell != nil, let first = shapes[node.inputs[0]]?.first else {
        return true
      }
      return first.value != nil || first == .free("batch")
    }
  }
}
