import RecurContainers
import RecurModel
import RecurTensors

/// The arguments of an operation by the names of its parameters.
///
/// Keras 3 has them in the config, in `args` or in `kwargs`; tf.keras has the first one in front and
/// the others as keywords.
struct KerasArguments: Sendable {
  /// The arguments that hold no tensor.
  private(set) var plain = JSONObject()
  /// The arguments that hold tensors, in the order of the parameters.
  private(set) var tensors: [(name: String, value: JSONValue)] = []
  private let parameters: [String]

  init(_ parameters: [String]) { self.parameters = parameters }

  /// Adds an argument; a null and an argument that is already there change nothing.
  mutating func add(_ name: String, _ value: JSONValue, holdsTensors: Bool) {
    guard holdsTensors else {
      if !value.isNull { _ = plain.append(name, value) }
      return
    }
    let place = parameters.firstIndex(of: name) ?? parameters.count
    let index =
      tensors.firstIndex { (parameters.firstIndex(of: $0.name) ?? parameters.count) > place }
      ?? tensors.count
    tensors.insert((name, value), at: index)
  }
}

extension KerasArchitecture.LayerConfig {
  /// Whether an element of `layers` is an operation of keras/src/ops and no layer.
  ///
  /// An `.h5` file does not hold modules. An operation has neither a dtype policy nor the member
  /// `trainable` there.
  static func isOperation(_ value: JSONValue, _ version: KerasVersion) -> Bool {
    if let module = value["module"]?.string { return module.hasPrefix("keras.src.ops") }
    guard version.isKeras3 else { return false }
    guard let className = value["class_name"]?.string, let options = value["config"]?.object,
      value["inbound_nodes"] != nil, KerasOperation.named(className) != nil
    else { return false }
    return options["trainable"] == nil && options["dtype"]?.object == nil
      && options["batch_shape"] == nil
  }

  /// The function of TensorFlow that a layer of tf.keras calls; nil for any other layer.
  static func function(_ value: JSONValue) -> String? {
    guard ["TFOpLambda", "SlicingOpLambda"].contains(value["class_name"]?.string) else {
      return nil
    }
    return value["config"]?["function"]?.string
  }
}

extension KerasCallReader {
  /// The arguments of one call of an operation of Keras 3.
  func arguments(
    _ value: JSONValue, of operation: KerasOperation?, _ config: JSONObject
  ) -> KerasArguments {
    let names = operation?.parameters ?? []
    var arguments = KerasArguments(names)
    for (index, argument) in (value["args"]?.array ?? []).enumerated() {
      arguments.add(
        index < names.count ? names[index] : "argument \(index)", argument,
        holdsTensors: holdsTensors(argument))
    }
    for member in (value["kwargs"]?.object?.members ?? []) + config.members {
      arguments.add(member.name, member.value, holdsTensors: holdsTensors(member.value))
    }
    return arguments
  }

  /// The arguments of one call of a function of TensorFlow (tf_keras/src/engine/node.py,
  /// `serialize`).
  func arguments(
    _ value: JSONValue, of function: KerasOperation.Function, _ operation: KerasOperation
  ) -> KerasArguments {
    var arguments = KerasArguments(operation.parameters)
    let elements = value.array ?? []
    // One tensor, or a list of tensors as the first argument.
    let isOne = elements.first?.string != nil
    let lists = isOne ? [value] : elements
    let first = function.parameters.first?.operation ?? ""
    if elements.first?.string == Self.constant {
      arguments.add(first, elements.count > 2 ? elements[2] : .null, holdsTensors: false)
    } else {
      arguments.add(first, value, holdsTensors: true)
    }
    let keywords = lists.first?.array.flatMap { $0.count > 3 ? $0[3].object : nil }
    for member in keywords?.members ?? [] where !Self.isUsual(member) {
      let name = function.parameters.first { $0.own == member.name }?.operation
      arguments.add(
        name ?? member.name, member.value, holdsTensors: holdsTensors(member.value))
    }
    for value in function.defaults {
      arguments.add(value.name, value.value, holdsTensors: false)
    }
    return arguments
  }

  /// The name in the place of a layer when the first argument is no tensor.
  private static let constant = "_CONSTANT_VALUE"

  /// Whether a keyword has a value without effect.
  private static func isUsual(_ member: JSONObject.Member) -> Bool {
    switch member.name {
    case "name", "output_type", "validate_indices": true
    case "conjugate", "transpose_a", "transpose_b", "adjoint_a", "adjoint_b": member.value == false
    case "batch_dims": member.value == 0
    default: false
    }
  }

  /// Whether an argument is a tensor, or a list with tensors.
  private func holdsTensors(_ value: JSONValue) -> Bool {
    if value["class_name"]?.string == "__keras_tensor__" { return true }
    guard let elements = value.array else { return false }
    if elements.count >= 3, elements[0].string != nil, elements[1].integer != nil { return true }
    return elements.contains(where: holdsTensors)
  }
}
