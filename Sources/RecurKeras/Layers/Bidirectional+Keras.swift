import RecurContainers
import RecurModel
import RecurTensors

extension Bidirectional: KerasLayer, KerasCallReading {
  static let classes = [
    KerasClass(
      "Bidirectional", arrays: arrays, groups: groups, input: input, read: read)
  ]

  private static let input: KerasClass.InputShape = {
    var input = KerasClass.InputShape.kernel(.exactly(3))
    input.around = { $0 }
    return input
  }()

  /// The layers that a config declares; Keras makes the backward one of the other unless it is given.
  private static func directions(
    _ config: KerasClass.LayerConfig
  ) -> (forward: KerasClass.LayerConfig, backward: KerasClass.LayerConfig)? {
    config.inner("layer").map { ($0, config.inner("backward_layer") ?? $0) }
  }

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    guard let (forward, backward) = directions(config),
      let own = KerasArrayPlan.declared(forward), let other = KerasArrayPlan.declared(backward)
    else { return nil }
    return KerasArrayPlan(joining: [own, other])
  }

  private static func groups(_ config: KerasClass.LayerConfig) -> [String]? {
    guard let (forward, backward) = directions(config),
      let own = forward.kerasClass?.groups(forward),
      let other = backward.kerasClass?.groups(backward)
    else { return nil }
    return own.map { "/forward_layer" + $0 } + other.map { "/backward_layer" + $0 }
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let config = reader.config
    let mode = reader.options.value("merge_mode") ?? "concat"
    reader.options.ignore("layer", "backward_layer", "weights")
    guard let forwardConfig = config.inner("layer") else {
      return reader.fail("'\(config.name)' has no layer inside")
    }
    guard let forward = direction(forwardConfig, &reader) else { return nil }
    let backward: Recurrent
    if let own = config.inner("backward_layer") {
      guard let read = direction(own, &reader) else { return nil }
      backward = read
    } else {
      guard var read = direction(forwardConfig, &reader) else { return nil }
      // Keras makes the backward layer from the config of the forward layer.
      read.direction = forward.direction == .forward ? .backward : .forward
      backward = read
    }
    guard forward.direction != backward.direction, forward.isStateful == backward.isStateful else {
      return reader.fail(
        "both directions of '\(config.name)' must differ in go_backwards and in no other")
    }
    let mergeMode = mode.string.flatMap(MergeMode.init)
    guard mode.isNull || mergeMode != nil else {
      reader.options.refuse(
        "merge_mode", because: "only concat, sum, mul, ave or null are supported")
      return nil
    }
    return .bidirectional(
      Bidirectional(forward: forward, backward: backward, mergeMode: mergeMode))
  }

  private static func direction(
    _ inner: KerasClass.LayerConfig, _ outer: inout KerasLayerReader
  ) -> Recurrent? {
    guard Recurrent.reads(inner.className) else {
      outer.refuse(inside: inner)
      return nil
    }
    var reader = KerasLayerReader(inner, inside: outer, inputShapes: outer.inputShapes)
    var layer = reader.read()?.recurrents.first
    outer.checkPrecision(reader)
    outer.finish(reader)
    // From tf.keras on, the wrapper decides the output at masked timesteps, whatever the config of
    // the layer says (keras/src/layers/rnn/bidirectional.py, `force_zero_output_for_mask`).
    if !outer.version.isStandalone {
      let zeroes = layer?.returnsSequence == true
      layer?.maskedOutput = zeroes ? .zero : .previous
    }
    return layer
  }

  func read(_ call: inout KerasNodeReader) {
    guard call.node.mask != nil, Recurrent.isUnrolled(call.config.inner("layer")),
      forward.maskedOutput == .zero
    else { return }
    Recurrent.refuseUnrolled(&call)
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard var forward = try forward.form(named: "", inPair: true, &writer),
      var backward = try backward.form(named: "", inPair: true, &writer)
    else { return nil }
    // tf_keras/src/saving/legacy/hdf5_format.py, `convert_nested_bidirectional`: the first half of the
    // arrays is the forward layer's.
    if writer.target == .keras2, forward.allArrays.count != backward.allArrays.count {
      writer.fail(
        "the directions of '\(writer.node.layerName)' have \(forward.allArrays.count) and "
          + "\(backward.allArrays.count) arrays; Keras 2 gives half of them to each",
        hint: "write .keras for Keras 3")
    }
    forward.name = "forward_\(forward.className.snakeCased)"
    backward.name = "backward_\(backward.className.snakeCased)"
    return KerasLayerForm(
      className: "Bidirectional", name: name,
      options: [("merge_mode", mergeMode.map { .string($0.rawValue) } ?? .null)],
      children: [
        .init(option: "layer", group: "forward_layer", form: forward),
        .init(option: "backward_layer", form: backward),
      ], mayMirror: !writer.target.isKeras3)
  }

  /// Both outputs of unmerged directions have the mask (`Bidirectional.compute_mask`).
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(
      use: .needed, outcome: forward.returnsSequence ? .passed : .none, outputCount: outputCount)
  }
}
