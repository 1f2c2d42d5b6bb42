import RecurModel
import RecurTensors

// Largest elements and means of windows.
extension PyTorchFunctions {
  /// Pooling over windows, and over parts of equal number.
  static let pooling: [PyTorchFunction] = windows + others

  private static let windows: [PyTorchFunction] = (1...3).flatMap { axes in
    [
      PyTorchFunction(
        "max_pool\(axes)d(self, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, "
          + "return_indices=False)"
      ) { call throws(PyTorchFunctionProblem) in
        guard try !call.flag("return_indices") else {
          throw PyTorchFunctionProblem("the positions of largest elements are not supported")
        }
        return try call.pooled(.maximum, axes)
      },
      PyTorchFunction(
        "avg_pool\(axes)d(self, kernel_size, stride=None, padding=0, ceil_mode=False, "
          + "count_include_pad=True, divisor_override=None)"
      ) { call throws(PyTorchFunctionProblem) in
        try call.pooled(.average, axes)
      },
      PyTorchFunction("adaptive_max_pool\(axes)d(self, output_size, return_indices=False)") {
        call throws(PyTorchFunctionProblem) in
        guard try !call.flag("return_indices") else {
          throw PyTorchFunctionProblem("the positions of largest elements are not supported")
        }
        return .tensor(try call.adaptive(.maximum, axes))
      },
      PyTorchFunction("adaptive_avg_pool\(axes)d(self, output_size)") {
        call throws(PyTorchFunctionProblem) in
        .tensor(try call.adaptive(.average, axes))
      },
    ]
  }

  private static let others: [PyTorchFunction] = [
    PyTorchFunction(
      "interpolate(self, size=None, scale_factor=None, mode=nearest, align_corners=None, "
        + "recompute_scale_factor=None, antialias=False)"
    ) { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axes = try call.rank(x) - 2
      guard try call.word("mode") == "nearest", 1...3 ~= axes else {
        throw PyTorchFunctionProblem("only the mode \"nearest\" is supported")
      }
      var factors: [Int] = []
      if call["scale_factor"].isNone {
        let sizes = try call.perAxis("size", axes)
        for (axis, size) in sizes.enumerated() {
          let extent = try call.extent(x, axis + 2)
          guard extent > 0, size > 0, size % extent == 0 else {
            throw call.wrong("size", "a multiple of \(extent)")
          }
          factors.append(size / extent)
        }
      } else {
        let given = call["scale_factor"].list?.map(\.number) ?? [call["scale_factor"].number]
        let all = given.count == 1 ? [Double?](repeating: given[0], count: axes) : given
        factors = all.compactMap { $0.flatMap { Int(exactly: $0) } }
      }
      guard factors.count == axes, factors.allSatisfy({ 1..<1 << 20 ~= $0 }) else {
        throw call.wrong("scale_factor", "whole numbers")
      }
      let layer = Layer.reshaping(.upsample(factors))
      return .tensor(
        try call.channelsLast(x, axes) { call, x throws(PyTorchFunctionProblem) in
          try call.add(layer, x)
        })
    }
  ]
}

