import RecurContainers
import RecurModel

extension AnyTrue: KerasLayer, KerasMaskComputing {
  static let classes = [
    KerasClass.operation("Any", followsInput: true, standsInside: false, read: read)
  ]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let keeps = reader.options.bool("keepdims", default: false)
    guard let axis = reader.options.value("axis")?.integer else {
      return reader.axes().map { .reduction(Reduction(.any, axes: $0, keepsAxes: keeps)) }
    }
    return .anyTrue(AnyTrue(axis: axis, keepsAxis: keeps))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.operation("Any", name, [("axis", .integer(axis)), ("keepdims", .bool(keepsAxis))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }

  var maskSource: KerasMaskSource { .inputs }
  var maskWriting: KerasMaskWriting { .operation }

  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    self == AnyTrue(axis: -1, keepsAxis: false) ? masks.featureMask(inputs[0]) : nil
  }

  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? { nil }
}
