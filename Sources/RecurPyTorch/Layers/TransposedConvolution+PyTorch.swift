import RecurContainers
import RecurModel
import RecurTensors

// nn.ConvTranspose1d and its like (torch/nn/modules/conv.py, 2.13).
extension TransposedConvolution: PyTorchLayer {
  /// The names of its parameters.
  private enum Key {
    static let kernel = "weight"
    static let bias = "bias"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&kernel, keys.key(Key.kernel))
    try visitor.visit(&bias, keys.key(Key.bias))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }

  func leftToCode(_ name: String) -> [String] {
    [
      "transposed convolution \(name) has its channels last, stride \(pythonSizes(strides)), "
        + "dilation \(pythonSizes(dilations)) and \(groups) groups, and cuts off "
        + cuts.map { "\($0.before) and \($0.after)" }.joined(separator: ", ")
    ] + activation.leftToCode(by: "transposed convolution \(name)")
  }

  // MARK: generated code

  var operands: PyTorchOperands { .floatingPoint }

  /// What torch cuts off both ends alike.
  private var pads: [Int] { cuts.map { max(min($0.before, $0.after), 0) } }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    func option(_ name: String, _ values: [Int], usual: Int) -> String? {
      values.allSatisfy { $0 == usual } ? nil : "\(name)=\(pythonSizes(values))"
    }
    return construction.call(
      "nn.ConvTranspose\(strides.count)d",
      [
        "\(inputSize)", "\(outputSize)", pythonSizes(kernelSizes),
        option("stride", strides, usual: 1), option("padding", pads, usual: 0),
        option("groups", [groups], usual: 1), construction.bias(bias != nil),
        option("dilation", dilations, usual: 1),
      ])
  }

  /// Ends that torch does not cut are cut afterwards; positions that no window reaches are the bias.
  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    let rests = zip(cuts, pads).map { ($0.before - $1, $0.after - $1) }
    let isPlain = rests.allSatisfy { $0 == (0, 0) }
    let needsMore = rests.contains { $0.1 < 0 }
    let y = channelsBehindBatch(call.x, axes: strides.count) { x in
      guard !isPlain else { return "\(call.module)(\(x))" }
      guard !needsMore else {
        let list = rests.map { "(\($0.0), \($0.1))" }.joined(separator: ", ")
        return "_spread(\(call.module), \(x), (\(list),))"
      }
      let slices = rests.map { before, after in
        "\(before == 0 ? "" : "\(before)"):\(after == 0 ? "" : "-\(after)")"
      }
      return "\(call.module)(\(x))[:, :, \(slices.joined(separator: ", "))]"
    }
    return call.assigning(PyTorchActivations.call(activation, y))
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    activation == .linear ? [] : [activation]
  }

  static let helpers = [PyTorchHelper("_spread", spread)]

  private static let spread = """
    def _spread(layer, x, cuts):
        \"\"\"A transposed convolution cut at both ends; a negative cut adds positions of the bias.\"\"\"
        y = layer(x)
        amounts = [amount for before, after in reversed(cuts) for amount in (-before, -after)]
        if layer.bias is None:
            return F.pad(y, amounts)
        bias = layer.bias.view(1, -1, *(1 for _ in cuts))
        return F.pad(y - bias, amounts) + bias
    """

  // MARK: declared modules

  static let classes = (1...3).map { axes in
    PyTorchClass(
      "nn.ConvTranspose\(axes)d", parameters: [Key.kernel, Key.bias],
      words: [
        "stride": .array([JSONValue](repeating: 1, count: axes)),
        "padding": .array([JSONValue](repeating: 0, count: axes)),
        "output_padding": .array([JSONValue](repeating: 0, count: axes)),
        "dilation": .array([JSONValue](repeating: 1, count: axes)), "groups": 1,
        "padding_mode": "zeros",
      ],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0) },
      read: { reader, model, _ in read(&reader, &model, axes: axes) })
  }

  private static func read(
    _ reader: inout PyTorchModuleReader, _ model: inout PyTorchModelReader, axes: Int
  ) -> PyTorchModuleReader.Module? {
    let activation = reader.channelActivation()
    let strides = reader.options.sizes("stride", axes) ?? [Int](repeating: 1, count: axes)
    let dilations = reader.options.sizes("dilation", axes) ?? [Int](repeating: 1, count: axes)
    let groups = reader.options.size("groups") ?? 1
    let pads = reader.options.amounts("padding", axes)
    let more = reader.options.amounts("output_padding", axes)
    _ = reader.options.word("padding_mode", ["zeros"])
    guard let kernel = reader.tensor(Key.kernel, rank: axes + 2, &model) else { return nil }
    guard (strides + dilations + [groups]).allSatisfy({ $0 > 0 }), kernel.shape[0] % groups == 0
    else {
      model.report(
        .pytorchDeclarationInvalid,
        "\(reader.options.layer.type) '\(reader.name)' can't have stride \(pythonSizes(strides)), "
          + "dilation \(pythonSizes(dilations)) and \(groups) groups", at: kernel.location)
      return nil
    }
    reader.check("in_channels", kernel.shape[0], kernel)
    reader.check("out_channels", kernel.shape[1] * groups, kernel)
    reader.check("kernel_size", Array(kernel.shape.dropFirst(2)), kernel)
    reader.check("bias", model.has(reader.key(Key.bias)), kernel, default: true)
    reader.setInput([nil, kernel.shape[0]] + [Int?](repeating: nil, count: axes))
    return .layer(
      .transposedConvolution(
        TransposedConvolution(
          kernel: kernel, bias: model.optional(reader.key(Key.bias)), activation: activation,
          strides: strides, dilations: dilations,
          cuts: zip(pads, more).map { Reshaping.Margin($0, $0 - $1) }, groups: groups)),
      .channelsSecond(pads: []))
  }
}
