import RecurContainers
import RecurModel
import RecurTensors

// Elements in another shape or order, and reductions.
extension LiteOperators {
  static let shapes: [LiteOperatorRow] =
    [
      LiteOperatorRow(22, "RESHAPE") { call, builder throws(CheckpointError) in
        let target =
          call.has(1)
          ? try call.integers(1, builder)
          : try call.own.options?.integers(0, Int32.self, limit: GraphLimits.axes) ?? []
        return [
          try builder.reshaped(call.array(0, builder), target.map { .fixed($0) })
        ]
      },
      LiteOperatorRow(39, "TRANSPOSE") { call, builder throws(CheckpointError) in
        [try builder.permuted(call.array(0, builder), call.integers(1, builder))]
      },
      LiteOperatorRow(43, "SQUEEZE") { call, builder throws(CheckpointError) in
        let axes = try call.own.options?.integers(0, Int32.self, limit: GraphLimits.axes) ?? []
        return [try builder.squeezed(call.array(0, builder), axes.isEmpty ? nil : axes)]
      },
      LiteOperatorRow(70, "EXPAND_DIMS") { call, builder throws(CheckpointError) in
        [try builder.insertingAxis(call.array(0, builder), call.integer(1, builder))]
      },
      LiteOperatorRow(77, "SHAPE") { call, builder throws(CheckpointError) in
        guard let extents = try builder.extents(call.array(0, builder)).values else {
          throw call.problem("of an array with free extents", builder)
        }
        return [.known(try Self.whole(extents, shape: [extents.count]))]
      },
      LiteOperatorRow(94, "FILL") { call, builder throws(CheckpointError) in
        let value = try call.weight(1, builder)
        let extents = try call.integers(0, builder)
        guard value.array.count == 1, extents.allSatisfy({ 0...(1 << 40) ~= $0 }) else {
          throw call.problem("makes an array of \(extents)", builder)
        }
        return [
          .known(
            try KnownArray(
              repeating: value.array.doubles()[0], value.type, shape: extents.map { .fixed($0) }))
        ]
      },
      LiteOperatorRow(130, "BROADCAST_TO") { call, builder throws(CheckpointError) in
        let extents = try call.integers(1, builder)
        return [
          try builder.expanded(call.array(0, builder), to: extents.map { .fixed($0) })
        ]
      },
      LiteOperatorRow(93, "ZEROS_LIKE") { call, builder throws(CheckpointError) in
        let x = try call.array(0, builder)
        return [
          .known(
            try KnownArray(
              repeating: 0, builder.type(x) ?? .float32, shape: builder.extents(x)))
        ]
      },
    ]
    + ([
      (40, "MEAN", .mean), (74, "SUM", .sum), (81, "REDUCE_PROD", .product),
      (82, "REDUCE_MAX", .maximum), (89, "REDUCE_MIN", .minimum), (91, "REDUCE_ANY", .any),
      (140, "REDUCE_ALL", .all),
    ] as [(Int, String, Reduction.Function)]).map { number, name, function in
      LiteOperatorRow(number, name) { call, builder throws(CheckpointError) in
        let axes = try call.integers(1, builder)
        return [
          try builder.reduced(
            function, call.array(0, builder), axes: axes, keepsAxes: call.byteOption(0) != 0)
        ]
      }
    }

  /// An array of whole numbers.
  static func whole(_ numbers: [Int], shape: [Int]) throws(CheckpointError) -> KnownArray {
    KnownArray(try Tensor.numbers(numbers.map { Double($0) }, .int32, shape: shape))
  }
}
