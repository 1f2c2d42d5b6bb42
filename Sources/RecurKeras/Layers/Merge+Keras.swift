import RecurContainers
import RecurModel

extension Merge: KerasLayer, KerasCallReading, KerasMaskComputing {
  static let classes = [
    elementwise("Add", .add), elementwise("Subtract", .subtract),
    elementwise("Multiply", .multiply), elementwise("Average", .average),
    elementwise("Maximum", .maximum), elementwise("Minimum", .minimum),
    KerasClass("Concatenate", standsInside: false) { reader in
      concatenation(reader.options.value("axis")?.integer ?? -1, &reader)
    },
    KerasClass("Dot", standsInside: false) { reader in
      let isNormalized = reader.options.bool("normalize", default: false)
      return dot(reader.options.value("axes") ?? -1, isNormalized, &reader)
    },
    KerasClass("Merge", standsInside: false, read: mergeOfKeras1),
    KerasClass.operation("Stack", followsInput: true, read: stack),
    KerasClass.operation("Concatenate", followsInput: true) { reader in
      concatenation(reader.options.value("axis")?.integer ?? -1, &reader)
    },
  ]

  private static func elementwise(_ name: String, _ merge: Merge) -> KerasClass {
    KerasClass(name, standsInside: false) { _ in .merge(merge) }
  }

  private static func concatenation(_ axis: Int, _ reader: inout KerasLayerReader) -> Layer? {
    let rank = reader.inputShapes.first?.count
    let position = axis < 0 ? rank.map { axis + $0 } : axis
    // If the shape of the input is not known, the axis stays as the config has it.
    guard position != 0 else {
      return reader.fail("'\(reader.config.name)' concatenates along the batch")
    }
    return .merge(.concatenate(axis: position ?? axis))
  }

  private static func dot(
    _ axes: JSONValue, _ isNormalized: Bool, _ reader: inout KerasLayerReader
  ) -> Layer? {
    let numbers = axes.integer.map { [$0, $0] } ?? axes.array?.compactMap(\.integer) ?? []
    let (name, shapes) = (reader.config.name, reader.inputShapes)
    guard numbers.count == 2, shapes.count == 2 else {
      return reader.fail("'\(name)' has the axes \(axes.text)")
    }
    let positions = zip(numbers, shapes).map { $0 < 0 ? $0 + $1.count : $0 }
    guard zip(positions, shapes).allSatisfy({ $0 > 0 && $0 < $1.count }) else {
      return reader.fail("'\(name)' has the axes \(axes.text), which its inputs have not")
    }
    return .merge(.dot(axes: positions, isNormalized: isNormalized))
  }

  /// The one merging layer of Keras 1 (keras 1.2.2, keras/engine/topology.py, `Merge`).
  private static func mergeOfKeras1(_ reader: inout KerasLayerReader) -> Layer? {
    let options = reader.config.options
    reader.options.only("layers", [], nil)
    reader.options.ignore("concat_axis", "dot_axes", "output_shape", "output_shape_type")
    reader.options.ignore("mode_type", "output_mask", "output_mask_type", "arguments")
    reader.options.ignore("node_indices", "tensor_indices")
    switch reader.options.choice("mode", "sum", "mul", "ave", "max", "concat", "dot", "cos") {
    case "mul": return .merge(.multiply)
    case "ave": return .merge(.average)
    case "max": return .merge(.maximum)
    case "concat": return concatenation(options["concat_axis"]?.integer ?? -1, &reader)
    case "dot": return dot(options["dot_axes"] ?? -1, false, &reader)
    case "cos": return dot(options["dot_axes"] ?? -1, true, &reader)
    default: return .merge(.add)
    }
  }

  private static func stack(_ reader: inout KerasLayerReader) -> Layer? {
    let (name, rank) = (reader.config.name, reader.inputShapes.first?.count)
    guard let axis = reader.options.value("axis")?.integer else {
      return reader.fail("operation '\(name)' has no axis")
    }
    let position = axis < 0 ? rank.map { axis + $0 + 1 } : axis
    guard let position, position >= 0, rank.map({ position <= $0 }) ?? true else {
      return reader.fail("operation '\(name)' has the axis \(axis)")
    }
    return .merge(.stack(axis: position))
  }

