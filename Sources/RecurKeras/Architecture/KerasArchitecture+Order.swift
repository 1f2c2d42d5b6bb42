import RecurContainers
import RecurTensors

extension KerasArchitecture {
  /// The same with its layers in the order that Keras gives them when it builds the graph, in which
  /// weights are found; a sequence stays as it is.
  func inBuiltOrder() -> KerasArchitecture {
    guard className != "Sequential" else { return self }
    var order = KerasLayerOrder()
    for layer in layers {
      for (index, call) in layer.calls.enumerated() {
        order.add(
          .call(layer: layer.name, index: index),
          call.operands.map { .call(layer: $0.layer.text, index: $0.call) })
      }
    }
    let positions = order.positions(
      of: layers.map(\.name),
      outputs: outputs.map { .call(layer: $0.layer.text, index: $0.call) })
    var copy = self
    copy.layers.sort { positions[$0.name] ?? 0 < positions[$1.name] ?? 0 }
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
