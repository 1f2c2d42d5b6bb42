import RecurModel
import RecurTensors

// Sums of products, with weights or without.
extension PyTorchFunctions {
  /// Matrix products, linear maps, convolutions and tables.
  static let products: [PyTorchFunction] =
    matrixProducts + otherProducts + convolutions + transposedConvolutions

  private static let matrixProducts: [PyTorchFunction] = [
    "matmul", "mm", "bmm", "mv", "dot",
  ].map { name in
    PyTorchFunction("\(name)(self, other)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.matrixProduct(call["self"], call["other"]))
    }
  }

  private static let otherProducts: [PyTorchFunction] = [
    PyTorchFunction("addmm(self, mat1, mat2, beta=1, alpha=1)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.addedProduct("mat1", "mat2"))
    },
    PyTorchFunction("baddbmm(self, batch1, batch2, beta=1, alpha=1)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.addedProduct("batch1", "batch2"))
    },
    PyTorchFunction("einsum(equation, *operands)") { call throws(PyTorchFunctionProblem) in
      let tensors = try call.tensors("operands")
      let equation = try call.word("equation")
      guard Einsum.Equation(equation) != nil else {
        throw call.wrong("equation", "an equation with '->'")
      }
      let layer = Einsum(equation: equation, kernel: nil, bias: nil, activation: .linear)
      return .tensor(try call.add(.einsum(layer), tensors))
    },
    PyTorchFunction("linear(self, weight, bias=None)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let (kernel, bias) = (try call.weight("weight"), try call.array("bias"))
      guard kernel.rank == 2 else { throw call.wrong("weight", "a matrix") }
      let layer = Dense(kernel: kernel, bias: bias, activation: .linear)
      return .tensor(try call.add(.dense(layer), x))
    },
    PyTorchFunction("embedding(weight, indices, padding_idx=None, max_norm=None)") {
      call throws(PyTorchFunctionProblem) in
      guard call["max_norm"].isNone else { throw call.wrong("max_norm", "None") }
      let swapped = call["weight"].tensor != nil
      // aten takes the table first, torch.nn.functional the tokens.
      let tokens = try call.tensor(swapped ? "weight" : "indices")
      let table = try call.weight(swapped ? "indices" : "weight")
      guard table.rank == 2 else { throw call.wrong("weight", "a matrix") }
      return .tensor(
        try call.add(
          .embedding(Embedding(table: table, masksZero: false, cutsFractions: false)), tokens))
    },
    attention,
  ]

  private static let convolutions: [PyTorchFunction] = (1...3).map(convolution)

  private static let transposedConvolutions: [PyTorchFunction] = (1...3).map(transposedConvolution)

  private static let attention = PyTorchFunction(
    "scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0, is_causal=False, "
      + "scale=None, enable_gqa=False)"
  ) { call throws(PyTorchFunctionProblem) in
    let (query, key) = (try call.tensor("query"), try call.tensor("key"))
    guard try call.number("dropout_p") == 0, try !call.flag("enable_gqa") else {
      throw PyTorchFunctionProblem("dropout, and groups of heads, are not supported")
    }
    let rank = try call.rank(query)
    let width = try call.extent(query, rank - 1)
    let scale =
      call["scale"].isNone ? 1 / Double(max(width, 1)).squareRoot() : try call.number("scale")
    let turned = try call.permuted(key, Array(0..<rank - 2) + [rank - 1, rank - 2])
    var scores = try call.binary(
      .multiply, try call.matrixProduct(.tensor(query), .tensor(turned)), scale)
    if try call.flag("is_causal") {
      let (queries, keys) = (try call.shape(query)[rank - 2], try call.shape(key)[rank - 2])
      if let queries = queries.value, let keys = keys.value {
        scores = try call.causal(scores, queries, keys)
      } else {
        scores = try call.causal(scores)
      }
    }
    if let mask = call["attn_mask"].tensor {
      scores =
        mask.kind == .boolean
        ? try call.chosen(mask, .tensor(scores), .number(-.infinity))
        : try call.binary(.add, .tensor(scores), .tensor(mask))
    } else if !call["attn_mask"].isNone {
      scores = try call.binary(.add, .tensor(scores), call["attn_mask"])
    }
    let weights = try call.add(.activation(.softmax), scores)
    return .tensor(try call.matrixProduct(.tensor(weights), call["value"]))
  }

  private static func convolution(_ axes: Int) -> PyTorchFunction {
    PyTorchFunction(
      "conv\(axes)d(self, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)"
    ) { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let (kernel, bias) = (try call.weight("weight"), try call.array("bias"))
      guard kernel.rank == axes + 2 else { throw call.wrong("weight", "\(axes + 2) axes") }
      let dilations = try call.perAxis("dilation", axes)
      var paddings = [Padding](repeating: .valid, count: axes)
      switch call["padding"] {
      case .text("valid"): break
      case .text("same"):
        paddings = zip(kernel.shape.dropFirst(2), dilations).map { size, dilation in
          let total = max(dilation, 1) * max(size - 1, 0)
          return .explicit(before: total / 2, after: total - total / 2)
        }
      default:
        paddings = try call.perAxis("padding", axes).map {
          $0 == 0 ? .valid : .explicit(before: $0, after: $0)
        }
      }
      let layer = Convolution(
        kernel: kernel, bias: bias, activation: .linear, strides: try call.perAxis("stride", axes),
        dilations: dilations, paddings: paddings, groups: try call.integer("groups"))
      guard (layer.strides + layer.dilations).allSatisfy({ 1..<1 << 31 ~= $0 }),
        1...max(kernel.shape[0], 1) ~= layer.groups, kernel.shape[0] % layer.groups == 0,
        layer.paddings.allSatisfy(\.isReasonable)
      else {
        throw PyTorchFunctionProblem("its strides, padding, dilations or groups are not valid")
      }
      return .tensor(
        try call.channelsLast(x, axes) { call, x throws(PyTorchFunctionProblem) in
          try call.add(.convolution(layer), x)
        })
    }
  }

