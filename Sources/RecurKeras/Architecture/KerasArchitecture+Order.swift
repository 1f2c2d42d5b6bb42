import RecurContainers
import RecurTensors

extension KerasArchitecture {
  /// The same with its layers in the order that Keras gives them when it builds the graph, in which
  /// weights are found; a sequence stays as it is.
  func inBuiltOrder() -> KerasArchitecture {
    guard className != "Sequential" else { return self }
    // The parts of a function are one layer: the one with weights, or the first one.
    var (owners, folds): ([Name: String], [Int: String]) = ([:], [:])
    for layer in layers.filter({ !$0.isOperation }) + layers {
      guard let fold = layer.fold else { continue }
      owners[Name(layer.name)] = folds[fold] ?? layer.name
      folds[fold] = folds[fold] ?? layer.name
    }
    func node(_ layer: String, _ call: Int) -> KerasLayerOrder.Node {
      .call(layer: owners[Name(layer)] ?? layer, index: call)
    }
    var inputs: [(call: KerasLayerOrder.Node, operands: [KerasLayerOrder.Node])] = []
    var places: [KerasLayerOrder.Node: Int] = [:]
    for layer in layers {
      for (index, call) in layer.calls.enumerated() {
        let own = node(layer.name, index)
        let operands = call.operands.map { node($0.layer.text, $0.call) }.filter { $0 != own }
        if let place = places[own] {
          inputs[place].operands += operands
        } else {
          places[own] = inputs.count
          inputs.append((own, operands))
        }
      }
    }
    var order = KerasLayerOrder()
    for (call, operands) in inputs { order.add(call, operands) }
    let positions = order.positions(
      of: layers.map { owners[Name($0.name)] ?? $0.name },
      outputs: outputs.map { node($0.layer.text, $0.call) })
    func position(_ layer: LayerConfig) -> Int {
      positions[owners[Name(layer.name)] ?? layer.name] ?? 0
    }
    var copy = self
    copy.layers.sort { position($0) < position($1) }
    for index in copy.layers.indices {
      copy.layers[index].nested = copy.layers[index].nested?.inBuiltOrder()
    }
    return copy
  }

  /// Two layers of one class of which neither depends on the other, where Keras 3 computes masks by
  /// operations of its own, which move layers in the order; nil when there are none.
  var layersOfUnknownOrder: (String, String)? {
    let makesMask = layers.contains {
      $0.className == "Masking" || $0.options["mask_zero"]?.bool == true
    }
    guard version.isKeras3, className != "Sequential", makesMask else { return nil }
    var behind: [Name: Set<Name>] = [:]
    for layer in layers {
      let sources = Set(layer.calls.flatMap(\.operands).map(\.layer))
      behind[Name(layer.name)] = sources.reduce(sources) { $0.union(behind[$1] ?? []) }
    }
    let weighted = layers.filter { $0.hasArrays ?? true && $0.kerasClass?.role != .input }
    for (index, one) in weighted.enumerated() {
      for other in weighted[(index + 1)...] where other.storedClassName == one.storedClassName {
        let (first, second) = (Name(one.name), Name(other.name))
        if behind[second]?.contains(first) != true, behind[first]?.contains(second) != true {
          return (one.name, other.name)
        }
      }
    }
    return nil
  }
}