  func read(_ call: inout KerasNodeReader) {
    let config = call.config
    guard changesMaskedValues(call.rules), config.kerasClass?.isOperation != true,
      call.masks.contains(where: { $0 != nil })
    else { return }
    call.refuse(
      "\(config.className) '\(config.name)' merges masked inputs, and Keras 3 changes what it "
        + "puts out at masked timesteps, which is not supported")
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    func layer(
      _ className: String, _ options: [(name: String, value: JSONValue)] = []
    ) -> KerasLayerForm {
      KerasLayerForm(className: className, name: name, options: options, takesList: true)
    }
    switch self {
    case .maximum where writer.isMask || writer.takesBooleans:
      return writer.operation("LogicalOr", name)
    case .minimum where writer.isMask || writer.takesBooleans:
      return writer.operation("LogicalAnd", name)
    case .add: return layer("Add")
    case .subtract: return layer("Subtract")
    case .multiply: return layer("Multiply")
    case .average: return layer("Average")
    case .maximum: return layer("Maximum")
    case .minimum: return layer("Minimum")
    case .concatenate(let axis): return layer("Concatenate", [("axis", .integer(axis))])
    case .stack(let axis):
      var form = writer.operation("Stack", name, [("axis", .integer(axis))])
      form.takesList = true
      return form
    case .dot(let axes, let isNormalized):
      return layer(
        "Dot",
        [("axes", .array(axes.map { .integer($0) })), ("normalize", .bool(isNormalized))])
    }
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    let isMissing = present.contains(false)
    switch self {
    case .dot, .stack: return .lost
    case .concatenate(axis: 1):
      // Keras 2 fails if one sequence has a mask and another has none.
      return KerasMasks(
        use: rules.isKeras3 || !isMissing ? .ignored : .harmful, outcome: .concatenated)
    case .concatenate: return KerasMasks(use: .ignored, outcome: rules.isKeras3 ? .joined : .all)
    case .add, .subtract, .multiply, .average, .maximum, .minimum:
      // In Keras 3 all timesteps of an input without a mask count.
      return KerasMasks(
        use: changesMaskedValues(rules) ? .harmful : .ignored,
        outcome: !rules.joinsByAny ? .all : isMissing ? .none : .any)
    }
  }

  /// Whether Keras puts out other numbers at masked timesteps (keras/src/layers/merging/base_merge.py,
  /// `_apply_merge_op_and_or_mask`).
  private func changesMaskedValues(_ rules: KerasMaskRules) -> Bool {
    rules.joinsByAny && [.multiply, .maximum, .minimum].contains(self)
  }

  var maskSource: KerasMaskSource { .inputs }
  var maskWriting: KerasMaskWriting {
    [.maximum, .minimum].contains(self) ? .inPairs : .operation
  }

  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    switch self {
    case .maximum: .any(inputs.map(masks.mask))
    case .minimum: .all(inputs.map(masks.mask))
    case .concatenate(axis: 1): .concatenated(inputs.map(masks.mask))
    case .add, .subtract, .multiply, .average, .concatenate, .stack, .dot: nil
    }
  }

  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    switch self {
    case .maximum:
      let parts = inputs.filter { input in
        guard let (layer, inputs) = masks.origin(input), case .notEqual(let comparison) = layer
        else { return true }
        return !comparison.isNowhereTrue(of: inputs, masks)
      }
      return parts.count == 1 ? masks.featureMask(parts[0]) : nil
    case .concatenate(let axis):
      var parts: [KerasMask] = []
      for input in inputs {
        guard let part = masks.featureMask(input) else { return nil }
        parts.append(part)
      }
      return axis == 1 ? .concatenated(parts) : .any(parts)
    case .add, .subtract, .multiply, .average, .minimum, .stack, .dot: return nil
    }
  }
}
