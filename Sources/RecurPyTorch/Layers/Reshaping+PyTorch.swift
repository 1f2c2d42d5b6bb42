import RecurContainers
import RecurModel
import RecurTensors

// nn.Flatten, and permute, which stands in a declaration for a call of Tensor.permute.
extension Reshaping: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { .asGiven }

  func expression(_ call: PyTorchCall) -> String {
    let x = call.x
    switch self {
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

  // MARK: declared modules

  static let classes = [
    PyTorchClass(
      "nn.Flatten", words: ["start_dim": 1, "end_dim": -1],
      outline: { _ in PyTorchOutline(batchAxis: 0, effect: .joinsAxes) },
      read: { reader, _, _ in
        if reader.options.integer("start_dim") ?? 1 != 1 {
          reader.options.refuse("start_dim", "only 1 is")
        }
        if reader.options.integer("end_dim") ?? -1 != -1 {
          reader.options.refuse("end_dim", "only -1 is")
        }
        return .layer(.reshaping(.flatten), .asSeen)
      }),
    PyTorchClass(
      "permute",
      outline: { layer in
        let dims = layer.options["dims"]?.array
        let rank = dims.flatMap { 2...8 ~= $0.count ? $0.count : nil }
        return PyTorchOutline(rank: rank, effect: .reorders(dims?.compactMap(\.integer) ?? []))
      },
      read: { reader, model, _ in
        let axes = reader.options.value("dims")?.array?.compactMap(\.integer) ?? []
        guard axes.count > 1, axes.sorted() == Array(axes.indices) else {
          model.report(
            .pytorchDeclarationInvalid, "permute needs 'dims', an order of all axes: [0, 2, 1]")
          return nil
        }
        return .permute(axes)
      }),
  ]
}
