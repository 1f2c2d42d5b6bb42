import RecurContainers
import RecurModel
import RecurTensors

extension NotEqual: KerasLayer, KerasCallReading, KerasMaskComputing {
  static let classes = [
    KerasClass.operation("NotEqual", followsInput: true, standsInside: false, read: read),
    // NaN differs from every number, so that every element is true.
    KerasClass.operation("OnesLike") { reader in
      reader.options.ignore("dtype")
      return .notEqual(NotEqual(value: .nan))
    },
    // The input is ones, so that no element differs from 1.
    KerasClass.operation(zerosLike) { reader in
      reader.options.ignore("dtype")
      return .notEqual(NotEqual(value: 1))
    },
  ]

  private static let zerosLike = "ZerosLike"

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    guard !reader.isTensor("x1") || !reader.isTensor("x2") else {
      return .binary(Binary(.notEqual, .input, .input))
    }
    let name = reader.isTensor("x1") ? "x2" : "x1"
    guard let constant = reader.operand(name)?.constant else { return nil }
    guard constant.shape.isEmpty else {
      return Binary.binary(.notEqual, &reader)
    }
    return .notEqual(NotEqual(value: reader.compared(constant.elements[0])))
  }

  func read(_ call: inout KerasNodeReader) {
    guard call.config.className == Self.zerosLike, let input = call.node.inputs.first else {
      return
    }
    let ones = Self.ones(like: input, "\(call.node.name):ones", at: call.node.location)
    call.added.append(ones)
    call.node.inputs = [Model.Value(ones.name)]
  }

  /// A node that is true for every element of `value`, because NaN differs from every number.
  static func ones(
    like value: Model.Value, _ name: String, at place: Diagnostic.Location
  ) -> Model.Node {
    Model.Node(
      name: name, layerName: name, layer: .notEqual(NotEqual(value: .nan)), inputs: [value],
      location: place)
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.checkCompared(value)
    return writer.operation("NotEqual", name, operand: .number(value))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }

  var maskSource: KerasMaskSource { .itself }
  var maskWriting: KerasMaskWriting { .operation }

  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    .comparing(inputs[0], with: value, inAnyFeature: false)
  }

  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    .comparing(inputs[0], with: value, inAnyFeature: true)
  }

  /// Whether the output is false everywhere: no element of ones differs from 1 (`ZerosLike`).
  func isNowhereTrue(of inputs: [Model.Value], _ masks: KerasMaskReader) -> Bool {
    guard value == 1, case .notEqual(let ones)? = inputs.first.flatMap(masks.origin)?.layer else {
      return false
    }
    return ones.value.isNaN
  }
}
