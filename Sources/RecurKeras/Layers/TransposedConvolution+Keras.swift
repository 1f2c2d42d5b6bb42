import RecurContainers
import RecurModel
import RecurTensors

extension TransposedConvolution: KerasLayer {
  static let classes = (1...3).map { axes in
    KerasClass("Conv\(axes)DTranspose", arrays: arrays) { read(&$0, axes: axes) }
  }

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(["kernel"] + (options.bool("use_bias", default: true) ? ["bias"] : []))
  }

  private static func read(_ reader: inout KerasLayerReader, axes: Int) -> Layer? {
    let filters = reader.options.size("filters")
    // tf.keras hands the option of the class above on.
    reader.options.only("groups", 1)
    reader.readDataFormat()
    let activation = reader.options.activation("activation", reader.version)
    let more = reader.options.optionalSizes("output_padding", count: axes)
    let geometry = reader.readConvolutionWindows(axes)
    let hasBias = reader.plan().has("bias")
    guard let filters, let windows = geometry else { return nil }
    guard windows.strides.allSatisfy({ $0 == 1 }) || windows.dilations.allSatisfy({ $0 == 1 })
    else {
      return reader.fail(
        "'\(reader.config.name)' has strides and a dilation_rate above 1, which Keras refuses")
    }
    guard
      let kernel = reader.takeKernel("kernel", windows.sizes + [filters, reader.inputSize])
    else { return nil }
    let bias = hasBias ? reader.take("bias", [filters]) : nil
    guard bias != nil || !hasBias else { return nil }
    return .transposedConvolution(
      TransposedConvolution(
        kernel: kernel.withOutputsFirst, bias: bias, activation: activation,
        strides: windows.strides, dilations: windows.dilations,
        cuts: windows.windows.enumerated().map { cut($1, more: more?[$0]) }, groups: 1))
  }

  /// What is cut off a result (keras/src/utils/argument_validation.py and keras/src/backend/common/
  /// backend_utils.py, `compute_conv_transpose_output_length`; TensorFlow's `SAME`).
  ///
  /// - Parameters:
  ///   - window: the windows along one axis.
  ///   - more: the option `output_padding`.
  /// - Returns: the margin.
  private static func cut(_ window: Window, more: Int?) -> Reshaping.Margin {
    let isSame = window.padding == .same
    let (span, stride) = (window.span, window.stride)
    let total: Int
    if let more {
      total = (isSame ? 2 * (span / 2) : 0) - more
    } else {
      total = isSame ? span - stride : min(span - stride, 0)
    }
    let before = isSame ? max(total, 0) / 2 : 0
    return Reshaping.Margin(before, total - before)
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard groups == 1, let padding = kerasPadding() else {
      writer.fail(
        groups == 1
          ? "'\(writer.node.layerName)' cuts its result in a way that no padding of "
            + "\(writer.target.reader) does"
          : "'\(writer.node.layerName)' has \(groups) groups; transposed convolutions of "
            + "\(writer.target.reader) have one",
        found: cuts.map { "\($0.before) and \($0.after)" }.joined(separator: ", "),
        hint: "write .pt or .safetensors, or a PyTorch module")
      return nil
    }
    var own = windows
    for axis in own.indices { own[axis].padding = padding.word }
    guard let options = writer.windowOptions(own, size: "kernel_size", hasDilation: true),
      let activation = writer.activation(activation)
    else { return nil }
    var arrays = try writer.linear(
      kernel.exchangingFirstAxes(), bias, scale: activation.inputScale)
    arrays[0].tensor = try kernel.scaled(by: activation.inputScale).withOutputsLast
    let axes = strides.count
    return KerasLayerForm(
      className: "Conv\(axes)DTranspose", name: name,
      options: [("filters", .integer(outputSize))] + options + [
        ("output_padding", padding.more.map { .array($0.map { .integer($0) }) } ?? .null),
        ("activation", activation.value), ("use_bias", .bool(bias != nil)),
      ], arrays: arrays)
  }

  /// The padding and output padding with which Keras cuts as this layer does; nil for none.
  private func kerasPadding() -> (word: Padding, more: [Int]?)? {
    for word in [Padding.valid, .same] {
      let own = windows.map {
        Window(size: $0.size, stride: $0.stride, dilation: $0.dilation, padding: word)
      }
      if own.map({ Self.cut($0, more: nil) }) == cuts { return (word, nil) }
      let more = own.indices.map { axis in
        Self.cut(own[axis], more: 0).total - cuts[axis].total
      }
      // Keras takes numbers below the stride (`output_padding`).
      guard zip(more, strides).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
      let given = own.indices.map { Self.cut(own[$0], more: more[$0]) }
      // TensorFlow refuses lengths that would not give back the input's.
      if given == cuts, word == .valid || kernelSizes.allSatisfy({ $0 % 2 == 1 }) {
        return (word, more)
      }
    }
    return nil
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}

extension KerasOptions {
  /// One whole number per axis, or nil for null or none.
  fileprivate mutating func optionalSizes(_ name: String, count: Int) -> [Int]? {
    guard let found = value(name), !found.isNull else { return nil }
    let numbers =
      found.integer.map { [Int](repeating: $0, count: count) }
      ?? found.array?.compactMap(\.integer) ?? []
    guard numbers.count == count, numbers.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }) else {
      refuse(name, because: "whole numbers belong there")
      return nil
    }
    return numbers
  }
}
