import RecurContainers
import RecurModel
import RecurTensors

// Operators that hand on elements.
extension Reshaping {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let (x, name, rank) = (call.x, call.node.name, call.rank)
    func list(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }
    switch self {
    case .flatten:
      guard rank > 1 else {
        return [writer.add("torch.unsqueeze", x, named: name, [("dim", 1)])]
      }
      return [writer.add("nn.Flatten", x, named: name)]
    case .reshape(let extents):
      guard extents.contains(nil) else {
        return [
          writer.add(
            "Tensor.reshape", x, named: name, [("shape", list([-1] + extents.compactMap { $0 }))])
        ]
      }
      guard call.shapes[0].dropFirst().allSatisfy({ $0.value != nil }) else {
        throw PyTorchFunctionProblem("an extent of its shape is computed from a free one")
      }
      let shape = try writer.shape(of: call).dropFirst().compactMap(\.value)
      return [writer.add("Tensor.reshape", x, named: name, [("shape", list([-1] + shape))])]
    case .permute(let axes):
      return [writer.add("permute", x, named: name, [("dims", list([0] + axes))])]
    case .repeatVector(let count):
      let row = writer.add("torch.unsqueeze", x, named: "\(name).row", [("dim", 1)])
      return [writer.add("Tensor.repeat", row, named: name, [("repeats", list([1, count, 1]))])]
    case .pad(let margins):
      let amounts = [0, 0] + margins.reversed().flatMap { [$0.before, $0.after] }
      return [writer.add("F.pad", x, named: name, [("pad", list(amounts))])]
    case .crop(let margins):
      let amounts = [0, 0] + margins.reversed().flatMap { [-$0.before, -$0.after] }
      return [writer.add("F.pad", x, named: name, [("pad", list(amounts))])]
    case .insertAxis(let position):
      return [writer.add("torch.unsqueeze", x, named: name, [("dim", .integer(position))])]
    case .exchangeBatchAndTime:
      return [writer.add("torch.transpose", x, named: name, [("dim0", 0), ("dim1", 1)])]
    case .upsample(let factors):
      let y = writer.channelsSecond(x, rank: rank, named: name) { writer, x in
        writer.add(
          "F.interpolate", x, named: name,
          [("scale_factor", .array(factors.map { .number(Double($0)) }))])
      }
      return [y]
    case .reshapeAll(let extents):
      let shape = try extents.map { extent throws(PyTorchFunctionProblem) -> Int in
        switch extent {
        case .fixed(let value): return value
        case .rest: return -1
        case .axisOfSecond: throw PyTorchFunctionProblem("its shape has a free extent")
        case .axis(let axis):
          guard let value = call.shapes[0][axis].value else {
            throw PyTorchFunctionProblem("its shape has a free extent")
          }
          return value
        }
      }
      return [writer.add("Tensor.reshape", x, named: name, [("shape", list(shape))])]
    }
  }
}

extension Selection {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let keys = [String](repeating: ":", count: axis) + ["\(index)"]
    return [
      writer.add(
        "getitem", call.x, named: call.node.name,
        [("index", .string(keys.joined(separator: ", ")))])
    ]
  }
}

extension Slicing {
  /// torch has no negative steps: the axis is reversed first, so that bounds count from its other
  /// end.
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    let turned = parts.filter { $0.step < 0 }.map(\.axis)
    let isFlip = parts.allSatisfy { $0.start == nil && $0.stop == nil && $0.step == -1 }
    var x = call.x
    if !turned.isEmpty {
      x = writer.add(
        "torch.flip", x, named: isFlip ? name : "\(name).turned",
        [("dims", .array(turned.map { .integer($0) }))])
    }
    guard !isFlip else { return [x] }
    var keys = [String](repeating: ":", count: (parts.map(\.axis).max() ?? 0) + 1)
    for part in parts {
      func bound(_ value: Int?) -> String {
        value.map { part.step < 0 ? "\(-($0 + 1))" : "\($0)" } ?? ""
      }
      let step = part.step.magnitude == 1 ? "" : ":\(part.step.magnitude)"
      keys[part.axis] = "\(bound(part.start)):\(bound(part.stop))\(step)"
    }
    return [
      writer.add("getitem", x, named: name, [("index", .string(keys.joined(separator: ", ")))])
    ]
  }
}

extension Masking {
  /// The timesteps whose features all equal the value become zeros.
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    let differs = writer.add(
      "torch.ne", call.x, named: "\(name).differs", [("other", .number(value))])
    let counts = writer.add(
      "torch.any", differs, named: "\(name).mask", [("dim", -1)])
    let column = writer.add("torch.unsqueeze", counts, named: "\(name).column", [("dim", -1)])
    let y = writer.add(
      "torch.where", [.string(column), .string(call.x), .number(0)], named: name)
    return [y, counts]
  }
}
