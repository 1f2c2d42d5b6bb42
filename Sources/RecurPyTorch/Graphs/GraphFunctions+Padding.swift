import RecurModel
import RecurTensors

// More elements at both ends of axes.
extension GraphFunctions {
  static let padding: [GraphFunction] =
    [
      GraphFunction("pad(self, pad, mode=constant, value=None)", padded),
      GraphFunction("constant_pad_nd(self, pad, value=0)", padded),
    ]
    + (1...3).flatMap { axes in
      [("reflection_pad", "reflect"), ("replication_pad", "replicate")].map { name, mode in
        GraphFunction("\(name)\(axes)d(self, padding)") { call, builder throws(CheckpointError) in
          let own = GraphCall(
            call.name, overload: "",
            ["self": call["self"], "pad": call["padding"], "mode": .text(mode)])
          return try padded(own, &builder)
        }
      }
    }

  /// More elements at both ends of axes, the last axis first: zeros, or elements of the array.
  private static let padded: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    var x = try call.array("self", builder)
    let amounts = try call.integers("pad", builder)
    let mode = call["mode"].text ?? "constant"
    let shape = try builder.extents(x)
    guard amounts.count % 2 == 0, amounts.count <= 2 * shape.count,
      amounts.allSatisfy({ -(1 << 20)...(1 << 20) ~= $0 })
    else { throw call.problem("pad", "two amounts per axis", builder) }
    for pair in 0..<amounts.count / 2 {
      let axis = shape.count - 1 - pair
      var (before, after) = (amounts[2 * pair], amounts[2 * pair + 1])
      // A negative amount cuts off.
      if before < 0 || after < 0 {
        x = try builder.sliced(
          x, axis: axis, from: max(-before, 0), to: after < 0 ? after : nil)
        (before, after) = (max(before, 0), max(after, 0))
      }
      guard before + after > 0 else { continue }
      x = try padded(x, axis, before, after, mode, call, &builder)
    }
    return [x]
  }

  private static func padded(
    _ x: GraphValue, _ axis: Int, _ before: Int, _ after: Int, _ mode: String, _ call: GraphCall,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let shape = try builder.extents(x)
    guard mode != "constant" else {
      let value = call["value"].double ?? 0
      let type = builder.type(x) ?? .float32
      func filling(_ count: Int) throws(CheckpointError) -> [GraphValue] {
        guard count > 0 else { return [] }
        var extents = shape
        extents[axis] = .fixed(count)
        return [.known(try KnownArray(repeating: value, type, shape: extents))]
      }
      guard value == 0, axis > 0, axis < 4, shape.count >= 3 else {
        return try builder.concatenated(
          filling(before) + [x] + filling(after), axis: axis)
      }
      // Zeros are added by a layer whose last axis is another one.
      let isLast = axis == shape.count - 1
      let turned = isLast ? try builder.transposed(x, axis, axis - 1) : x
      let place = isLast ? axis - 1 : axis
      let margins = (1..<shape.count - 1).map {
        $0 == place ? Reshaping.Margin(before, after) : Reshaping.Margin(0, 0)
      }
      let y = try builder.apply(.reshaping(.pad(margins)), builder.computed(turned))
      return isLast ? try builder.transposed(y, axis, axis - 1) : y
    }
    guard let extent = shape[axis].value, extent > 0, before + after <= 1 << 16 else {
      let part = Bordering.Part(axis: axis, before: before, after: after)
      guard shape[axis].value == nil, mode == "reflect" || mode == "replicate" else {
        throw call.problem("mode", "'constant', or an axis of a known extent", builder)
      }
      let layer = Bordering(parts: [part], content: mode == "reflect" ? .reflected : .edge)
      return try builder.apply(.bordering(layer), builder.computed(x))
    }
    let places = try (-before..<extent + after).map { place throws(CheckpointError) -> Int in
      switch mode {
      case "replicate": return min(max(place, 0), extent - 1)
      case "circular" where before <= extent && after <= extent:
        return (place + extent) % extent
      case "reflect" where before < extent && after < extent:
        return place < 0 ? -place : place >= extent ? 2 * (extent - 1) - place : place
      default: throw call.problem("mode", "'reflect', 'replicate' or 'circular'", builder)
      }
    }
    return try taken(x, axis: axis, places, &builder)
  }
}
