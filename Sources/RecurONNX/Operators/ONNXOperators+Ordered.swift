import RecurModel
import RecurTensors

// Elements by their sizes, and elements at positions that are computed.
extension ONNXOperators {
  static let ordered: [ONNXOperator] = [
    extreme("ArgMax", isMaximum: true), extreme("ArgMin", isMaximum: false),
    ONNXOperator("TopK", 2...2, "axis largest sorted") { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axis = try builder.axis(call.int("axis", builder, default: -1), of: x)
      guard try call.int("sorted", builder, default: 1) != 0 else {
        throw call.problem("puts out elements in any order", builder)
      }
      let extent = try builder.extents(x)[axis]
      let counts = try call.sizes(1, builder).elements
      guard counts.count == 1, counts[0] == extent || counts[0].value ?? -1 > 0 else {
        throw call.problem("puts out \(counts) elements of \(extent)", builder)
      }
      let isDescending = try call.int("largest", builder, default: 1) != 0
      func sorted(_ givesPositions: Bool) throws(CheckpointError) -> GraphValue {
        guard call.uses(givesPositions ? 1 : 0) else { return .nothing }
        let layer = Sorting(
          axis: axis, isDescending: isDescending,
          count: counts[0] == extent ? nil : counts[0].value,
          givesPositions: givesPositions)
        let result = try builder.apply(.sorting(layer), builder.computed(x))
        return givesPositions ? try builder.cast(result, to: .int64) : result
      }
      return [try sorted(false), try sorted(true)]
    },
    ONNXOperator("GatherElements", 2...2, "axis") { call, builder throws(CheckpointError) in
      let (x, places) = (try call.array(0, builder), try call.array(1, builder))
      let axis = try builder.axis(call.int("axis", builder), of: x)
      let (shape, wanted) = (try builder.extents(x), try builder.extents(places))
      guard shape.count == wanted.count,
        shape.indices.allSatisfy({ $0 == axis || shape[$0].agrees(with: wanted[$0]) })
      else { throw call.problem("takes \(text(wanted)) elements of \(text(shape))", builder) }
      let inputs = [try builder.computed(x), try builder.computed(places)]
      return [
        .computed(try builder.add(.gathering(Gathering(axis: axis, positions: .input)), inputs)[0])
      ]
    },
  ]

  private static func extreme(_ name: String, isMaximum: Bool) -> ONNXOperator {
    ONNXOperator(name, 1...1, "axis keepdims select_last_index") {
      call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      let axis = try builder.axis(call.int("axis", builder), of: x)
      let isLast = try call.int("select_last_index", builder) != 0
      if isLast { x = try builder.sliced(x, axis: axis, from: nil, to: nil, step: -1) }
      let layer = ArgReduction(
        isMaximum: isMaximum, axis: axis,
        keepsAxis: try call.int("keepdims", builder, default: 1) != 0)
      let position = try builder.cast(
        builder.apply(.argReduction(layer), builder.computed(x)), to: .int64)
      guard isLast else { return [position] }
      // The last one of equal elements, counted from the other end.
      let last = try number(builder.extents(x)[axis].plus(-1), &builder)
      return [try builder.binary(.subtract, last, position)]
    }
  }
}
