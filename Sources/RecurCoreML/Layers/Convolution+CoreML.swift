import RecurModel
import RecurTensors

extension Convolution: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard strides.count < 3 else { throw call.unrepresentable("moves along three axes") }
    let (x, rank) = (call.floating(&graph), call.rank)
    var pads: [Int] = []
    for (axis, window) in windows.enumerated() {
      let span = (window.size - 1) * window.dilation + 1
      switch window.padding {
      case .valid: pads += [0, 0]
      case .explicit(let before, let after): pads += [before, after]
      case .causal: pads += [span - 1, 0]
      case .same:
        let extent = x.shape[axis + 1].value
        guard window.stride == 1 || extent != nil else {
          throw call.unrepresentable(
            "pads an axis of a free extent by as much as its stride needs")
        }
        let count = extent.map { ($0 + window.stride - 1) / window.stride } ?? 0
        let missing =
          window.stride == 1
          ? span - 1 : max((count - 1) * window.stride + span - (extent ?? 0), 0)
        pads += [missing / 2, missing - missing / 2]
      }
    }
    let moved = graph.permuted(x, [0, rank - 1] + Array(1..<rank - 1))
    var arguments: [(String, MILArgument)] = [
      ("x", .value(moved)), ("weight", .value(graph.weight(kernel, "kernel", as: call.type))),
      ("strides", .ints(strides)), ("dilations", .ints(dilations)), ("groups", .int(groups)),
      ("pad_type", .text("custom")), ("pad", .ints(pads)),
    ]
    if let bias { arguments.append(("bias", .value(graph.weight(bias, "bias", as: call.type)))) }
    let shape = call.shapes[0]
    let y = graph.apply(
      "conv", arguments, shape: [shape[0], shape[rank - 1]] + shape[1..<rank - 1], as: call.type,
      isMain: true)
    let last = graph.permuted(y, [0] + Array(2..<rank) + [1])
    return [try graph.activated(last, activation, call)]
  }
}
