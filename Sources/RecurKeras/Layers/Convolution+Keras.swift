import RecurContainers
import RecurModel
import RecurTensors

extension Convolution: KerasLayer {
  static let classes =
    (1...3).map { axes in
      KerasClass(
        "Conv\(axes)D", generation1: generation1(axes), arrays: arrays, input: input(axes),
        told: { _, arrays in
          guard let kernel = arrays.first, kernel.count == axes + 2 else { return [] }
          return [
            ("filters", .integer(kernel[axes + 1])),
            ("kernel_size", .array(kernel[..<axes].map { .integer($0) })),
          ]
        }
      ) {
        read(&$0, axes: axes)
      }
    }
    + (1...2).map { axes in
      KerasClass("DepthwiseConv\(axes)D", arrays: arrays, input: input(axes)) {
        readDepthwise(&$0, axes: axes)
      }
    }

  /// The channels stand before the last axis of the kernel; each group reads a part of the channels.
  private static func input(_ axes: Int) -> KerasClass.InputShape {
    KerasClass.InputShape(
      axes: .exactly(axes + 2),
      size: { config, arrays in
        guard let kernel = arrays.first, kernel.count > 1,
          config.options["data_format"]?.string != "channels_first"
        else { return nil }
        let (size, overflow) = kernel[kernel.count - 2].multipliedReportingOverflow(
          by: config.options["groups"]?.integer ?? 1)
        return overflow ? nil : size
      })
  }

  private static func generation1(_ axes: Int) -> KerasClass.Generation1 {
    KerasClass.Generation1(
      names: axes < 3
        ? ["Convolution\(axes)D", "AtrousConvolution\(axes)D"] : ["Convolution\(axes)D"],
      options: [
        "nb_filter": "filters", "filter_length": "kernel_size", "subsample_length": "strides",
        "subsample": "strides", "atrous_rate": "dilation_rate", "dim_ordering": "data_format",
      ])
  }

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(["kernel"] + (options.bool("use_bias", default: true) ? ["bias"] : []))
  }

  /// Reads windows, bias and activation: what both classes have; the kernel is read by the caller.
  private static func geometry(
    _ reader: inout KerasLayerReader, axes: Int
  ) -> (KerasWindows, Activation)? {
    reader.readDataFormat()
    reader.refuseTheanoKernel()
    let activation = reader.options.activation("activation", reader.version)
    guard let windows = reader.readConvolutionWindows(axes) else { return nil }
    return (windows, activation)
  }

  private static func read(_ reader: inout KerasLayerReader, axes: Int) -> Layer? {
    let filters = reader.options.size("filters")
    let groups = reader.options.sizes("groups", default: 1)?[0]
    let geometry = geometry(&reader, axes: axes)
    let hasBias = reader.plan().has("bias")
    guard let filters, let groups, let (windows, activation) = geometry else { return nil }
    let (name, channels) = (reader.config.name, reader.inputSize)
    guard filters % groups == 0, channels.map({ $0 % groups == 0 }) ?? true else {
      return reader.fail("the channels of '\(name)' can't be split into \(groups) groups")
    }
    let shape: [Int?] = windows.sizes + [channels.map { $0 / groups }, filters]
    guard let kernel = reader.takeKernel("kernel", shape) else { return nil }
    let bias = hasBias ? reader.take("bias", [filters]) : nil
    guard bias != nil || !hasBias else { return nil }
    return .convolution(
      Convolution(
        kernel: kernel.withOutputsFirst, bias: bias, activation: activation,
        strides: windows.strides, dilations: windows.dilations,
        paddings: windows.sizes.map { _ in windows.padding }, groups: groups))
  }

  private static func readDepthwise(_ reader: inout KerasLayerReader, axes: Int) -> Layer? {
    let multiplier = reader.options.sizes("depth_multiplier", default: 1)?[0]
    // tf.keras hands these options of the class above on.
    reader.options.ignore(
      "depthwise_initializer", "depthwise_regularizer", "depthwise_constraint", "filters")
    reader.options.only("groups", 1)
    let geometry = geometry(&reader, axes: axes)
    let hasBias = reader.plan().has("bias")
    guard let multiplier, let (windows, activation) = geometry else { return nil }
    let shape: [Int?] = windows.sizes + [reader.inputSize, multiplier]
    guard let kernel = reader.takeKernel("depthwise_kernel", shape) else { return nil }
    let channels = kernel.shape[axes]
    let bias = hasBias ? reader.take("bias", [channels * multiplier]) : nil
    guard bias != nil || !hasBias, let own = kernel.depthwiseOutputsFirst else { return nil }
    return .convolution(
      Convolution(
        kernel: own, bias: bias, activation: activation, strides: windows.strides,
        dilations: windows.dilations, paddings: windows.sizes.map { _ in windows.padding },
        groups: channels, isDepthwise: true))
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard let windows = writer.windowOptions(windows, size: "kernel_size", hasDilation: true),
      let activation = writer.activation(activation)
    else { return nil }
    let axes = strides.count
    let last: [(name: String, value: JSONValue)] = [
      ("activation", activation.value), ("use_bias", .bool(bias != nil)),
    ]
    guard isDepthwise, axes < 3 else {
      var options = [(name: "filters", value: JSONValue.integer(outputSize))] + windows
      // tf.keras has groups from 2.3 on.
      if groups != 1 || writer.target.isKeras3 { options.append(("groups", .integer(groups))) }
      return KerasLayerForm(
        className: "Conv\(axes)D", name: name, options: options + last,
        arrays: try writer.linear(kernel, bias, scale: activation.inputScale))
    }
    var arrays = try writer.linear(kernel, bias, scale: activation.inputScale)
    arrays[0].tensor = try kernel.scaled(by: activation.inputScale)
      .depthwiseOutputsLast(channels: inputSize)
    return KerasLayerForm(
      className: "DepthwiseConv\(axes)D", name: name,
      options: [("depth_multiplier", .integer(outputSize / inputSize))] + windows + last,
      arrays: arrays)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}

extension Tensor {
  /// A kernel `[sizes…, in, out]` as `[out, in, sizes…]`.
  var withOutputsFirst: Tensor {
    permuted([rank - 1, rank - 2] + Array(0..<rank - 2))
  }

  /// A kernel `[out, in, sizes…]` as `[sizes…, in, out]`.
  var withOutputsLast: Tensor { permuted(Array(2..<rank) + [1, 0]) }

  /// A kernel `[sizes…, in, multiplier]` as `[in·multiplier, 1, sizes…]`; nil for one that can't be
  /// copied.
  var depthwiseOutputsFirst: Tensor? {
    let order = [rank - 2, rank - 1] + Array(0..<rank - 2)
    let shape = [shape[rank - 2] * shape[rank - 1], 1] + shape.dropLast(2)
    return try? permuted(order).reshaped(shape)
  }

  /// The inverse of ``depthwiseOutputsFirst``.
  ///
  /// - Throws: `bytes.limit-exceeded` for a kernel that can't be copied.
  func depthwiseOutputsLast(channels: Int) throws(CheckpointError) -> Tensor {
    let sizes = Array(shape.dropFirst(2))
    let split = try reshaped([channels, shape[0] / channels] + sizes)
    return split.permuted(Array(2..<rank) + [0, 1])
  }
}
