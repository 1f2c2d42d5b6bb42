import RecurModel
import RecurTensors

/// The layers of networks that are read, as operators of a model: one row each
/// (coremltools, mlmodel/format/NeuralNetwork.proto).
enum NetworkLayers {
  typealias Apply =
    @Sendable (NetworkCall, inout GraphBuilder) throws(CheckpointError) -> [GraphValue]

  /// A kind of layer: the number of its field, its name, and what it is.
  struct Row: Sendable {
    let number: Int
    let name: String
    let apply: Apply

    init(_ number: Int, _ name: String, _ apply: @escaping Apply) {
      (self.number, self.name, self.apply) = (number, name, apply)
    }
  }

  /// All rows, by number.
  static let table = Dictionary(
    [plain, elementwise, recurrent].flatMap { $0 }.map { ($0.number, $0) },
    uniquingKeysWith: { one, _ in one })

  /// The name of a kind of layer.
  static func name(_ number: Int) -> String { table[number]?.name ?? "number \(number)" }

  /// - Throws: `graph.unsupported`, naming the layer and the reason.
  static func results(
    _ call: NetworkCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard let row = table[call.layer.kind] else {
      throw builder.problem(
        "the layer '\(call.layer.name)' is of the kind number \(call.layer.kind), which is not "
          + "supported")
    }
    return try row.apply(call, &builder)
  }

  private static let plain: [Row] = [
    Row(985, "transpose") { call, builder throws(CheckpointError) in
      [try builder.permuted(call.array(0, builder), call.options.ints(1))]
    },
    Row(1125, "expandDims") { call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      let axes = try call.options.ints(1)
      guard let all = positions(of: axes, rank: try builder.extents(x).count + axes.count) else {
        throw call.problem("makes the axes \(axes)", builder)
      }
      for axis in all.sorted() { x = try builder.insertingAxis(x, axis) }
      return [x]
    },
    Row(1120, "squeeze") { call, builder throws(CheckpointError) in
      let axes = try call.options.flag(2) ? nil : try call.options.ints(1)
      return [try builder.squeezed(call.array(0, builder), axes)]
    },
    Row(1140, "reshapeStatic") { call, builder throws(CheckpointError) in
      let target = try call.options.ints(1).map { Dimension.fixed($0) }
      return [try builder.reshaped(call.array(0, builder), target)]
    },
    Row(600, "copy") { call, builder throws(CheckpointError) in [try call.array(0, builder)] },
    Row(980, "concatND") { call, builder throws(CheckpointError) in
      guard try !call.options.flag(2) else { throw call.problem("interleaves", builder) }
      return [try builder.concatenated(call.inputs, axis: call.options.int(1))]
    },
    Row(960, "reverse") { call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      let axes = try call.options.ints(1)
      guard try axes.count == builder.extents(x).count else {
        throw call.problem("has \(axes.count) axes", builder)
      }
      for axis in axes.indices where axes[axis] != 0 {
        x = try builder.sliced(x, axis: axis, from: nil, to: nil, step: -1)
      }
      return [x]
    },
    Row(995, "sliceStatic") { call, builder throws(CheckpointError) in
      var x = try call.array(0, builder)
      let all = try (1...6).map { number throws(CheckpointError) in try call.options.ints(number) }
      let rank = try builder.extents(x).count
      func item(_ list: Int, _ axis: Int) -> Int {
        all[list].indices.contains(axis) ? all[list][axis] : 0
      }
      guard all[0].count == rank, all[2].count == rank, all[4].count == rank else {
        throw call.problem("has bounds of another number of axes than \(rank)", builder)
      }
      for axis in (0..<rank).reversed() {
        x =
          item(5, axis) != 0
          ? try builder.selected(x, axis: axis, item(0, axis))
          : try builder.sliced(
            x, axis: axis, from: item(1, axis) != 0 ? nil : item(0, axis),
            to: item(3, axis) != 0 ? nil : item(2, axis), step: item(4, axis))
      }
      return [x]
    },
    Row(1070, "loadConstantND") { call, builder throws(CheckpointError) in
      let shape = try call.options.ints(1)
      let tensor = try call.weights(2, "data", shape: shape)
      builder.register(tensor, as: call.layer.name)
      return [.known(KnownArray(tensor, name: call.layer.name))]
    },
    Row(1080, "fillLike") { call, builder throws(CheckpointError) in
      [
        .known(
          try KnownArray(
            repeating: call.options.float(1), .float32,
            shape: builder.extents(call.array(0, builder))))
      ]
    },
    Row(140, "innerProduct") { call, builder throws(CheckpointError) in
      try call.allow([1, 2, 10, 20, 21], builder)
      let (width, units) = (try call.size(1, builder), try call.size(2, builder))
      let x = try call.array(0, builder)
      guard try builder.extents(x).count < 5 else {
        throw call.problem("reads an array of five axes", builder)
      }
      let kernel = try call.weights(20, "weights", shape: [units, width])
      let bias =
        try call.options.flag(10) ? try call.weights(21, "bias", shape: [units]) : nil
      let layer = Dense(kernel: kernel, bias: bias, activation: .linear)
      return [try builder.apply(.dense(layer), builder.computed(x))]
    },
    Row(1040, "embeddingND") { call, builder throws(CheckpointError) in
      let (count, width) = (try call.size(1, builder), try call.size(2, builder))
      guard try !call.options.flag(3) else { throw call.problem("has a bias", builder) }
      let x = try call.array(0, builder)
      let rank = try builder.extents(x).count
      // The last axis of extent 1 becomes the vector; the table is transposed.
      let tokens = try builder.squeezed(x, [rank - 1])
      let table = try call.weights(20, "weights", shape: [width, count]).transposed()
      let layer = Embedding(table: table, masksZero: false, cutsFractions: true)
      return [try builder.apply(.embedding(layer), builder.computed(tokens))]
    },
    Row(1350, "layerNormalization") { call, builder throws(CheckpointError) in
      let (shape, x) = (try call.options.ints(1), try call.array(0, builder))
      guard shape.count == 1, shape[0] > 0 else {
        throw call.problem("normalizes over \(shape)", builder)
      }
      let layer = LayerNormalization(
        gamma: try call.weights(3, "gamma", shape: shape),
        beta: try call.weights(4, "beta", shape: shape), width: shape[0],
        epsilon: try call.options.float(2))
      return [try builder.apply(.layerNormalization(layer), builder.computed(x))]
    },
  ]

