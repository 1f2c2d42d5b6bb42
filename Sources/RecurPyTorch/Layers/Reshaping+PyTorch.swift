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
    case .reshapeAll(let extents):
      let list = extents.map { extent in
        switch extent {
        case .fixed(let value): "\(value)"
        case .axis(let axis): "\(x).shape[\(axis)]"
        case .axisOfSecond(let axis): "\(call.inputs.last ?? x).shape[\(axis)]"
        case .rest: "-1"
        }
      }
      return "\(x).reshape(\(list.joined(separator: ", ")))"
    case .permute(let axes):
      return "\(x).permute(0, \(axes.map { "\($0)" }.joined(separator: ", ")))"
    case .repeatVector(let count): return "\(x).unsqueeze(1).repeat(1, \(count), 1)"
    case .pad(let margins):
      let amounts = margins.reversed().map { "\($0.before), \($0.after)" }
      return "F.pad(\(x), (0, 0, \(amounts.joined(separator: ", "))))"
    case .crop(let margins):
      let slices = margins.enumerated().map { axis, margin in
        "\(margin.before):\(x).shape[\(axis + 1)] - \(margin.after)"
      }
      return "\(x)[:, \(slices.joined(separator: ", "))]"
    case .insertAxis(let position): return "\(x).unsqueeze(\(position))"
    case .exchangeBatchAndTime: return "\(x).transpose(0, 1)"
    case .upsample(let factors):
      return factors.enumerated().filter { $0.element != 1 || factors.count == 1 }.reduce(x) {
        "\($0).repeat_interleave(\($1.element), \($1.offset + 1))"
      }
    }
  }

  // MARK: declared modules

  static let classes =
    [
      PyTorchClass(
        "nn.Flatten", words: ["start_dim": 1, "end_dim": -1],
        outline: { _ in PyTorchOutline(batchAxis: 0, effect: .joinsAxes) },
        read: { reader, _, _ in
          let first = reader.options.integer("start_dim") ?? 1
          let last = reader.options.integer("end_dim") ?? -1
          guard (first, last) != (1, -1) else { return .layer(.reshaping(.flatten), .asSeen) }
          return .function(
            "flatten", [("start_dim", .integer(first)), ("end_dim", .integer(last))])
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
    ] + (1...3).map(zeroPadding) + [upsampling]

  private static func zeroPadding(_ axes: Int) -> PyTorchClass {
    PyTorchClass(
      "nn.ZeroPad\(axes)d", words: ["padding": nil],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0) },
      read: { reader, _, _ in
        // Two numbers per axis, the last axis first.
        guard let amounts = reader.options.sizes("padding", 2 * axes),
          amounts.allSatisfy({ $0.magnitude <= 1 << 20 })
        else {
          reader.options.refuse("padding", "a number or \(2 * axes) of them belong there")
          return nil
        }
        guard amounts.allSatisfy({ $0 >= 0 }) else {
          return .function("pad", [("pad", .list(amounts.map { .integer($0) }))])
        }
        let margins = (0..<axes).reversed().map { Margin(amounts[2 * $0], amounts[2 * $0 + 1]) }
        return .layer(.reshaping(.pad(margins)), .channelsSecond(pads: []))
      })
  }

  private static let upsampling = PyTorchClass(
    "nn.Upsample", words: ["size": nil, "scale_factor": nil, "mode": "nearest"],
    outline: { _ in PyTorchOutline(batchAxis: 0) },
    read: { reader, model, rank in
      reader.options.ignore("align_corners", "recompute_scale_factor")
      let mode = reader.options.word(
        "mode", ["nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact"])
      if mode != "nearest" { reader.options.refuse("mode", "only \"nearest\" is") }
      if let size = reader.options.value("size") {
        guard let extents = model.argument(size, of: "size") else { return nil }
        return .function("interpolate", [("size", extents)])
      }
      guard let rank, (3...5).contains(rank) else {
        model.report(
          .pytorchDeclarationInvalid, "nn.Upsample needs an input of 3 to 5 axes in front of it")
        return nil
      }
      guard let factors = reader.options.wholeNumbers("scale_factor", rank - 2),
        factors.allSatisfy({ $0 > 0 && $0 < 1 << 20 })
      else {
        reader.options.refuse("scale_factor", "whole numbers are")
        return nil
      }
      return .layer(.reshaping(.upsample(factors)), .channelsSecond(pads: []))
    })
}
