import RecurModel
import RecurTensors

// Values standardized by their moments or by those of training data.
extension PyTorchFunctions {
  /// Normalizations.
  static let normalization: [PyTorchFunction] = [
    PyTorchFunction("layer_norm(self, normalized_shape, weight=None, bias=None, eps=1e-5)") {
      call throws(PyTorchFunctionProblem) in
      let (x, shape) = (try call.tensor("self"), try call.integers("normalized_shape"))
      return .tensor(try call.layerNormalized(x, shape))
    },
    PyTorchFunction(
      "batch_norm(self, running_mean, running_var, weight=None, bias=None, training=False, "
        + "momentum=0.1, eps=1e-5)"
    ) { call throws(PyTorchFunctionProblem) in
      try call.refuseTraining()
      let layer = BatchNormalization(
        gamma: try call.array("weight"), beta: try call.array("bias"),
        movingMean: try call.weight("running_mean"), movingVariance: try call.weight("running_var"),
        epsilon: try call.number("eps"))
      let x = try call.tensor("self")
      return .tensor(
        try call.channelsSecond(x) { call, x throws(PyTorchFunctionProblem) in
          try call.add(.batchNormalization(layer), x)
        })
    },
    PyTorchFunction("group_norm(self, num_groups, weight=None, bias=None, eps=1e-5)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      guard try call.rank(x) > 1 else { throw PyTorchFunctionProblem("it needs channels") }
      let layer = GroupNormalization(
        gamma: try call.array("weight"), beta: try call.array("bias"),
        width: try call.extent(x, 1), groups: try call.integer("num_groups"),
        epsilon: try call.number("eps"))
      return .tensor(
        try call.channelsSecond(x) { call, x throws(PyTorchFunctionProblem) in
          try call.add(.groupNormalization(layer), x)
        })
    },
    // Each channel by itself is a group of one channel.
    PyTorchFunction(
      "instance_norm(self, running_mean=None, running_var=None, weight=None, bias=None, "
        + "use_input_stats=True, momentum=0.1, eps=1e-5)"
    ) { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      guard try call.flag("use_input_stats"), try call.rank(x) > 2 else {
        throw PyTorchFunctionProblem(
          "only moments of the input are supported, over axes behind the channels")
      }
      let width = try call.extent(x, 1)
      let layer = GroupNormalization(
        gamma: try call.array("weight"), beta: try call.array("bias"), width: width, groups: width,
        epsilon: try call.number("eps"))
      return .tensor(
        try call.channelsSecond(x) { call, x throws(PyTorchFunctionProblem) in
          try call.add(.groupNormalization(layer), x)
        })
    },
    PyTorchFunction("rms_norm(self, normalized_shape, weight=None, eps=None)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let count = try call.integers("normalized_shape").count
      // torch takes the distance of 1 to the next float32.
      let epsilon = call["eps"].isNone ? Double(Float.ulpOfOne) : try call.number("eps")
      let rank = try call.rank(x)
      guard count <= rank else { throw call.wrong("normalized_shape", "at most \(rank) extents") }
      let square = try call.add(.unary(.square), x)
      let mean = try call.add(
        .reduction(Reduction(.mean, axes: Array(rank - count..<rank), keepsAxes: true)), square)
      let root = try call.add(
        .unary(.reciprocalSquareRoot), try call.binary(.add, mean, epsilon))
      let y = PyTorchArgument.tensor(try call.binary(.multiply, .tensor(x), .tensor(root)))
      guard !call["weight"].isNone else { return y }
      return .tensor(try call.binary(.multiply, y, call["weight"]))
    },
    PyTorchFunction("normalize(self, p=2, dim=1, eps=1e-12)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axes = try call.axes("dim", of: x)
      let p = try call.number("p")
      guard p != 2 || axes.contains(0) else {
        let layer = UnitNormalization(axes: axes, epsilon: try call.number("eps"))
        return .tensor(try call.add(.unitNormalization(layer), x))
      }
      guard [1, 2].contains(p) else { throw call.wrong("p", "1 or 2") }
      let function: Reduction.Function = p == 1 ? .l1Norm : .l2Norm
      let norm = try call.add(.reduction(Reduction(function, axes: axes, keepsAxes: true)), x)
      let least = try call.add(
        .clamp(Clamp(minimum: try call.number("eps"), maximum: nil)), norm)
      return .tensor(try call.binary(.divide, .tensor(x), .tensor(least)))
    },
  ]
}

extension PyTorchFunctionCall {
  /// Layer normalization; several axes are one while it is computed.
  fileprivate mutating func layerNormalized(
    _ x: PyTorchTensor, _ shape: [Int]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let own = try self.shape(x)
    guard !shape.isEmpty, shape.count < own.count || own.count == 1, shape.allSatisfy({ $0 > 0 }),
      zip(own.suffix(shape.count), shape).allSatisfy({ $0.agrees(with: .fixed($1)) })
    else { throw wrong("normalized_shape", "the extents of the last axes") }
    var width = 1
    for extent in shape {
      let (product, overflow) = width.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw wrong("normalized_shape", "extents that can be multiplied") }
      width = product
    }
    let (gamma, beta) = (try array("weight"), try array("bias"))
    let layer = Layer.layerNormalization(
      LayerNormalization(
        gamma: try gamma.map { tensor throws(PyTorchFunctionProblem) in try shaped(tensor, [width])
        },
        beta: try beta.map { tensor throws(PyTorchFunctionProblem) in try shaped(tensor, [width]) },
        width: width, epsilon: try number("eps")))
    guard shape.count > 1 else { return try add(layer, x) }
    let outer = own.dropLast(shape.count).map { PyTorchArgument.extent($0) }
    let joined = try add(layer, try reshaped(x, outer + [.integer(width)]))
    return try reshaped(joined, outer + shape.map { .integer($0) })
  }

  /// A layer that has the channels last, on a value that has them behind the batch, or has no other
  /// axes.
  mutating func channelsSecond(
    _ x: PyTorchTensor,
    _ layer: (inout PyTorchFunctionCall, PyTorchTensor) throws(PyTorchFunctionProblem)
      -> PyTorchTensor
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let rank = try rank(x)
    guard rank > 2 else { return try layer(&self, x) }
    return try channelsLast(x, rank - 2, layer)
  }
}
