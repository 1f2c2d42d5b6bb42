import RecurContainers
import RecurModel
import RecurTensors

// The axis of the features in a layer's input, which is the last one unless the file says otherwise.
extension KerasLayerReader {
  /// Where the channels are, for a layer that works with channels last.
  struct FeatureAxis {
    /// The axis of the channels in the input.
    var axis: Int
    /// The axis of the channels in each output; nil where they stay last.
    var outputs: [Int?]

    /// The same for a layer that is applied to every timestep.
    var distributed: FeatureAxis {
      FeatureAxis(axis: axis + 1, outputs: outputs.map { $0.map { $0 + 1 } })
    }
  }

  /// Reads the axis that a normalization keeps apart; any axis but that of the batch.
  mutating func readFeatureAxis() {
    guard let axis = axisBeforeLast(), axis > 0 else { return }
    featureAxis = FeatureAxis(axis: axis, outputs: [axis])
  }

  /// Refuses an axis other than the last one: normalization over other axes is another computation.
  mutating func checkLastAxis() {
    guard let axis = axisBeforeLast(), axis > 0 else { return }
    options.refuse("axis", because: "only the last axis is supported")
  }

  /// The one axis that `axis` names, counted from the first; nil for the last axis, and for any that is
  /// refused.
  private mutating func axisBeforeLast() -> Int? {
    guard let value = options.value("axis"), !value.isNull else { return nil }
    let numbers = value.integer.map { [$0] } ?? value.array?.compactMap(\.integer) ?? []
    guard numbers.count == 1, value.array?.count ?? 1 == 1 else {
      options.refuse("axis", because: "one axis is supported")
      return nil
    }
    guard numbers[0] != -1 else { return nil }
    guard let rank = inputRank else {
      if numbers[0] > 0 {
        findings.append(takenForLast(value))
      } else {
        options.refuse(
          "axis",
          because: "the shape of the input is not known, so it is not known to be the last one")
      }
      return nil
    }
    let axis = numbers[0] < 0 ? numbers[0] + rank : numbers[0]
    guard axis > 0, axis < rank else {
      options.refuse("axis", because: "the input has \(rank) axes, the first is the batch")
      return nil
    }
    return axis < rank - 1 ? axis : nil
  }

  /// The number of axes of the first input, the batch too; nil when nothing says it.
  ///
  /// Behind a layer nobody knows, it is the one that the layer itself was built with.
  private var inputRank: Int? {
    inputShapes.first.flatMap { $0.isEmpty ? nil : $0.count } ?? config.buildShape?.count
  }

  /// The warning that a positive axis is taken for the last one.
  private func takenForLast(_ axis: JSONValue) -> Diagnostic {
    Diagnostic(
      .kerasOptionUnsupported, .warning,
      "\(config.className) '\(config.name)' has \"axis\": \(axis.text); it is taken for the last axis, "
        + "because the shape of the input is not known", at: config.location)
  }
}
