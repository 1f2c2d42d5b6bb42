/// How the layers of one model are numbered in native weights: class by class, in the order of the model.
struct KerasLayerNumbering {
  /// The group under which layers are counted twice.
  static let doublingContainer = "_layer_checkpoint_dependencies"

  private let countsTwice: Bool
  private var counters: [String: Int] = [:]

  /// Every layer counts once.
  static let each = KerasLayerNumbering(countsTwice: false)

  /// Layers with weights count twice: Keras 2.12 and 2.13 list them as `layer_with_weights-0` and as
  /// `layer-1` (keras/engine/functional.py, `_layer_checkpoint_dependencies`).
  static let doubled = KerasLayerNumbering(countsTwice: true)

  private init(countsTwice: Bool) { self.countsTwice = countsTwice }

  /// The numbering of a model inside this one, which begins anew.
  var inside: KerasLayerNumbering { KerasLayerNumbering(countsTwice: countsTwice) }

  /// The key of the next layer of a class: `lstm`, `lstm_1`.
  mutating func key(of className: String) -> String { className.counted(&counters) }

  /// Counts a layer with weights the second time, where that is done.
  mutating func countAgain(_ className: String) {
    if countsTwice { _ = className.counted(&counters) }
  }
}

extension KerasArchitecture.LayerConfig {
  /// Whether the layer has weights; nil for a class nobody knows.
  var hasArrays: Bool? {
    if let nested {
      let answers = nested.layers.map(\.hasArrays)
      return answers.contains(true) ? true : answers.contains(nil) ? nil : false
    }
    return KerasArrayPlan(self).map { !$0.arrays.isEmpty }
  }
}
