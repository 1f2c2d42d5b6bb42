import RecurContainers
import RecurModel
import RecurTensors

extension SeparableConvolution: KerasLayer {
  static let classes = (1...2).map { axes in
    KerasClass(
      "SeparableConv\(axes)D",
      generation1: .init(
        names: ["SeparableConvolution\(axes)D"],
        options: [
          "nb_filter": "filters", "subsample": "strides", "dim_ordering": "data_format",
        ]), arrays: arrays
    ) { read(&$0, axes: axes) }
  }

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(
      ["depthwise_kernel", "pointwise_kernel"]
        + (options.bool("use_bias", default: true) ? ["bias"] : []))
  }

  private static func read(_ reader: inout KerasLayerReader, axes: Int) -> Layer? {
    for option in ["initializer", "regularizer", "constraint"] {
      reader.options.ignore("depthwise_\(option)", "pointwise_\(option)")
    }
    let filters = reader.options.size("filters")
    let multiplier = reader.options.sizes("depth_multiplier", default: 1)?[0]
    reader.options.only("groups", 1)
    reader.readDataFormat()
    reader.refuseTheanoKernel()
    let activation = reader.options.activation("activation", reader.version)
    let geometry = reader.readConvolutionWindows(axes)
    let hasBias = reader.plan().has("bias")
    guard let filters, let multiplier, let windows = geometry else { return nil }
    let one = [Int?](repeating: 1, count: axes)
    guard
      let kernel = reader.takeKernel(
        "depthwise_kernel", windows.sizes + [reader.inputSize, multiplier]),
      let mixture = reader.takeKernel(
        "pointwise_kernel", one + [kernel.shape[axes] * multiplier, filters])
    else { return nil }
    let bias = hasBias ? reader.take("bias", [filters]) : nil
    guard bias != nil || !hasBias, let own = kernel.depthwiseOutputsFirst else { return nil }
    return .separableConvolution(
      SeparableConvolution(
        depthwise: Convolution(
          kernel: own, bias: nil, activation: .linear, strides: windows.strides,
          dilations: windows.dilations, paddings: windows.sizes.map { _ in windows.padding },
          groups: kernel.shape[axes], isDepthwise: true),
        pointwise: Convolution(
          kernel: mixture.withOutputsFirst, bias: bias, activation: activation, stride: 1,
          dilation: 1, groups: 1, padding: .valid)))
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard
      let windows = writer.windowOptions(
        depthwise.windows, size: "kernel_size", hasDilation: true),
      let activation = writer.activation(pointwise.activation)
    else { return nil }
    let axes = depthwise.strides.count
    guard axes < 3 else {
      writer.fail(
        "'\(writer.node.layerName)' is a separable convolution over \(axes) axes; "
          + "\(writer.target.reader) has them over one and two")
      return nil
    }
    var arrays = try writer.linear(
      pointwise.kernel, pointwise.bias, scale: activation.inputScale)
    arrays[0].name = "pointwise_kernel"
    let first = KerasArrayForm(
      name: "depthwise_kernel",
      tensor: try depthwise.kernel.depthwiseOutputsLast(channels: depthwise.inputSize),
      parts: [depthwise.kernel])
    let multiplier = depthwise.outputSize / depthwise.inputSize
    return KerasLayerForm(
      className: "SeparableConv\(axes)D", name: name,
      options: [
        ("filters", .integer(pointwise.outputSize)), ("depth_multiplier", .integer(multiplier)),
      ] + windows + [
        ("activation", activation.value), ("use_bias", .bool(pointwise.bias != nil)),
      ], arrays: [first] + arrays)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
