import RecurModel
import RecurTensors

// Windows along axes: ONNX has the channels behind the batch, and models have them last.
extension ONNXGraphWriter {
  /// The channels behind the batch.
  mutating func channelsFirst(_ x: ONNXValue, _ rank: Int) -> ONNXValue {
    rank < 3 ? x : permuted(x, [0, rank - 1] + Array(1..<rank - 1))
  }

  /// The channels last.
  mutating func channelsLast(_ x: ONNXValue, _ rank: Int) -> ONNXValue {
    rank < 3 ? x : permuted(x, [0] + Array(2..<rank) + [1])
  }

  /// The attributes of windows over axes of these extents.
  ///
  /// - Throws: `model.unrepresentable`.
  func window(
    _ windows: [Window], over extents: [Dimension], _ call: ONNXLayerCall
  ) throws(CheckpointError) -> [ONNXAttributeForm] {
    var attributes: [ONNXAttributeForm] = [.integers("strides", windows.map(\.stride))]
    if windows.contains(where: { $0.dilation != 1 }) {
      attributes.append(.integers("dilations", windows.map(\.dilation)))
    }
    var (before, after, isOpen) = ([Int](), [Int](), false)
    for (window, extent) in zip(windows, extents) {
      let rest = window.span - 1
      switch window.padding {
      case .valid: (before, after) = (before + [0], after + [0])
      case .explicit(let one, let other): (before, after) = (before + [one], after + [other])
      case .causal: (before, after) = (before + [rest], after + [0])
      case .same:
        var total = rest
        if window.stride > 1 {
          if let value = extent.value {
            let count = (value + window.stride - 1) / window.stride
            total = max((count - 1) * window.stride + window.span - value, 0)
          } else {
            isOpen = true
          }
        }
        (before, after) = (before + [total / 2], after + [total - total / 2])
      }
    }
    if isOpen {
      guard windows.allSatisfy({ $0.padding == .same }) else {
        throw call.unrepresentable("pads axes of free extents in different ways")
      }
      return attributes + [.text("auto_pad", "SAME_UPPER")]
    }
    guard (before + after).allSatisfy({ $0 >= 0 }) else {
      throw call.unrepresentable("has negative padding")
    }
    if (before + after).contains(where: { $0 > 0 }) {
      attributes.append(.integers("pads", before + after))
    }
    return attributes
  }

  /// The maximum or the mean of windows, without padding, on channels behind the batch.
  mutating func pooled(
    _ x: ONNXValue, _ windows: [Window], _ isMaximum: Bool, _ call: ONNXLayerCall
  ) throws(CheckpointError) -> ONNXValue {
    if !isMaximum { try call.checkWindows() }
    guard isMaximum || windows.allSatisfy({ $0.dilation == 1 }) || operatorSet >= 19 else {
      throw call.unrepresentable(
        "averages windows with gaps, for which ONNX has an operator since version 19")
    }
    let extents = Array(call.shapes[0].dropFirst().prefix(windows.count))
    var (own, moving) = (x, windows)
    // ONNX Runtime takes less padding than a window has elements.
    let margins = windows.enumerated().compactMap { axis, window in
      if case .explicit(let before, let after) = window.padding, max(before, after) >= window.size {
        (axis: axis + 2, before: before, after: after)
      } else {
        nil
      }
    }
    if !margins.isEmpty {
      guard isMaximum else {
        throw call.unrepresentable("averages windows with more padding than elements")
      }
      own = padded(x, rank: call.rank, margins, -.infinity)
      for margin in margins { moving[margin.axis - 2].padding = .valid }
    }
    let attributes = try window(moving, over: extents, call)
    return apply(
      isMaximum ? "MaxPool" : "AveragePool", [own],
      [.integers("kernel_shape", windows.map(\.size))] + attributes, types: [x.type],
      isMain: true)[0]
  }

  /// The axes behind the channels stretched by whole factors.
  mutating func resized(_ x: ONNXValue, _ factors: [Int], mode: String) -> ONNXValue {
    let scales = numbers(
      [1, 1] + factors.map(Double.init), .float32, shape: [factors.count + 2])
    var attributes: [ONNXAttributeForm] = [.text("mode", mode)]
    if mode == "nearest" {
      attributes += [
        .text("coordinate_transformation_mode", "asymmetric"), .text("nearest_mode", "floor"),
      ]
    }
    return apply("Resize", [x, nil, scales], attributes, types: [x.type])[0]
  }

  /// Positions added at both ends of axes.
  mutating func padded(
    _ x: ONNXValue, rank: Int, _ margins: [(axis: Int, before: Int, after: Int)],
    _ value: Double = 0, mode: String = "constant"
  ) -> ONNXValue {
    var (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
    for margin in margins {
      before[margin.axis] = margin.before
      after[margin.axis] = margin.after
    }
    let inputs =
      [x, integers(before + after)] + (mode == "constant" ? [number(value, x.type)] : [])
    return apply("Pad", inputs, [.text("mode", mode)], types: [x.type])[0]
  }
}
