import RecurContainers
import RecurModel
import RecurTensors

// Layers that move windows along axes.
extension Convolution {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [try declare(call.x, call, key: call.key, named: call.node.name, &writer)]
  }

  /// The modules of the layer on a value with this name.
  func declare(
    _ x: String, _ call: PyTorchDeclaredCall, key: String, named name: String,
    _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> String {
    let margins = try windows.margins(call.shapes[0])
    func list(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }
    var options: PyTorchDeclarationWriter.Options = [
      ("in_channels", .integer(inputSize)), ("out_channels", .integer(outputSize)),
      ("kernel_size", list(kernelSizes)), ("stride", list(strides)),
      ("dilation", list(dilations)), ("groups", .integer(groups)),
    ]
    if bias == nil { options.append(("bias", false)) }
    let axes = strides.count
    let y = writer.channelsSecond(x, rank: axes + 2, named: name) { writer, x in
      writer.module(
        "nn.Conv\(axes)d", key: key, [writer.padded(x, margins, named: name)], named: name,
        options)
    }
    return try writer.activation(activation, y, named: "\(name).activation")
  }
}

extension SeparableConvolution {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    let first = try depthwise.declare(
      call.x, call, key: StateDictKeys.joined(call.key, "depthwise"), named: "\(name).depthwise",
      &writer)
    guard pointwise.windows.allSatisfy({ $0.size == 1 && $0.stride == 1 }) else {
      throw .hasNoWords
    }
    return [
      try pointwise.declare(
        first, call, key: StateDictKeys.joined(call.key, "pointwise"), named: "\(name).pointwise",
        &writer)
    ]
  }
}

extension TransposedConvolution {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    // torch cuts as much at both ends, less its output padding at the second one.
    let more = cuts.map { $0.before - $0.after }
    let isPlain = zip(more, zip(strides, dilations)).allSatisfy { extra, steps in
      extra >= 0 && extra < max(steps.0, steps.1)
    }
    func list(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }
    let (name, axes) = (call.node.name, strides.count)
    var options: PyTorchDeclarationWriter.Options = [
      ("in_channels", .integer(inputSize)), ("out_channels", .integer(outputSize)),
      ("kernel_size", list(kernelSizes)), ("stride", list(strides)),
      ("dilation", list(dilations)), ("groups", .integer(groups)),
      ("padding", list(isPlain ? cuts.map(\.before) : cuts.map { _ in 0 })),
      ("output_padding", list(isPlain ? more : cuts.map { _ in 0 })),
    ]
    if bias == nil { options.append(("bias", false)) }
    guard isPlain || cuts.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) else {
      throw PyTorchFunctionProblem("positions behind the last window stay empty")
    }
    let y = writer.channelsSecond(call.x, rank: axes + 2, named: name) { writer, x in
      let y = writer.module("nn.ConvTranspose\(axes)d", key: call.key, [x], named: name, options)
      guard !isPlain else { return y }
      let amounts = cuts.reversed().flatMap { [-$0.before, -$0.after] }
      return writer.add("F.pad", y, named: "\(name).cut", [("pad", list(amounts))])
    }
    return [try writer.activation(activation, y, named: "\(name).activation")]
  }
}

extension Pooling {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let (name, isMaximum) = (call.node.name, operation == .maximum)
    func list(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }
    switch region {
    case .whole(let axes, let keepsAxes):
      return [
        writer.add(
          isMaximum ? "torch.amax" : "torch.mean", call.x, named: name,
          [("dim", list(Array(1...axes))), ("keepdim", .bool(keepsAxes))])
      ]
    case .windows(let windows):
      let margins = try windows.margins(call.shapes[0])
      let axes = windows.count
      let isEven = zip(margins, windows).allSatisfy {
        $0.before == $0.after && $0.before * 2 <= $1.size
      }
      guard isEven || isMaximum else {
        throw PyTorchFunctionProblem("its mean leaves out padding that differs at both ends")
      }
      var options: PyTorchDeclarationWriter.Options = [
        ("kernel_size", list(windows.map(\.size))), ("stride", list(windows.map(\.stride))),
      ]
      if isEven { options.append(("padding", list(margins.map(\.before)))) }
      if isMaximum {
        options.append(("dilation", list(windows.map(\.dilation))))
      } else {
        options.append(("count_include_pad", false))
      }
      let y = writer.channelsSecond(call.x, rank: axes + 2, named: name) { writer, x in
        var x = x
        if !isEven {
          x = writer.add(
            "F.pad", x, named: "\(name).padding",
            [
              ("pad", list(margins.reversed().flatMap { [$0.before, $0.after] })),
              ("value", .number(-Double.greatestFiniteMagnitude)),
            ])
        }
        return writer.add(
          "nn.\(isMaximum ? "Max" : "Avg")Pool\(axes)d", x, named: name, options)
      }
      return [y]
    }
  }
}

extension [Window] {
  /// The positions that are added at both ends of each axis.
  fileprivate func margins(
    _ shape: [Dimension]
  ) throws(PyTorchFunctionProblem) -> [Reshaping.Margin] {
    var margins: [Reshaping.Margin] = []
    for (axis, window) in enumerated() {
      switch window.padding {
      case .valid: margins.append(Reshaping.Margin(0, 0))
      case .causal: margins.append(Reshaping.Margin(window.span - 1, 0))
      case .explicit(let before, let after): margins.append(Reshaping.Margin(before, after))
      case .same:
        let extent = shape.indices.contains(axis + 1) ? shape[axis + 1].value : nil
        guard extent != nil || window.stride == 1 else {
          throw PyTorchFunctionProblem("its padding follows from an extent that is free")
        }
        let own = extent ?? 1
        let count = (own + window.stride - 1) / window.stride
        let missing =
          extent == nil
          ? window.span - 1 : Swift.max((count - 1) * window.stride + window.span - own, 0)
        margins.append(Reshaping.Margin(missing / 2, missing - missing / 2))
      }
    }
    return margins
  }
}

extension PyTorchDeclarationWriter {
  /// Zeros around the axes behind batch and channels.
  mutating func padded(_ x: String, _ margins: [Reshaping.Margin], named name: String) -> String {
    guard margins.contains(where: { $0.total > 0 }) else { return x }
    let amounts = margins.reversed().flatMap { [$0.before, $0.after] }
    return add(
      "F.pad", x, named: "\(name).padding", [("pad", .array(amounts.map { .integer($0) }))])
  }

  /// The shape of the first output of a layer.
  func shape(of call: PyTorchDeclaredCall) throws(PyTorchFunctionProblem) -> [Dimension] {
    guard let shape = outputShape(call.node) else {
      throw PyTorchFunctionProblem("its shape is not known")
    }
    return shape
  }
}
