import RecurContainers
import RecurModel
import RecurTensors

extension Attention: KerasLayer, KerasCallReading, KerasMaskListing {
  static let classes = [
    KerasClass("Attention", standsInside: false, arrays: arrays, read: read),
    KerasClass("AdditiveAttention", standsInside: false, arrays: additiveArrays, read: additive),
  ]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    let hasScale = options.bool("use_scale", default: false)
    let isConcatenation = options.choice("score_mode", "dot", "concat") == "concat"
    return KerasArrayPlan(
      (hasScale ? ["scale"] : []) + (isConcatenation ? ["concat_score_weight"] : []))
  }

  private static func additiveArrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(options.bool("use_scale", default: true) ? ["scale"] : [])
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let isCausal = causality(&reader)
    let plan = reader.plan()
    let scale = plan.has("scale") ? reader.take("scale", []) : nil
    guard scale != nil || !plan.has("scale") else { return nil }
    guard plan.has("concat_score_weight") else {
      return attention(.product(scale: scale), isCausal, reader)
    }
    guard let weight = reader.take("concat_score_weight", []) else { return nil }
    return attention(.concatenation(scale: scale, weight: weight), isCausal, reader)
  }

  private static func additive(_ reader: inout KerasLayerReader) -> Layer? {
    let isCausal = causality(&reader)
    let hasScale = reader.plan().has("scale")
    let scale = hasScale ? reader.take("scale", [reader.inputSize]) : nil
    guard scale != nil || !hasScale else { return nil }
    return attention(.additive(scale: scale), isCausal, reader)
  }

  /// An option of the layer until tf.keras 2.11, and since then an argument of the call.
  private static func causality(_ reader: inout KerasLayerReader) -> Bool {
    reader.options.ignore("dropout", "seed")
    return reader.options.bool("causal", default: false)
  }

  /// Masks and causality belong to the call, not to the layer.
  private static func attention(
    _ score: Score, _ isCausal: Bool, _ reader: KerasLayerReader
  ) -> Layer {
    .attention(
      Attention(
        score: score, isCausal: isCausal, hasKey: reader.inputShapes.count > 2,
        hasQueryMask: false, hasValueMask: false))
  }

  func read(_ call: inout KerasNodeReader) {
    var copy = self
    let masks = (0..<2).map { call.masks.indices.contains($0) ? call.masks[$0] : nil }
    copy.isCausal = isCausal || call.call.isCausal
    copy.hasQueryMask = masks[0] != nil
    copy.hasValueMask = masks[1] != nil
    call.node.inputs += masks.compactMap { $0 }
    call.node.mask = nil
    call.node.layer = .attention(copy)
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    func scaled(_ scale: Tensor?) -> [KerasArrayForm] {
      scale.map { [writer.array("scale", $0)] } ?? []
    }
    var form: KerasLayerForm
    switch score {
    case .product(let scale):
      // The usual score_mode, "dot", is left out: in an .h5 file Keras 3 takes it for a function.
      form = KerasLayerForm(
        className: "Attention", name: name,
        options: [("use_scale", .bool(scale != nil)), ("dropout", 0.0)], arrays: scaled(scale))
    case .concatenation(let scale, let weight):
      form = KerasLayerForm(
        className: "Attention", name: name,
        options: [
          ("use_scale", .bool(scale != nil)), ("score_mode", "concat"), ("dropout", 0.0),
        ], arrays: scaled(scale) + [writer.array("concat_score_weight", weight)])
    case .additive(let scale):
      form = KerasLayerForm(
        className: "AdditiveAttention", name: name,
        options: [("use_scale", .bool(scale != nil)), ("dropout", 0.0)], arrays: scaled(scale))
    }
    form.takesList = true
    form.isCausal = isCausal
    return form
  }

  /// In Keras 3 the output has the mask of the query after a conversion.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .needed, outcome: .converted)
  }

  /// Takes the masks of query and value off the end of the inputs, if they are there.
  func takeMasks(_ inputs: inout [Model.Value]) -> [Model.Value?] {
    let value = hasValueMask ? inputs.popLast() : nil
    let query = hasQueryMask ? inputs.popLast() : nil
    return [query, value]
  }
}