  private static func transposedConvolution(_ axes: Int) -> PyTorchFunction {
    PyTorchFunction(
      "conv_transpose\(axes)d(self, weight, bias=None, stride=1, padding=0, output_padding=0, "
        + "groups=1, dilation=1)"
    ) { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let (kernel, bias) = (try call.weight("weight"), try call.array("bias"))
      let (pads, more) = (
        try call.perAxis("padding", axes), try call.perAxis("output_padding", axes)
      )
      guard kernel.rank == axes + 2, (pads + more).allSatisfy({ 0...(1 << 20) ~= $0 }) else {
        throw call.wrong("weight", "\(axes + 2) axes, with a padding that is not negative")
      }
      let layer = TransposedConvolution(
        kernel: kernel, bias: bias, activation: .linear, strides: try call.perAxis("stride", axes),
        dilations: try call.perAxis("dilation", axes),
        cuts: zip(pads, more).map { Reshaping.Margin($0, $0 - $1) },
        groups: try call.integer("groups"))
      guard (layer.strides + layer.dilations).allSatisfy({ 1..<1 << 31 ~= $0 }),
        1...max(kernel.shape[0], 1) ~= layer.groups, kernel.shape[0] % layer.groups == 0
      else { throw PyTorchFunctionProblem("its strides, dilations or groups are not valid") }
      return .tensor(
        try call.channelsLast(x, axes) { call, x throws(PyTorchFunctionProblem) in
          try call.add(.transposedConvolution(layer), x)
        })
    }
  }
}

extension Padding {
  /// Whether no more is added at an end than any model adds.
  var isReasonable: Bool {
    if case .explicit(let before, let after) = self {
      0...(1 << 20) ~= before && 0...(1 << 20) ~= after
    } else {
      true
    }
  }
}

extension PyTorchFunctionCall {
  mutating func matrixProduct(
    _ left: PyTorchArgument, _ right: PyTorchArgument
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let inputs = [left.tensor, right.tensor].compactMap { $0 }
    let (one, other) = (try operand(left), try operand(right))
    guard !inputs.isEmpty else {
      throw PyTorchFunctionProblem("no argument is a tensor that the model computes")
    }
    return try add(.matrixProduct(MatrixProduct(one, other)), inputs)
  }

  /// beta·self + alpha·(one @ other); a product with a matrix of the file is a linear map.
  mutating func addedProduct(
    _ one: String, _ other: String
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let (alpha, beta) = (try number("alpha"), try number("beta"))
    if alpha == 1, beta == 1, let x = self[one].tensor, case .array(let bias) = self["self"],
      case .array(let matrix) = self[other], matrix.rank == 2, bias.shape == [matrix.shape[1]]
    {
      let layer = Dense(kernel: matrix.transposed(), bias: bias, activation: .linear)
      return try add(.dense(layer), x)
    }
    let product = PyTorchArgument.tensor(try matrixProduct(self[one], self[other]))
    guard beta != 0 else { return try tensor(try scaled(product, by: alpha), one) }
    return try binary(.add, try scaled(self["self"], by: beta), try scaled(product, by: alpha))
  }

  /// Scores with minus infinity where a key comes after the query.
  mutating func causal(
    _ scores: PyTorchTensor, _ queries: Int, _ keys: Int
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    guard queries <= 2048, keys <= 2048 else {
      throw PyTorchFunctionProblem("a causal mask of \(queries) by \(keys) is too large")
    }
    let elements = (0..<queries).flatMap { query in
      (0..<keys).map { $0 <= query ? 0 : -Double.infinity }
    }
    let mask = Operand.Constant(shape: [queries, keys], elements: elements, isWhole: false)
    return try add(.binary(Binary(.add, .input, .constant(mask))), scores)
  }

  /// The same for any number of queries and keys.
  mutating func causal(
    _ scores: PyTorchTensor
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let ones = try binary(.add, try binary(.multiply, scores, 0), 1)
    let kept = try add(.triangle(Triangle(isLower: true, diagonal: 0)), ones)
    let isKept = try add(.binary(Binary(.greater, .input, .number(0))), kept)
    return try chosen(isKept, .tensor(scores), .number(-.infinity))
  }

  /// A layer that has the channels last, on a value that has them behind the batch.
  mutating func channelsLast(
    _ x: PyTorchTensor, _ axes: Int,
    _ layer: (inout PyTorchFunctionCall, PyTorchTensor) throws(PyTorchFunctionProblem)
      -> PyTorchTensor
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let rank = try rank(x)
    guard rank == axes + 2 else {
      throw PyTorchFunctionProblem(
        "its input has \(rank) axes, not batch, channels and \(axes) more")
    }
    let turned = try permuted(x, [0] + Array(2..<rank) + [1])
    return try permuted(try layer(&self, turned), [0, rank - 1] + Array(1..<rank - 1))
  }

  /// An array of the file in another shape of as many elements.
  func shaped(_ tensor: Tensor, _ shape: [Int]) throws(PyTorchFunctionProblem) -> Tensor {
    do throws(CheckpointError) {
      return try tensor.reshaped(shape)
    } catch {
      throw PyTorchFunctionProblem("\(tuple(tensor.shape)) is no \(tuple(shape))")
    }
  }
}