extension PyTorchFunctionCall {
  /// Pooling over windows of torch's arguments.
  fileprivate mutating func pooled(
    _ operation: Pooling.Operation, _ axes: Int
  ) throws(PyTorchFunctionProblem) -> PyTorchArgument {
    let x = try tensor("self")
    let sizes = try perAxis("kernel_size", axes)
    let hasStride = !self["stride"].isNone && self["stride"].list?.isEmpty != true
    let strides = hasStride ? try perAxis("stride", axes) : sizes
    let pads = try perAxis("padding", axes)
    let dilations =
      operation == .maximum ? try perAxis("dilation", axes) : [Int](repeating: 1, count: axes)
    guard (sizes + strides + dilations).allSatisfy({ 1..<1 << 20 ~= $0 }),
      pads.allSatisfy({ 0...(1 << 20) ~= $0 })
    else { throw PyTorchFunctionProblem("its sizes, strides, padding or dilations are not valid") }
    let isCeiling = try flag("ceil_mode")
    // A sum is a mean of all elements, padding among them, times their number.
    let hasDivisor = operation == .average && !self["divisor_override"].isNone
    let divisor = hasDivisor ? try integer("divisor_override") : 1
    guard !(hasDivisor && isCeiling), divisor != 0 else {
      throw wrong("divisor_override", "None where the number of windows is rounded up")
    }
    let countsPadding =
      hasDivisor ? true : operation == .average ? try flag("count_include_pad") : false
    var windows: [Window] = []
    for axis in 0..<axes {
      let pad = pads[axis]
      var window = Window(
        size: sizes[axis], stride: strides[axis], dilation: dilations[axis], padding: .valid)
      var more = 0
      if isCeiling {
        more = window.more(over: try extent(x, axis + 2), pad: pad)
      }
      if pad > 0 || more > 0 {
        window.padding = .explicit(
          before: countsPadding ? 0 : pad, after: (countsPadding ? 0 : pad) + more)
      }
      windows.append(window)
    }
    let margins = pads.map { Reshaping.Margin($0, $0) }
    // A mean in which padding counts is one over an input with zeros around it.
    let isPadded = countsPadding && pads.contains { $0 > 0 }
    let layer = Pooling(operation: operation, region: .windows(windows))
    let result = try channelsLast(x, axes) { call, x throws(PyTorchFunctionProblem) in
      let input = isPadded ? try call.add(.reshaping(.pad(margins)), x) : x
      let y = try call.add(.pooling(layer), input)
      guard hasDivisor else { return y }
      let count = sizes.reduce(1.0) { $0 * Double($1) }
      return try call.binary(.multiply, y, count / Double(divisor))
    }
    return .tensor(result)
  }

  /// Pooling over parts, as many as are asked for along each axis.
  fileprivate mutating func adaptive(
    _ operation: Pooling.Operation, _ axes: Int
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let x = try tensor("self")
    guard try rank(x) == axes + 2 else {
      throw PyTorchFunctionProblem(
        "its input has \(try rank(x)) axes, not batch, channels and \(axes) more")
    }
    let given = self["output_size"].list ?? [self["output_size"]]
    let all = given.count == 1 ? [PyTorchArgument](repeating: given[0], count: axes) : given
    guard all.count == axes else { throw wrong("output_size", "\(axes) sizes") }
    if all.allSatisfy({ $0.integer == 1 }) {
      let layer = Pooling(operation: operation, region: .whole(axes: axes, keepsAxes: true))
      return try channelsLast(x, axes) { call, x throws(PyTorchFunctionProblem) in
        try call.add(.pooling(layer), x)
      }
    }
    var result = x
    for (index, size) in all.enumerated() where !size.isNone {
      guard let count = size.integer, 1...1024 ~= count else {
        throw wrong("output_size", "1 to 1024")
      }
      result = try adaptive(result, index + 2, count, operation)
    }
    return result
  }

  /// The same along one axis: part i goes from ⌊i·n/count⌋ to ⌈(i + 1)·n/count⌉.
  private mutating func adaptive(
    _ x: PyTorchTensor, _ axis: Int, _ count: Int, _ operation: Pooling.Operation
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let function: Reduction.Function = operation == .maximum ? .maximum : .mean
    guard count > 1 else {
      return try add(.reduction(Reduction(function, axes: [axis], keepsAxes: true)), x)
    }
    let extent = try extent(x, axis)
    guard extent != count else { return x }
    var parts: [PyTorchTensor] = []
    for part in 0..<count {
      let range = part * extent / count..<((part + 1) * extent + count - 1) / count
      let piece = try sliced(x, axis, range)
      parts.append(
        try add(.reduction(Reduction(function, axes: [axis], keepsAxes: true)), piece))
    }
    return try add(.merge(.concatenate(axis: axis)), parts)
  }
}

extension Window {
  /// The positions behind an axis with `pad` positions on both sides that windows reach when their
  /// number is rounded up; no window begins behind the axis and its padding in front.
  fileprivate func more(over extent: Int, pad: Int) -> Int {
    let room = extent + 2 * pad - span
    guard room > 0 else { return 0 }
    var count = (room + stride - 1) / stride + 1
    if (count - 1) * stride >= extent + pad { count -= 1 }
    return max((count - 1) * stride - room, 0)
  }
}
