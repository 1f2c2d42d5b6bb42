import RecurPyTorch
import RecurSource

/// What the `call` of a model of a class is called with.
enum KerasCallInputs {
  /// The inputs, one for each parameter without a value.
  ///
  /// A class says no shapes of what its model is called with. The settings do (`x=['batch', 6, 3]`), or
  /// else the first layers.
  static func inputs(
    of function: SourceFunction, _ object: SourceObject, _ program: KerasProgram
  ) -> [KerasSourceTensor] {
    var layers: [KerasSourceLayer] = []
    for parameter in function.parameters.dropFirst()
    where parameter.value == nil && !["training", "mask"].contains(parameter.name) {
      switch parameter.kind {
      case .rest, .keywords: continue
      case .positionalOnly, .standard, .keywordOnly: break
      }
      let layer = KerasSourceLayer("InputLayer", at: object.place, in: program)
      layer.name = parameter.name
      layers.append(layer)
    }
    for layer in layers {
      let name = layer.name ?? ""
      program.ask(name)
      if let shape = axes(program.settings[name]) {
        layer["batch_shape"] = shape
      }
    }
    return layers.map { KerasSourceTensor($0, call: 0, output: 0) }
  }

  /// The extents that a setting says: numbers, and names of free ones.
  private static func axes(_ setting: SourceValue?) -> SourceValue? {
    let elements: [SourceValue]
    switch setting {
    case .list(let list)?: elements = list.elements
    case .tuple(let all)?: elements = all
    default: return nil
    }
    return .list(SourceList(elements.map { $0.integer.map { .integer($0) } ?? .none }))
  }
}
