import RecurModel
import RecurTensors

// Products of matrices, and reductions.
extension GraphOperators {
  static let products: [GraphOperatorRow] =
    [
      GraphOperatorRow("MatMul") { call, builder throws(CheckpointError) in
        guard !call.node.flag("a_is_sparse"), !call.node.flag("b_is_sparse") else {
          throw call.problem("has sparse matrices", builder)
        }
        var x = try call.array(0, builder)
        if call.node.flag("transpose_a") { x = try builder.transposed(x, 0, 1) }
        guard let known = call[1].known, known.type.isFloatingPoint else {
          return [
            try product(x, call.array(1, builder), call.node.flag("transpose_b"), &builder)
          ]
        }
        guard known.shape.count == 2 else { throw call.problem("has no matrix", builder) }
        let weights = try call.weight(1, builder)
        let kernel =
          call.node.flag("transpose_b") ? weights.array : weights.array.transposed()
        return [
          .computed(
            try builder.add(
              .dense(Dense(kernel: kernel, bias: nil, activation: .linear)),
              [builder.computed(x)], precision: known.type)[0])
        ]
      }
    ]
    + ["BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"].map { name in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        var x = try call.array(0, builder)
        if call.node.flag("adj_x") { x = try builder.transposed(x, -1, -2) }
        return [try product(x, call.array(1, builder), call.node.flag("adj_y"), &builder)]
      }
    }

  private static func product(
    _ x: GraphValue, _ y: GraphValue, _ isTransposed: Bool, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let right = isTransposed ? try builder.transposed(y, -1, -2) : y
    let inputs = [try builder.computed(x), try builder.computed(right)]
    return .computed(try builder.add(.matrixProduct(MatrixProduct(.input, .input)), inputs)[0])
  }

  static let reductions: [GraphOperatorRow] =
    ([
      ("Mean", .mean), ("Sum", .sum), ("Prod", .product), ("Max", .maximum), ("Min", .minimum),
      ("Any", .any), ("All", .all),
    ] as [(String, Reduction.Function)]).map { name, function in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        let axes = try call.integers(1, builder)
        if call[0].isSymbolic, let own = GraphSizes(call[0]) {
          guard function == .product else { throw call.problem("of sizes", builder) }
          return [
            GraphSizes(
              [own.elements.reduce(.fixed(1)) { $0.times($1) }], isSingle: true
            ).value
          ]
        }
        return [
          try builder.reduced(
            function, call.array(0, builder), axes: axes, keepsAxes: call.node.flag("keep_dims"))
        ]
      }
    }
    + [("ArgMax", true), ("ArgMin", false)].map { name, isMaximum in
      GraphOperatorRow(name) { call, builder throws(CheckpointError) in
        let x = try call.array(0, builder)
        let axis = try builder.axis(call.integer(1, builder), of: x)
        return [
          try builder.apply(
            .argReduction(ArgReduction(isMaximum: isMaximum, axis: axis, keepsAxis: false)),
            builder.computed(x))
        ]
      }
    }
}
