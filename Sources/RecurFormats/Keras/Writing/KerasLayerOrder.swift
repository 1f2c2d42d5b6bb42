import RecurModel
import RecurTensors

/// The order in which Keras lists a model's layers when it has rebuilt the model from its config.
///
/// Arrays are found by that order: the third LSTM of the list has the third LSTM's weights. Layers
/// far from the outputs come first, and layers equally far in the order in which they are met when
/// the graph is followed from the outputs to the inputs (keras/src/ops/function.py, `map_graph`;
/// the same in tf_keras/src/engine/functional.py).
struct KerasLayerOrder {
  /// One call of one layer, as a position in `nodes`.
  private struct Node {
    var layer: Int
    var parents: [Int] = []
  }

  private var nodes: [Node] = []
  /// The number of a layer in the order of meeting; nil when outputs don't depend on it.
  private var met: [Int?]
  private var depths: [Int]
  private let layers: [KerasPlacedLayer]

  /// The layers of `model` in Keras' order; masks that Keras computes by itself are part of the
  /// graph for it.
  static func layers(of model: KerasModelForm) -> [KerasPlacedLayer] {
    var order = KerasLayerOrder(model)
    return order.sorted(model)
  }

  private init(_ model: KerasModelForm) {
    layers = model.layers + model.implicit
    met = Array(repeating: nil, count: layers.count)
    depths = Array(repeating: 0, count: layers.count)
  }

  private mutating func sorted(_ model: KerasModelForm) -> [KerasPlacedLayer] {
    var starts: [Name: Int] = [:]
    for (index, layer) in layers.enumerated() {
      starts[Name(layer.form.name)] = nodes.count
      nodes += Array(repeating: Node(layer: index), count: max(layer.calls.count, 1))
    }
    func node(_ tensor: KerasTensorForm) -> Int? {
      starts[Name(tensor.layer)].map { $0 + tensor.call }
    }
    for layer in layers {
      for (call, form) in layer.calls.enumerated() {
        guard let start = starts[Name(layer.form.name)] else { continue }
        nodes[start + call].parents = form.dependencies.compactMap(node)
      }
    }
    let finished = followed(from: model.outputs.compactMap(node))
    measure(finished.reversed())
    let positions = model.layers.indices.sorted { one, other in
      if depths[one] != depths[other] { return depths[one] > depths[other] }
      // An input that nothing depends on comes before all others of its depth.
      let (first, second) = (met[one] ?? -1, met[other] ?? -1)
      return first != second ? first < second : one < other
    }
    return positions.map { model.layers[$0] }
  }

  /// The nodes that `outputs` depend on, each after all it depends on.
  private mutating func followed(from outputs: [Int]) -> [Int] {
    var finished: [Int] = []
    var isFinished = Array(repeating: false, count: nodes.count)
    var isOpen = isFinished
    var count = 0
    for output in outputs {
      var stack: [(node: Int, next: Int)] = [(output, 0)]
      while let (node, next) = stack.popLast() {
        if isFinished[node] { continue }
        if next == 0 {
          guard !isOpen[node] else { continue }
          isOpen[node] = true
          if met[nodes[node].layer] == nil {
            met[nodes[node].layer] = count
            count += 1
          }
        }
        guard next < nodes[node].parents.count else {
          isFinished[node] = true
          finished.append(node)
          continue
        }
        stack.append((node, next + 1))
        stack.append((nodes[node].parents[next], 0))
      }
    }
    return finished
  }

  /// How far every layer is from the outputs: the farthest of its calls.
  private mutating func measure(_ order: some Sequence<Int>) {
    var distances = Array(repeating: 0, count: nodes.count)
    for node in order {
      let layer = nodes[node].layer
      let depth = max(distances[node], depths[layer])
      depths[layer] = depth
      distances[node] = depth
      for parent in nodes[node].parents { distances[parent] = max(distances[parent], depth + 1) }
    }
  }
}

extension KerasCallForm {
  /// Every tensor of the call as Keras flattens it: arguments, then keywords by name.
  fileprivate var dependencies: [KerasTensorForm] {
    inputs + initialState + [mask].compactMap { $0 } + masks.compactMap { $0 } + implicitMasks
  }
}
