import RecurModel
import RecurTensors

// Positions added before and after axes, in the modes of torch.nn.functional.pad.
extension PyTorchFunctionCall {
  /// The tensor with positions added at the ends of axes, as `mode` and `value` say.
  mutating func widened(
    _ x: PyTorchTensor, _ pads: [Reshaping.Margin]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    guard pads.contains(where: { $0.total > 0 }) else { return x }
    let mode = try word("mode")
    guard mode == "constant" else {
      var result = x
      for (axis, margin) in pads.enumerated() where margin.total > 0 {
        result = try repeated(result, axis, margin, mode)
      }
      return result
    }
    let value = self["value"].isNone ? 0 : try number("value")
    let wide = try zeros(x, pads)
    guard value != 0 else { return wide }
    // Where positions are added, a tensor of which all is true is padded with what is false.
    let isNaN = try add(.unary(.isNaN), x)
    let all = try binary(.or, .tensor(isNaN), .tensor(try add(.unary(.not), isNaN)))
    return try chosen(try zeros(all, pads), .tensor(wide), .number(value))
  }

  /// Zeros added at the ends of axes.
  mutating func zeros(
    _ x: PyTorchTensor, _ pads: [Reshaping.Margin]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    guard pads[0].total == 0 else {
      throw PyTorchFunctionProblem("padding the first axis is not supported")
    }
    if pads.count == 2 {
      let column = try add(.reshaping(.insertAxis(2)), x)
      let wide = try add(.reshaping(.pad([pads[1]])), column)
      return try selected(wide, 2, 0)
    }
    guard let plain = (1..<pads.count).last(where: { pads[$0].total == 0 }) else {
      // The last axis first, then the others.
      var (last, others) = (pads, pads)
      for axis in pads.indices.dropLast() { last[axis] = Reshaping.Margin(0, 0) }
      others[pads.count - 1] = Reshaping.Margin(0, 0)
      return try zeros(try zeros(x, last), others)
    }
    // Padding leaves the last axis alone: an axis that is not padded goes there and back.
    var order = pads.indices.filter { $0 != plain }
    order.append(plain)
    let turned = try permuted(x, order)
    let inner = order.dropFirst().dropLast().map { pads[$0] }
    let wide = try add(.reshaping(.pad(inner)), turned)
    return try permuted(wide, pads.indices.map { order.firstIndex(of: $0) ?? $0 })
  }

  /// Positions of the axis itself added at its ends: mirrored without the last one ("reflect"), the
  /// last one again and again ("replicate"), or those from the other end ("circular").
  private mutating func repeated(
    _ x: PyTorchTensor, _ axis: Int, _ margin: Reshaping.Margin, _ mode: String
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let (before, after) = (margin.before, margin.after)
    if let extent = try shape(x)[axis].value {
      let most = mode == "reflect" ? extent - 1 : mode == "circular" ? extent : .max
      guard extent > 0, before <= most, after <= most else {
        throw PyTorchFunctionProblem("an axis of \(extent) positions is too short for its padding")
      }
    }
    func part(_ start: Int?, _ stop: Int?, _ step: Int = 1) -> Slicing.Part {
      Slicing.Part(axis: axis, start: start, stop: stop, step: step)
    }
    var parts: [PyTorchTensor] = []
    func sliced(_ part: Slicing.Part) throws(PyTorchFunctionProblem) {
      parts.append(try add(.slicing(Slicing(parts: [part])), x))
    }
    switch mode {
    case "reflect":
      if before > 0 { try sliced(part(before, 0, -1)) }
      parts.append(x)
      if after > 0 { try sliced(part(-2, -2 - after, -1)) }
    case "circular":
      if before > 0 { try sliced(part(-before, nil)) }
      parts.append(x)
      if after > 0 { try sliced(part(nil, after)) }
    case "replicate":
      guard before + after <= 4096 else { throw PyTorchFunctionProblem("it pads too much") }
      if before > 0 {
        let first = try add(.slicing(Slicing(parts: [part(nil, 1)])), x)
        parts += [PyTorchTensor](repeating: first, count: before)
      }
      parts.append(x)
      if after > 0 {
        let last = try add(.slicing(Slicing(parts: [part(-1, nil)])), x)
        parts += [PyTorchTensor](repeating: last, count: after)
      }
    default:
      throw wrong("mode", "\"constant\", \"reflect\", \"replicate\" or \"circular\"")
    }
    return try add(.merge(.concatenate(axis: axis)), parts)
  }
}
