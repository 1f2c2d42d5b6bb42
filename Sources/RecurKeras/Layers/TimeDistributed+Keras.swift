import RecurContainers
import RecurModel
import RecurTensors

extension TimeDistributed: KerasLayer, KerasCallReading {
  static let classes = [
    KerasClass(
      "TimeDistributed",
      arrays: { config, _ in config.inner("layer").flatMap(KerasArrayPlan.declared) },
      groups: { config in
        config.inner("layer").flatMap { $0.kerasClass?.groups($0) }?.map { "/layer" + $0 }
      }, input: input, read: read)
  ]

  private static let input = KerasClass.InputShape(
    axes: .exactly(3),
    size: { config, arrays in
      config.inner("layer").flatMap { $0.kerasClass?.inputSize($0, arrays) }
    },
    around: { inner in
      // The layer inside sees no timesteps.
      inner.array.map { .array(Array($0.prefix(1)) + [.null] + $0.dropFirst()) }
    })

  private static func read(_ outer: inout KerasLayerReader) -> Layer? {
    outer.options.ignore("layer")
    guard let config = outer.config.inner("layer") else {
      return outer.fail("'\(outer.config.name)' has no layer inside")
    }
    guard config.kerasClass?.standsInside == true else {
      outer.refuse(inside: config)
      return nil
    }
    var reader = KerasLayerReader(
      config, inside: outer, inputShapes: outer.inputShapes.map(timestep))
    let layer = reader.read()
    outer.checkPrecision(reader)
    outer.featureAxis = reader.featureAxis?.distributed
    outer.finish(reader)
    guard let layer else { return nil }
    guard layer.outputCount == 1, !layer.isStateful else {
      outer.refuse(inside: config)
      return nil
    }
    return .timeDistributed(TimeDistributed(layer))
  }

  /// The shape of one timestep of a sequence.
  private static func timestep(_ shape: [Dimension]) -> [Dimension] {
    shape.count > 2 ? [shape[0]] + shape.dropFirst(2) : shape
  }

  func read(_ call: inout KerasNodeReader) {
    guard masks(call.rules, present: []).use == .handedInside, call.masks.first ?? nil != nil else {
      return
    }
    call.refuse(
      "'\(call.config.name)' hands a mask to the layer inside it, which is not supported")
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    let outer = writer.inputShapes
    writer.inputShapes = outer.map(Self.timestep)
    defer { writer.inputShapes = outer }
    guard var form = try writer.form(of: inner, named: "inner") else { return nil }
    guard writer.inputScale == 1 else {
      writer.fail(
        "'\(writer.node.layerName)' applies hard_sigmoid to every timestep, which is another "
          + "function in " + writer.target.reader,
        hint: writer.target.isKeras3
          ? "exact: \(.format("keras2-h5")), or a PyTorch module"
          : "exact: .keras, or a PyTorch module")
      return nil
    }
    form.name = form.className.snakeCased
    return KerasLayerForm(
      className: "TimeDistributed", name: name, children: [.init(option: "layer", form: form)])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    let isNeeded = inner.keras.masks(rules, present: present).use == .needed
    return KerasMasks(use: isNeeded ? .handedInside : .taken, outcome: .passed)
  }
}
