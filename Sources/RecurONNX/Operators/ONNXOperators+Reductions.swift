import RecurModel
import RecurTensors

// One number for all elements along some axes.
extension ONNXOperators {
  static let reductions: [ONNXOperator] =
    ([
      ("ReduceMean", .mean), ("ReduceSum", .sum), ("ReduceMax", .maximum), ("ReduceMin", .minimum),
      ("ReduceProd", .product), ("ReduceL1", .l1Norm), ("ReduceL2", .l2Norm),
      ("ReduceLogSumExp", .logSumExp),
    ] as [(String, Reduction.Function)]).map { name, function in
      ONNXOperator(name, 1...2, "axes keepdims noop_with_empty_axes") {
        call, builder throws(CheckpointError) in [try reduced(function, call[0], call, &builder)]
      }
    } + [
      ONNXOperator("ReduceSumSquare", 1...2, "axes keepdims noop_with_empty_axes") {
        call, builder throws(CheckpointError) in
        let squares = try builder.unary(.square, call.array(0, builder))
        return [try reduced(.sum, squares, call, &builder)]
      },
      ONNXOperator("ReduceLogSum", 1...2, "axes keepdims noop_with_empty_axes") {
        call, builder throws(CheckpointError) in
        let sum = try reduced(.sum, call[0], call, &builder)
        return [try builder.unary(.log, sum)]
      },
    ]

  private static func reduced(
    _ function: Reduction.Function, _ x: GraphValue, _ call: ONNXCall,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let keeps = try call.int("keepdims", builder, default: 1) != 0
    if let sizes = GraphSizes(x), !sizes.isSingle {
      // Shape arithmetic.
      guard let result = sizes.reduced(function) else {
        throw call.problem("of sizes that depend on the call", builder)
      }
      return GraphSizes([result], isSingle: !keeps).value
    }
    guard x.isArray else { throw call.problem("takes \(x.title)", builder) }
    if let type = builder.type(x), !type.isFloatingPoint,
      [.mean, .l2Norm, .logSumExp].contains(function)
    {
      throw call.problem("takes whole numbers, and rounds its result", builder)
    }
    let rank = try builder.extents(x).count
    let given = try call.ints("axes", orInput: 1, builder) ?? []
    if given.isEmpty, try call.int("noop_with_empty_axes", builder) != 0 { return x }
    guard let axes = positions(of: given.isEmpty ? Array(0..<rank) : given, rank: rank),
      !axes.isEmpty
    else { throw call.problem("has the axes \(given)", builder) }
    return try builder.reduced(function, x, axes: axes.sorted(), keepsAxes: keeps)
  }
}

extension GraphSizes {
  /// One number for all; nil when it is not known for every call.
  fileprivate func reduced(_ function: Reduction.Function) -> Dimension? {
    guard let first = elements.first else { return function == .product ? .fixed(1) : nil }
    switch function {
    case .product: return elements.dropFirst().reduce(first) { $0.times($1) }
    case .sum: return elements.dropFirst().reduce(first) { $0.plus($1) }
    case .maximum where elements.allSatisfy({ $0.value != nil }):
      return elements.compactMap(\.value).max().map { .fixed($0) }
    case .minimum where elements.allSatisfy({ $0.value != nil }):
      return elements.compactMap(\.value).min().map { .fixed($0) }
    case .mean where elements.count == 1: return first
    default: return nil
    }
  }
}
