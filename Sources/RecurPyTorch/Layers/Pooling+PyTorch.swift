import RecurContainers
import RecurModel
import RecurTensors

// nn.MaxPool1d and its like (torch/nn/modules/pooling.py, 2.13).
extension Pooling: PyTorchExpression {
  static let helpers =
    [Window].helpers + [
      PyTorchHelper("_average_pool", averagePool), PyTorchHelper("_masked_mean", maskedMean),
    ]

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    isMasked ? [PyTorchLimit(what: "pooling \(name) leaves out masked timesteps")] : []
  }

  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .floatingPoint }

  func expression(_ call: PyTorchCall) -> String {
    switch region {
    case .windows(let windows): windowed(call.x, windows)
    case .whole(let axes, let keepsAxes): whole(call, axes, keepsAxes ? "True" : "False")
    }
  }

  private func whole(_ call: PyTorchCall, _ axes: Int, _ keeps: String) -> String {
    let list = pythonSizes(Array(1...axes))
    switch operation {
    case .maximum: return "\(call.x).amax(\(list), keepdim=\(keeps))"
    case .average:
      return call.mask.map { "_masked_mean(\(call.x), \($0), \(keeps))" }
        ?? "\(call.x).mean(\(list), keepdim=\(keeps))"
    }
  }

  private func windowed(_ x: String, _ windows: [Window]) -> String {
    let (size, stride) = (
      pythonSizes(windows.map(\.size)), pythonSizes(windows.map(\.stride))
    )
    let amount = windows.paddingAmount(x)
    switch operation {
    case .average:
      if let amount { return "_average_pool(\(x), \(size), \(stride), \(amount))" }
      return channelsBehindBatch(x, axes: windows.count) {
        "F.avg_pool\(windows.count)d(\($0), \(size), \(stride))"
      }
    case .maximum:
      let padded = amount.map { "F.pad(\(x), \($0), value=-math.inf)" } ?? x
      let dilations = windows.map(\.dilation)
      let dilation =
        dilations.allSatisfy { $0 == 1 } ? "" : ", dilation=\(pythonSizes(dilations))"
      return channelsBehindBatch(padded, axes: windows.count) {
        "F.max_pool\(windows.count)d(\($0), \(size), \(stride)\(dilation))"
      }
    }
  }

  private static let averagePool = """
    def _average_pool(x, size, stride, padding):
        \"\"\"Means of windows along the inner axes, without what lies beyond the ends.\"\"\"
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[x.dim() - 3]
        x, ones = F.pad(x, padding), F.pad(torch.ones_like(x), padding)
        sums, counts = (pool(s.movedim(-1, 1), size, stride) for s in (x, ones))
        return (sums / counts).movedim(1, -1)
    """

  private static let maskedMean = """
    def _masked_mean(x, mask, keepdim):
        \"\"\"The mean of the timesteps that count.\"\"\"
        counts = mask.unsqueeze(-1).to(x.dtype)
        return (x * counts).sum(1, keepdim) / counts.sum(1, keepdim)
    """

  // MARK: declared modules

  static let classes = (1...3).flatMap { axes in
    [
      windowed("nn.MaxPool\(axes)d", .maximum, axes),
      windowed("nn.AvgPool\(axes)d", .average, axes),
      adaptive("nn.AdaptiveMaxPool\(axes)d", .maximum, axes),
      adaptive("nn.AdaptiveAvgPool\(axes)d", .average, axes),
    ]
  }

  private static func windowed(
    _ name: String, _ operation: Operation, _ axes: Int
  ) -> PyTorchClass {
    PyTorchClass(
      name,
      words: [
        "kernel_size": nil, "stride": nil, "padding": 0, "dilation": 1, "ceil_mode": false,
        "count_include_pad": true, "return_indices": false,
      ],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0) },
      read: { reader, model, _ in
        if let function = function(&reader, name, operation, axes) { return function }
        guard let sizes = reader.options.sizes("kernel_size", axes) else {
          model.report(.pytorchDeclarationInvalid, "\(name) needs 'kernel_size'")
          return nil
        }
        let strides = reader.options.sizes("stride", axes) ?? sizes
        let pads = reader.options.amounts("padding", axes)
        var dilations = sizes.map { _ in 1 }
        if operation == .maximum {
          dilations = reader.options.sizes("dilation", axes) ?? dilations
          if reader.options.bool("return_indices") == true {
            reader.options.refuse("return_indices", "only false is")
          }
        }
        _ = reader.options.bool("ceil_mode")
        guard (sizes + strides + dilations).allSatisfy({ $0 > 0 && $0 < 1 << 31 }) else {
          model.report(
            .pytorchDeclarationInvalid,
            "\(name) can't have kernel size \(pythonSizes(sizes)), stride "
              + "\(pythonSizes(strides)) and dilation \(pythonSizes(dilations))")
          return nil
        }
        // A mean in which padding counts is one over an input with zeros around it.
        var countsPadding = false
        if operation == .average {
          countsPadding = reader.options.bool("count_include_pad") ?? true
          _ = reader.options.value("divisor_override")
        }
        let windows = sizes.indices.map { axis in
          Window(
            size: sizes[axis], stride: strides[axis], dilation: dilations[axis],
            padding: countsPadding || pads[axis] == 0
              ? .valid : .explicit(before: pads[axis], after: pads[axis]))
        }
        return .layer(
          .pooling(Pooling(operation: operation, region: .windows(windows))),
          .channelsSecond(pads: countsPadding ? pads : pads.map { _ in 0 }))
      })
  }

  /// The module as a function, where the number of windows depends on the extent.
  private static func function(
    _ reader: inout PyTorchModuleReader, _ name: String, _ operation: Operation, _ axes: Int
  ) -> PyTorchModuleReader.Module? {
    let options = reader.options.layer.options
    guard options["ceil_mode"]?.bool == true || options["divisor_override"]?.integer != nil,
      reader.options.bool("return_indices") != true
    else { return nil }
    var keywords: [(name: String, value: PyTorchArgument)] = []
    for word in ["kernel_size", "stride", "padding"] + (operation == .maximum ? ["dilation"] : []) {
      guard let sizes = reader.options.sizes(word, axes) else { continue }
      keywords.append((word, .list(sizes.map { .integer($0) })))
    }
    keywords.append(("ceil_mode", .bool(reader.options.bool("ceil_mode") ?? false)))
    if operation == .average {
      keywords.append(
        ("count_include_pad", .bool(reader.options.bool("count_include_pad") ?? true)))
      if let divisor = reader.options.integer("divisor_override") {
        keywords.append(("divisor_override", .integer(divisor)))
      }
    }
    return .function("\(operation == .maximum ? "max" : "avg")_pool\(axes)d", keywords)
  }

  private static func adaptive(
    _ name: String, _ operation: Operation, _ axes: Int
  ) -> PyTorchClass {
    PyTorchClass(
      name, words: ["output_size": nil, "return_indices": false],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0) },
      read: { reader, _, _ in
        let sizes = reader.options.sizes("output_size", axes)
        if operation == .maximum, reader.options.bool("return_indices") == true {
          reader.options.refuse("return_indices", "only false is")
        }
        guard sizes?.allSatisfy({ $0 == 1 }) == true else {
          guard let sizes else {
            reader.options.refuse("output_size", "whole numbers are")
            return nil
          }
          let word = operation == .maximum ? "max" : "avg"
          return .function(
            "adaptive_\(word)_pool\(axes)d",
            [("output_size", .list(sizes.map { .integer($0) }))])
        }
        return .layer(
          .pooling(Pooling(operation: operation, region: .whole(axes: axes, keepsAxes: true))),
          .channelsSecond(pads: []))
      })
  }
}
