import RecurModel
import RecurTensors

extension PyTorchModule {
  func expression(_ merge: Merge, _ call: PyTorchCall) -> String {
    let rank = call.ranks.max() ?? 0
    let inputs = zip(call.inputs, call.ranks).map { x, own in
      x + String(repeating: ".unsqueeze(1)", count: own > 0 ? rank - own : 0)
    }
    func folded(_ function: String) -> String {
      inputs.dropFirst().reduce(inputs[0]) { "\(function)(\($0), \($1))" }
    }
    switch merge {
    case .add: return inputs.joined(separator: " + ")
    case .subtract: return inputs.joined(separator: " - ")
    case .multiply: return inputs.joined(separator: " * ")
    case .average: return "(\(inputs.joined(separator: " + "))) / \(inputs.count)"
    case .maximum: return folded("torch.maximum")
    case .minimum: return folded("torch.minimum")
    case .concatenate(let axis):
      return "torch.cat((\(call.inputs.map { "\($0)," }.joined(separator: " "))), \(axis))"
    case .stack(let axis):
      return "torch.stack((\(call.inputs.map { "\($0)," }.joined(separator: " "))), \(axis))"
    case .dot(let axes, let isNormalized):
      let (one, other) = dotTerms(call.ranks, axes)
      let parts = zip(call.inputs, axes).map { x, axis in
        isNormalized ? "_normalized(\(x), \(axis))" : x
      }
      let left = one.filter { $0 != "b" && $0 != "s" }
      let right = other.filter { $0 != "b" && $0 != "s" }
      let result = "b\(left)\(right)"
      let sum =
        "torch.einsum(\"\(one),\(other)->\(result)\", \(parts.joined(separator: ", ")))"
      return result == "b" ? "\(sum).unsqueeze(1)" : sum
    }
  }

  /// The axes of both factors for einsum: b is the batch, s is summed over.
  private func dotTerms(_ ranks: [Int], _ axes: [Int]) -> (String, String) {
    var letters = Array("acdefghijklmnopqrtuvwxyz")
    func term(_ rank: Int, _ axis: Int) -> String {
      (0..<rank).map { index in
        index == 0 ? "b" : index == axis ? "s" : String(letters.removeFirst())
      }.joined()
    }
    return (term(ranks[0], axes[0]), term(ranks[1], axes[1]))
  }

  func expression(_ selection: Selection, _ call: PyTorchCall) -> String {
    if let mask = call.mask {
      // The first or the last timestep that counts.
      let steps = "torch.arange(\(call.x).shape[1], device=\(call.x).device)"
      let position =
        selection.index < 0
        ? "(\(mask) * \(steps)).argmax(1)" : "\(mask).long().argmax(1)"
      return "\(call.x)[torch.arange(\(call.x).shape[0]), \(position)]"
    }
    let before = String(repeating: ":, ", count: selection.axis)
    return "\(call.x)[\(before)\(selection.index)]"
  }

  func expression(_ reshaping: Reshaping, _ call: PyTorchCall) -> String {
    let x = call.x
    switch reshaping {
    case .flatten: return call.rank < 2 ? "\(x).unsqueeze(1)" : "\(x).flatten(1)"
    case .reshape(let extents):
      let list = extents.map { ", \($0.map { "\($0)" } ?? "-1")" }.joined()
      return "\(x).reshape(\(x).shape[0]\(list))"
    case .permute(let axes):
      return "\(x).permute(0, \(axes.map { "\($0)" }.joined(separator: ", ")))"
    case .repeatVector(let count): return "\(x).unsqueeze(1).repeat(1, \(count), 1)"
    case .pad(let before, let after): return "F.pad(\(x), (0, 0, \(before), \(after)))"
    case .crop(let before, let after):
      return "\(x)[:, \(before):\(x).shape[1] - \(after)]"
    case .insertAxis(let position): return "\(x).unsqueeze(\(position))"
    case .exchangeBatchAndTime: return "\(x).transpose(0, 1)"
    case .upsample(let factor): return "\(x).repeat_interleave(\(factor), 1)"
    }
  }

  func expression(_ attention: Attention, _ call: PyTorchCall) -> String {
    var rest = Array(zip(call.inputs, call.node.inputs).dropFirst(2))
    var arguments = Array(call.inputs.prefix(2))
    if attention.hasKey, !rest.isEmpty { arguments.append(rest.removeFirst().0) }
    if attention.hasQueryMask, !rest.isEmpty {
      arguments.append("query_mask=\(mask(rest.removeFirst().1))")
    }
    if attention.hasValueMask, !rest.isEmpty {
      arguments.append("value_mask=\(mask(rest.removeFirst().1))")
    }
    return "\(call.module)(\(arguments.joined(separator: ", ")))"
  }
}
