import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurSource

// Options of layers, of which some are open.
extension KerasSourceConfig {
  /// Options that change nothing where a model only computes.
  private static let harmless: Set<String> = [
    "rate", "dropout", "recurrent_dropout", "noise_shape", "stddev", "seed", "momentum",
    "trainable", "weights", "implementation", "l1", "l2", "unit_forget_bias", "sparse", "ragged",
    "init", "inner_init", "W_regularizer", "U_regularizer", "b_regularizer", "dynamic",
    "arguments", "output_shape", "mask",
  ]
  /// Those of them that change what a call with `training=True` computes.
  private static let ofTraining: Set<String> = [
    "rate", "dropout", "recurrent_dropout", "noise_shape", "stddev", "momentum",
  ]
  private static let harmlessEndings = ["_initializer", "_regularizer", "_constraint"]

  /// What says the shape of a model's input.
  private static let shapes: Set<String> = [
    "input_shape", "batch_input_shape", "input_length", "batch_size", "shape", "batch_shape",
  ]

  /// The options of a layer that matter where a model only computes.
  mutating func options(
    of layer: KerasSourceLayer, _ owner: String, _ path: [String],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONObject {
    var result = JSONObject()
    for (option, value) in layer.options
    where !Self.isHarmless(option)
      || layer.isCalledInTraining && Self.ofTraining.contains(option)
    {
      if Self.shapes.contains(option) || option == "input_dim" && layer.className != "Embedding" {
        continue
      }
      if let inside = value.foreign, !(inside is KerasSourceTensor) {
        result.set(option, try inner(inside, owner, path + [option], &interpreter))
        continue
      }
      if let list = Self.layers(value) {
        // A list of cells is one cell that stacks them.
        let isStack = option == "cell"
        let place = path + (isStack ? [option, "cells"] : [option])
        var values: [JSONValue] = []
        for (index, layer) in list.enumerated() {
          values.append(try inner(layer, owner, place + ["\(index)"], &interpreter))
        }
        result.set(
          option,
          isStack
            ? ["class_name": "StackedRNNCells", "config": ["cells": .array(values)]]
            : .array(values))
        continue
      }
      if option == "activation", layer.ownActivation != nil {
        result.set(option, "linear")
        continue
      }
      if let own = json(value, { _ in .null }), !KerasSourceTensor.isHeld(by: value) {
        result.set(option, own)
        continue
      }
      open.append(
        OpenValue(
          layer: owner, option: path + [option], name: Self.openName(value),
          reason: Self.reason(value), place: files.location(layer.place)))
      result.set(option, .null)
    }
    return result
  }

  /// A layer or a model in an option of another.
  private mutating func inner(
    _ value: any SourceForeign, _ owner: String, _ path: [String],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> JSONValue {
    guard path.count < 16 else { throw interpreter.problem("layers inside layers without end") }
    if let model = value as? KerasSourceModel { return try config(of: model, &interpreter) }
    guard let layer = value as? KerasSourceLayer else {
      throw interpreter.problem("an option of a layer is \(value.title)")
    }
    var options = try self.options(of: layer, owner, path, &interpreter)
    options.set("name", .string(layer.name ?? Self.snake(layer.className)))
    if let shape = Self.inputShape(of: layer) { options.set("batch_input_shape", .array(shape)) }
    return ["class_name": .string(layer.className), "config": .object(options)]
  }

  /// Whether an option changes nothing where a model only computes.
  static func isHarmless(_ option: String) -> Bool {
    harmless.contains(option) || harmlessEndings.contains(where: option.hasSuffix)
  }

  /// The layers of a list of layers; nil for any other value.
  private static func layers(_ value: SourceValue) -> [any SourceForeign]? {
    let values: [SourceValue]
    switch value {
    case .list(let list): values = list.elements
    case .tuple(let own): values = own
    default: return nil
    }
    let layers = values.compactMap { $0.foreign as? KerasSourceLayer }
    return !values.isEmpty && layers.count == values.count ? layers : nil
  }

  private static func openName(_ value: SourceValue) -> String? {
    switch value {
    case .list(let list): list.elements.lazy.compactMap { openName($0) }.first
    case .tuple(let values): values.lazy.compactMap { openName($0) }.first
    default: value.openName
    }
  }

  private static func reason(_ value: SourceValue) -> String {
    if let name = openName(value) { return "the source does not say '\(name)'" }
    return SourceInterpreter.said(value.title)
  }
}
