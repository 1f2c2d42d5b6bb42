import RecurContainers
import RecurPyTorch
import RecurSource
import RecurTensors

// A model as a graph between its inputs and its outputs.
extension KerasSourceModel {
  /// The tensors at both ends; a sequence is a chain of calls.
  ///
  /// - Throws: `source.unsupported` for a sequence whose layers can't be called.
  func ends(
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> (inputs: [KerasSourceTensor], outputs: [KerasSourceTensor]) {
    guard case .functional(let inputs, let outputs) = kind else {
      let chain = try chain(&interpreter)
      guard let first = chain.first, let last = chain.last else {
        throw interpreter.problem("a model without layers", at: place)
      }
      return ([first], [last])
    }
    return (inputs, outputs)
  }

  /// The input of a sequence, and the output of each layer behind it.
  private func chain(
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> [KerasSourceTensor] {
    var rest = elements[...]
    if links.isEmpty {
      let input: KerasSourceLayer
      if let first = rest.first as? KerasSourceLayer, first.className == "InputLayer" {
        input = first
      } else {
        input = KerasSourceLayer("InputLayer", at: place, in: program)
        let declared = (rest.first as? KerasSourceLayer).flatMap(KerasSourceConfig.inputShape)
        let shape = declared ?? buildShape.flatMap(KerasSourceConfig.extents)
        input["batch_shape"] = shape.map { extents in
          .list(SourceList(extents.map { $0.integer.map { .integer($0) } ?? .none }))
        }
      }
      links = [KerasSourceTensor(input, call: 0, output: 0)]
    }
    if let first = rest.first as? KerasSourceLayer, first === links[0].layer { rest.removeFirst() }
    for element in rest.dropFirst(links.count - 1) {
      var value = try element.call(
        SourceArguments(positional: [.foreign(links[links.count - 1])]), &interpreter)
      if case .list(let list) = value, let first = list.elements.first { value = first }
      guard let tensor = value.foreign as? KerasSourceTensor else {
        throw interpreter.problem("what a layer of the model puts out is no tensor", at: place)
      }
      links.append(tensor)
    }
    return links
  }

  /// The layers in the order in which Keras lists them; nil for a graph with branches.
  func layers(
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> [any SourceForeign]? {
    guard case .functional(let inputs, let outputs) = kind else {
      // What the layers put out can be asked for.
      _ = try? chain(&interpreter)
      return elements
    }
    guard inputs.count == 1, outputs.count == 1 else { return nil }
    var graph = KerasSourceGraph(inputs)
    try graph.visit(outputs[0], &interpreter)
    let isChain = graph.layers.allSatisfy { layer in
      let calls = graph.calls(of: layer).map { layer.calls[$0] }
      return layer.className == "InputLayer"
        || calls.count == 1 && KerasSourceGraph.tensors(of: calls[0]).count == 1
    }
    return isChain ? graph.layers.map(known) : nil
  }

  /// A layer, or the model that it stands for.
  private func known(_ layer: KerasSourceLayer) -> any SourceForeign {
    guard let model = program.models[ObjectIdentifier(layer)] else { return layer }
    return model
  }

  /// `get_layer(name)`, `get_layer(index=…)`.
  func layer(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let name = given.value("name", at: 0)
    if let text = name?.text {
      var graph: [any SourceForeign] = elements
      if case .functional(let inputs, let outputs) = kind {
        var own = KerasSourceGraph(inputs)
        for output in outputs { try own.visit(output, &interpreter) }
        graph = own.layers.map(known)
      } else {
        _ = try? chain(&interpreter)
      }
      let found = graph.first { layer in
        (layer as? KerasSourceLayer)?.name == text || (layer as? KerasSourceModel)?.name == text
      }
      return found.map { .foreign($0) } ?? interpreter.unknown("the layer '\(text)' of \(title)")
    }
    guard let layers = try layers(&interpreter),
      let index = (given.value("index", at: 1) ?? name)?.integer,
      layers.indices.contains(index < 0 ? index + layers.count : index)
    else { return interpreter.unknown("a layer of \(title)") }
    return .foreign(layers[index < 0 ? index + layers.count : index])
  }
}
