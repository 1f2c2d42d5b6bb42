import RecurContainers

/// The arrays a layer keeps in a file, in Keras' order: known from its class and options alone.
///
/// Trainable arrays come first within every layer, so one list serves the legacy order (all
/// trainable arrays of a model, then the others) and the native one (layer by layer).
struct KerasArrayPlan: Sendable {
  struct PlannedArray: Sendable {
    let name: String
    var isTrainable: Bool
  }

  private(set) var arrays: [PlannedArray]
  /// How many arrays there are when every gate has its own: Keras 1 with `consume_less` cpu or mem.
  let perGateCount: Int

  /// The arrays of one layer.
  ///
  /// - Parameters:
  ///   - names: those that training changes by gradients.
  ///   - statistics: those that it does not.
  ///   - perGateCount: the number when every gate has its own; nil where it is that of all arrays.
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

  /// What the class and the options declare, whatever is trained; nil for an unknown class.
  static func declared(_ config: KerasArchitecture.LayerConfig) -> KerasArrayPlan? {
    var options = KerasOptions(config)
    return declared(config, &options)
  }

  /// What the class and the options declare, of a layer or a cell; the options are asked for by this.
  static func declared(
    _ config: KerasArchitecture.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    (config.kerasClass?.arrays ?? config.kerasCell?.arrays)?(config, &options)
  }

  /// Whether there is an array of this name.
  func has(_ name: String) -> Bool { arrays.contains { $0.name == name } }
}

extension KerasOptions {
  /// γ and β of a normalization, as its options demand them.
  mutating func scaleAndShift() -> [String] {
    (bool("scale", default: true) ? ["gamma"] : [])
      + (bool("center", default: true) ? ["beta"] : [])
  }
}
