import RecurContainers

/// The arrays that a layer has in a file, in Keras' order; class and options alone decide them.
///
/// Within a layer, trainable arrays come first. So one list serves the legacy order (all trainable
/// arrays of a model, then all others) and the native order (layer by layer).
struct KerasArrayPlan: Sendable {
  struct PlannedArray: Sendable {
    let name: String
    var isTrainable: Bool
  }

  private(set) var arrays: [PlannedArray]
  /// The array count when every gate has arrays of its own: Keras 1 with `consume_less` cpu or mem.
  let perGateCount: Int

  /// The arrays of one layer.
  ///
  /// - Parameters:
  ///   - names: the arrays that training changes by gradients.
  ///   - statistics: the other arrays, such as moving averages.
  ///   - perGateCount: the array count when every gate has arrays of its own; nil for the same
  ///     count.
  init(_ names: [String], statistics: [String] = [], perGateCount: Int? = nil) {
    arrays =
      names.map { PlannedArray(name: $0, isTrainable: true) }
      + statistics.map { PlannedArray(name: $0, isTrainable: false) }
    self.perGateCount = perGateCount ?? arrays.count
  }

  /// The arrays of several layers, one layer after the other.
  init(joining plans: [KerasArrayPlan]) {
    arrays = plans.flatMap(\.arrays)
    perGateCount = plans.reduce(0) { $0 + $1.perGateCount }
  }

  /// The plan of a layer, or nil for an unknown class.
  init?(_ config: KerasArchitecture.LayerConfig) {
    guard var plan = Self.declared(config) else { return nil }
    if config.options["trainable"]?.bool == false {
      for index in plan.arrays.indices { plan.arrays[index].isTrainable = false }
    }
    self = plan
  }

  /// The arrays by class and options, before `trainable` is looked at; nil for an unknown class.
  static func declared(_ config: KerasArchitecture.LayerConfig) -> KerasArrayPlan? {
    var options = KerasOptions(config)
    return declared(config, &options)
  }

  /// The arrays by class and options of a layer or a cell; reading the options marks them as known.
  static func declared(
    _ config: KerasArchitecture.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    (config.kerasClass?.arrays ?? config.kerasCell?.arrays)?(config, &options)
  }

  /// Whether there is an array of this name.
  func has(_ name: String) -> Bool { arrays.contains { $0.name == name } }
}

extension KerasOptions {
  /// The scale and the shift of a normalization, as far as the options ask for them.
  mutating func scaleAndShift() -> [String] {
    (bool("scale", default: true) ? ["gamma"] : [])
      + (bool("center", default: true) ? ["beta"] : [])
  }
}
