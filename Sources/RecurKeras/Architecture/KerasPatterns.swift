import RecurContainers
import RecurModel
import RecurTensors

/// A group of operations that together are one layer of the model.
struct KerasPattern: Sendable {
  /// The class of the last operation.
  let lastClass: String
  /// Replaces the operation at a position and the operations before it, if they form the group.
  let fold: @Sendable (inout KerasPatternFolding, Int) -> Void

  init(
    lastClass: String, _ fold: @escaping @Sendable (inout KerasPatternFolding, Int) -> Void
  ) {
    self.lastClass = lastClass
    self.fold = fold
  }
}

extension KerasArchitecture {
  /// Replaces every group of operations by one layer.
  ///
  /// An operation that is also used outside its group stays.
  static func foldingPatterns(
    _ layers: [LayerConfig], outputs: [TensorReference]
  ) -> [LayerConfig] {
    var folding = KerasPatternFolding(layers, outputs: outputs)
    folding.fold(Layer.kerasPatterns)
    return folding.layers
  }
}

/// The layers of a model while patterns in them are replaced.
struct KerasPatternFolding {
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

  fileprivate mutating func fold(_ patterns: [KerasPattern]) {
    for index in layers.indices {
      for pattern in patterns where pattern.lastClass == layers[index].className {
        pattern.fold(&self, index)
      }
    }
    removeSpent()
  }

  /// The inputs of the one call of the layer at a position.
  func inputs(_ index: Int) -> [Reference]? {
    layers[index].calls.count == 1 ? layers[index].calls[0].inputs : nil
  }

  /// The plain argument of the one call of the layer at a position.
  func operand(_ index: Int) -> JSONValue? {
    layers[index].calls.count == 1 ? layers[index].calls[0].operand : nil
  }

  /// The only input of the only call of the layer at a position; nil if the call has other inputs.
  func input(_ index: Int) -> Reference? { input(layers[index]) }

  /// The layer whose only call puts out `reference`, if the layer is of class `className`.
  func operation(_ reference: Reference?, _ className: String) -> LayerConfig? {
    guard let reference, reference.call == 0, reference.output == 0,
      let position = positions[reference.layer], layers[position].className == className,
      layers[position].calls.count == 1
    else { return nil }
    return layers[position]
  }

  /// The only input of the only call of `layer`; nil if the call has other inputs.
  func input(_ layer: LayerConfig?) -> Reference? {
    guard let call = layer?.calls.first, call.inputs.count == 1 else { return nil }
    return call.inputs[0]
  }

  /// The axis that a layer names.
  func axis(_ layer: LayerConfig?) -> Int? { layer?.options["axis"]?.integer }

  /// Puts a layer in the place of the operation at a position.
  mutating func replace(
    _ index: Int, _ className: String, _ options: JSONObject, _ inputs: [Reference]
  ) {
    var layer = LayerConfig(
      className: className, name: layers[index].name, options: options,
      location: layers[index].location, isKeras1: false, isOperation: true)
    layer.calls = [KerasArchitecture.Call(inputs: inputs)]
    layers[index] = layer
  }

  /// Marks operations that the replaced group no longer needs.
  mutating func spend(_ operations: [LayerConfig]) {
    for operation in operations { spent.insert(Name(operation.name)) }
  }

  /// Removes the marked operations that nothing else uses.
  private mutating func removeSpent() {
    while true {
      var used = Set(outputs.map(\.layer))
      for layer in layers {
        for call in layer.calls {
          for reference in call.operands { used.insert(reference.layer) }
        }
      }
      let before = layers.count
      let candidates = spent
      layers.removeAll { candidates.contains(Name($0.name)) && !used.contains(Name($0.name)) }
      guard layers.count < before else { return }
    }
  }
}
