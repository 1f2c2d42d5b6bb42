import RecurModel
import RecurTensors

extension LayerNormalization: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    var arguments: [(String, MILArgument)] = [
      ("axes", .ints([-1])), ("epsilon", .number(epsilon, call.type)),
    ]
    // Where one is given, coremltools needs both.
    if gamma != nil || beta != nil {
      func row(_ tensor: Tensor?, _ role: String, _ neutral: Double) -> MILWritten {
        tensor.map { graph.weight($0, role, as: call.type) }
          ?? graph.numbers(
            [Double](repeating: neutral, count: width), call.type, shape: [width])
      }
      arguments.append(("gamma", .value(row(gamma, "gamma", 1))))
      arguments.append(("beta", .value(row(beta, "beta", 0))))
    }
    return [graph.map("layer_norm", call.floating(&graph), arguments)]
  }
}

extension BatchNormalization: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let (x, rank) = (call.floating(&graph), call.rank)
    guard 2...5 ~= rank else { throw call.unrepresentable("reads an array of \(rank) axes") }
    // `batch_norm` has the channels behind the batch, and at least one axis behind them.
    let order = [0, rank - 1] + Array(1..<rank - 1)
    let moved = rank == 2 ? graph.insertingAxes(x, [2]) : graph.permuted(x, order)
    var arguments: [(String, MILArgument)] = [
      ("mean", .value(graph.weight(movingMean, "mean", as: call.type))),
      ("variance", .value(graph.weight(movingVariance, "variance", as: call.type))),
      ("epsilon", .number(epsilon, call.type)),
    ]
    if let gamma {
      arguments.append(("gamma", .value(graph.weight(gamma, "gamma", as: call.type))))
    }
    if let beta { arguments.append(("beta", .value(graph.weight(beta, "beta", as: call.type)))) }
    let y = graph.map("batch_norm", moved, arguments)
    return [
      rank == 2
        ? graph.removingAxes(y, [2]) : graph.permuted(y, [0] + Array(2..<rank) + [1])
    ]
  }
}