  private static let elementwise: [Row] =
    ([
      (880, "addBroadcastable", .add), (905, "subtractBroadcastable", .subtract),
      (900, "multiplyBroadcastable", .multiply), (890, "divideBroadcastable", .divide),
      (875, "maxBroadcastable", .maximum), (870, "minBroadcastable", .minimum),
    ] as [(Int, String, Binary.Function)]).map { number, name, function in
      Row(number, name) { call, builder throws(CheckpointError) in
        var result = try call.array(0, builder)
        for index in call.inputs.indices.dropFirst() {
          result = try builder.binary(function, result, call.array(index, builder))
        }
        return [result]
      }
    } + [
      Row(130, "activation") { call, builder throws(CheckpointError) in
        let function = try call.function(call.options, isInCell: false, builder)
        return [
          try builder.apply(.activation(function), builder.computed(call.array(0, builder)))
        ]
      },
      Row(760, "tanh") { call, builder throws(CheckpointError) in
        [try builder.apply(.activation(.tanh), builder.computed(call.array(0, builder)))]
      },
      Row(950, "softmaxND") { call, builder throws(CheckpointError) in
        let x = try call.array(0, builder)
        let axis = try builder.axis(call.options.int(1), of: x)
        let isLast = axis == (try builder.extents(x).count) - 1
        let layer: Layer =
          isLast
          ? .activation(.softmax) : .softmax(Softmax(axes: [axis], isLogarithm: false))
        return [try builder.apply(layer, builder.computed(x))]
      },
    ]
}
