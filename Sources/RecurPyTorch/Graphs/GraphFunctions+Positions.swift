import RecurModel
import RecurTensors

// Positions of elements, and sums up to a position.
extension GraphFunctions {
  static let positions: [GraphFunction] = [
    GraphFunction("argmax(self, dim=None, keepdim=False)") {
      call, builder throws(CheckpointError) in try position(isMaximum: true, call, &builder)
    },
    GraphFunction("argmin(self, dim=None, keepdim=False)") {
      call, builder throws(CheckpointError) in try position(isMaximum: false, call, &builder)
    },
    GraphFunction("cumsum(self, dim, dtype=None)", sums),
  ]

  /// The first position of an extreme.
  private static func position(
    isMaximum: Bool, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let x = try call.array("self", builder)
    let axis = try builder.axis(call.integer("dim", builder), of: x)
    let layer = ArgReduction(
      isMaximum: isMaximum, axis: axis, keepsAxis: try call.flag("keepdim", builder))
    let places = try builder.apply(.argReduction(layer), builder.computed(x))
    return [try builder.cast(places, to: .int64)]
  }

  /// Sums of all elements up to each position; those of known numbers are known.
  private static let sums: GraphFunction.Apply = { call, builder throws(CheckpointError) in
    var x = try call.array("self", builder)
    if let type = try call.type("dtype", builder) { x = try builder.cast(x, to: type) }
    let axis = try builder.axis(call.integer("dim", builder), of: x)
    guard x.known != nil, let extent = try builder.extents(x)[axis].value,
      1...partLimit ~= extent
    else {
      let layer = Cumulation(.sum, axis: axis, isExclusive: false, isReversed: false)
      return [try builder.apply(.cumulation(layer), builder.computed(x))]
    }
    var total = try builder.sliced(x, axis: axis, from: 0, to: 1)
    var all = [total]
    for place in 1..<max(extent, 1) {
      total = try builder.binary(
        .add, total, builder.sliced(x, axis: axis, from: place, to: place + 1))
      all.append(total)
    }
    return [try builder.concatenated(all, axis: axis)]
  }
}
