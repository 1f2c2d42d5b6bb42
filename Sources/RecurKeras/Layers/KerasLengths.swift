import RecurContainers
import RecurModel
import RecurTensors

/// Lengths of sequences in Keras 3, which has no layer for them: operations that together make a mask
/// of lengths, or take the last timestep that counts.
///
///     cumsum(ones_like(x[:, :, 0], "int32"), 1) <= expand_dims(lengths, 1)
///     take_along_axis(y, expand_dims(expand_dims(lengths, 1), 2) - 1, 1)[:, 0]
///
/// What these patterns say is read as one layer each; the classes of those layers are no names that a
/// Python class can have.
enum KerasLengths {
  /// A mask of the timesteps of the first input that lie before the lengths in the second.
  static let mask = "LessEqual(Cumsum)"
  /// The timestep of the first input that comes last by the lengths in the second.
  static let lastTimestep = "GetItem(TakeAlongAxis)"
}

extension KerasArchitecture {
  /// Replaces the operations of each pattern by one layer.
  ///
  /// Operations that anything else uses stay as well.
  static func foldingLengths(
    _ layers: [LayerConfig], outputs: [TensorReference]
  ) -> [LayerConfig] {
    var folding = KerasLengthFolding(layers, outputs: outputs)
    folding.fold()
    return folding.layers
  }
}

/// The layers of a model while patterns of lengths in them are replaced.
private struct KerasLengthFolding {
  typealias LayerConfig = KerasArchitecture.LayerConfig
  typealias Reference = KerasArchitecture.TensorReference

  private(set) var layers: [LayerConfig]
  private let outputs: [Reference]
  private var positions: [Name: Int]
  private var spent: Set<Name> = []

  init(_ layers: [LayerConfig], outputs: [Reference]) {
    self.layers = layers
    self.outputs = outputs
    positions = Dictionary(
      layers.enumerated().map { (Name($1.name), $0) }, uniquingKeysWith: { one, _ in one })
  }

  mutating func fold() {
    for index in layers.indices {
      switch layers[index].className {
      case "LessEqual": foldMask(index)
      case "GetItem": foldLastTimestep(index)
      default: break
      }
    }
    removeSpent()
  }

  /// The layer whose one call puts `reference` out, if it is of class `className`.
  private func operation(_ reference: Reference?, _ className: String) -> LayerConfig? {
    guard let reference, reference.call == 0, reference.output == 0,
      let position = positions[reference.layer], layers[position].className == className,
      layers[position].calls.count == 1
    else { return nil }
    return layers[position]
  }

  /// The one input of the one call of `layer`, if it has no other.
  private func input(_ layer: LayerConfig?) -> Reference? {
    guard let call = layer?.calls.first, call.inputs.count == 1 else { return nil }
    return call.inputs[0]
  }

  private func axis(_ layer: LayerConfig?) -> Int? { layer?.options["axis"]?.integer }

  private mutating func foldMask(_ index: Int) {
    guard layers[index].calls.count == 1, layers[index].calls[0].inputs.count == 2 else { return }
    let inputs = layers[index].calls[0].inputs
    guard let sums = operation(inputs[0], "Cumsum"), axis(sums) == 1,
      let ones = operation(input(sums), "OnesLike"), sums.options["dtype"]?.isNull ?? true,
      // Sums of 16-bit numbers do not reach far.
      ["int32", "int64"].contains(ones.options["dtype"]?.string ?? ""),
      let column = operation(inputs[1], "ExpandDims"), axis(column) == 1,
      let lengths = input(column), var sequence = input(ones)
    else { return }
    let feature = operation(sequence, "GetItem")
    let everything = KerasGetItemKey.everything
    let isFeature =
      feature?.calls[0].operand == [everything, everything, 0] && input(feature) != nil
    if isFeature, let whole = input(feature) { sequence = whole }
    var options = JSONObject()
    _ = options.append("feature", .bool(isFeature))
    replace(index, KerasLengths.mask, options, [sequence, lengths])
    spend([sums, ones, column] + (isFeature ? [feature].compactMap { $0 } : []))
  }

  private mutating func foldLastTimestep(_ index: Int) {
    guard layers[index].calls.count == 1,
      layers[index].calls[0].operand == [KerasGetItemKey.everything, 0],
      let taken = operation(input(layers[index]), "TakeAlongAxis"), axis(taken) == 1,
      taken.calls[0].inputs.count == 2,
      let positions = operation(taken.calls[0].inputs[1], "Subtract"),
      positions.calls[0].operand == 1,
      let outer = operation(input(positions), "ExpandDims"), axis(outer) == 2,
      let inner = operation(input(outer), "ExpandDims"), axis(inner) == 1,
      let lengths = input(inner)
    else { return }
    replace(
      index, KerasLengths.lastTimestep, JSONObject(), [taken.calls[0].inputs[0], lengths])
    spend([taken, positions, outer, inner])
  }

  private mutating func replace(
    _ index: Int, _ className: String, _ options: JSONObject, _ inputs: [Reference]
  ) {
    var layer = LayerConfig(
      className: className, name: layers[index].name, options: options,
      location: layers[index].location, isKeras1: false)
    layer.calls = [KerasArchitecture.Call(inputs: inputs)]
    layers[index] = layer
  }

  private mutating func spend(_ operations: [LayerConfig]) {
    for operation in operations { spent.insert(Name(operation.name)) }
  }

  /// Removes the operations of patterns that nothing uses any more.
  private mutating func removeSpent() {
    while true {
      var used = Set(outputs.map(\.layer))
      for layer in layers {
        for call in layer.calls {
          for reference in call.inputs + call.initialState + call.masks.compactMap({ $0 }) {
            used.insert(reference.layer)
          }
        }
      }
      let before = layers.count
      let candidates = spent
      layers.removeAll { candidates.contains(Name($0.name)) && !used.contains(Name($0.name)) }
      guard layers.count < before else { return }
    }
  }
}
