import RecurModel
import RecurTensors

// Products of matrices: with weights they are dense layers.
extension GraphFunctions {
  static let products: [GraphFunction] =
    [
      GraphFunction("linear(input, weight, bias=None)") { call, builder throws(CheckpointError) in
        let x = try call.array("input", builder)
        guard call["weight"].known != nil, call["bias"].known != nil || !call.has("bias") else {
          let y = try product(x, builder.transposed(call.array("weight", builder), 0, 1), &builder)
          return [call.has("bias") ? try builder.binary(.add, y, call["bias"]) : y]
        }
        return [
          try dense(
            x, call.weight("weight", builder), call.optionalWeight("bias", builder), &builder)
        ]
      },
      GraphFunction("addmm(self, mat1, mat2, beta=1, alpha=1)") {
        call, builder throws(CheckpointError) in
        let (x, matrix) = (try call.array("mat1", builder), call["mat2"])
        let isPlain = call["beta"].double == 1 && call["alpha"].double == 1
        if isPlain, let kernel = matrix.known, kernel.isStored, kernel.shape.count == 2,
          let bias = call["self"].known, bias.isStored, bias.array.shape == [kernel.array.shape[1]]
        {
          return [try dense(x, kernel.permuted([1, 0]), bias, &builder)]
        }
        let y = try builder.binary(.multiply, product(x, matrix, &builder), call["alpha"])
        return [
          try builder.binary(
            .add, isPlain ? call["self"] : builder.binary(.multiply, call["self"], call["beta"]), y)
        ]
      },
    ]
    + ["mm", "bmm", "matmul"].map { name in
      GraphFunction("\(name)(self, mat2=None, other=None)") {
        call, builder throws(CheckpointError) in
        let right = call.has("mat2") ? "mat2" : "other"
        return [
          try product(call.array("self", builder), call.array(right, builder), &builder)
        ]
      }
    }

  /// y = W·x + b on the last axis.
  private static func dense(
    _ x: GraphValue, _ kernel: KnownArray, _ bias: KnownArray?, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard kernel.array.rank == 2, bias.map({ $0.array.shape == [kernel.array.shape[0]] }) ?? true
    else {
      throw builder.problem(
        "a product with weights \(tuple(kernel.array.shape))", expected: "a matrix")
    }
    let layer = Dense(kernel: kernel.array, bias: bias?.array, activation: .linear)
    let place = builder.place(["weight": kernel, "bias": bias])
    // A vector is a row.
    let rank = try builder.extents(x).count
    let row = rank == 1 ? try builder.insertingAxis(x, 0) : x
    let y = try builder.apply(.dense(layer), builder.computed(row), place: place)
    return rank == 1 ? try builder.selected(y, axis: 0, 0) : y
  }

  /// A product of matrices; one with a matrix of weights on the right is a dense layer.
  private static func product(
    _ left: GraphValue, _ right: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let known = right.known, left.known == nil, try builder.extents(left).count > 1 {
      // Axes in front repeat one matrix.
      var matrix = known
      while matrix.shape.count > 2, matrix.array.shape[0] == 1 {
        matrix = matrix.selected(axis: 0, 0)
      }
      let rank = try builder.extents(left).count
      if matrix.shape.count == 2, matrix.isStored, rank >= known.shape.count {
        return try dense(left, matrix.permuted([1, 0]), nil, &builder)
      }
    }
    let inputs = [try builder.computed(left), try builder.computed(right)]
    return .computed(
      try builder.add(.matrixProduct(MatrixProduct(.input, .input)), inputs)[0])
  }
}

extension GraphBuilder {
  /// The place of a layer whose tensors have these names in a module.
  func place(_ parameters: [String: KnownArray?]) -> StateDictPlace? {
    var key: String?
    for (parameter, array) in parameters {
      guard let array else { continue }
      guard let name = self.name(of: array.array),
        name == parameter || name.hasSuffix("." + parameter)
      else { return nil }
      let own = String(name.dropLast(parameter.count + (name == parameter ? 0 : 1)))
      guard key == nil || key == own else { return nil }
      key = own
    }
    return key.map { StateDictPlace(key: $0) }
  }
}
