import RecurContainers
import RecurFormats
import RecurTensors

/// What a file holds, listed without making a model of it.
enum ONNXInspection {
  static func inspection(_ model: ONNXModel, format: String, title: String) -> Inspection {
    let graph = model.graph
    var facts: [(name: String, value: String)] = []
    let producer = [model.producer, model.producerVersion].filter { !$0.isEmpty }
    if !producer.isEmpty { facts.append(("producer", producer.joined(separator: " "))) }
    facts.append(("IR version", "\(model.version)"))
    let sets = model.operatorSets.sorted { $0.key < $1.key }
    facts.append(
      (
        "operators",
        sets.map { "\($0.key.isEmpty ? "ai.onnx" : $0.key) \($0.value)" }
          .joined(separator: ", ")
      ))
    let weights = Set(graph.initializers.map(\.name))
    for input in graph.inputs where !weights.contains(input.name) {
      facts.append(("input", input.text))
    }
    for output in graph.outputs { facts.append(("output", output.text)) }
    if !model.functions.isEmpty { facts.append(("functions", "\(model.functions.count)")) }
    facts += model.metadata
    let functions = Set(model.functions.map { "\($0.domain) \($0.name)" })
    return Inspection(
      format: format, title: title, facts: facts,
      layers: graph.nodes.map { node in
        Inspection.DeclaredLayer(
          name: node.name.isEmpty ? node.outputs.first ?? "" : node.name, className: node.title,
          detail: node.attributes.compactMap(\.text).joined(separator: ", "),
          isSupported: ONNXOperators.knows(node)
            || functions.contains("\(node.domain) \(node.type)"))
      },
      tensors: graph.storedTensors.map { tensor in
        let width = tensor.elementType?.byteCount
        return Inspection.StoredTensor(
          name: tensor.name, shape: tensor.shape, type: tensor.typeName,
          byteCount: width.flatMap { _ in
            tensor.elementType.flatMap { Tensor.byteCount(of: tensor.shape, $0) }
          } ?? 0, remark: nil)
      }, diagnostics: [])
  }
}

extension ONNXGraph {
  /// The weights, and the tensors of `Constant` nodes, which are named after their results.
  var storedTensors: [ONNXTensor] {
    var all = initializers
    let names = Set(initializers.map(\.name))
    for node in nodes where node.type == "Constant" && node.domain.isEmpty {
      guard case .tensor(var tensor)? = node.attribute("value"), let name = node.outputs.first,
        !names.contains(name)
      else { continue }
      tensor.name = name
      all.append(tensor)
    }
    return all
  }
}

extension ONNXValueInfo {
  /// The name, the element type and the shape.
  fileprivate var text: String {
    let type = type.map { ONNXTensor.elementTypes[$0]?.rawValue ?? "type \($0)" } ?? "no tensor"
    let extents = shape?.map { extent in
      switch extent {
      case .fixed(let value): "\(value)"
      case .named(let name): name
      case .unknown: "?"
      }
    }
    return "\(name): \(type)" + (extents.map { " [\($0.joined(separator: ", "))]" } ?? "")
  }
}

extension ONNXAttribute {
  /// A short attribute in words.
  fileprivate var text: String? {
    switch value {
    case .float(let value): "\(name) \(Float(value))"
    case .integer(let value): "\(name) \(value)"
    case .text(let value): value.utf8.count < 64 ? "\(name) \(value)" : nil
    case .integers(let values): values.count <= 8 ? "\(name) \(values)" : nil
    case .texts(let values): values.count <= 8 ? "\(name) \(values.joined(separator: " "))" : nil
    case .floats(let values): values.count <= 4 ? "\(name) \(values.map { Float($0) })" : nil
    case .tensor, .graph, .reference, .other: nil
    }
  }
}
