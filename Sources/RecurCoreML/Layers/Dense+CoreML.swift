import RecurModel
import RecurTensors

extension Dense: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    var x = call.floating(&graph)
    let shape = x.shape
    guard shape.count <= 3 || shape.dropFirst().allSatisfy({ $0.value != nil }) else {
      throw call.unrepresentable("reads more than three axes, of which several are free")
    }
    // `linear` reads three axes at most.
    if shape.count > 3 {
      x = graph.apply(
        "reshape", [("x", .value(x)), ("shape", .ints([-1, inputSize]))],
        shape: [.free("rows"), .fixed(inputSize)], as: x.type)
    }
    let weight = graph.weight(kernel, "kernel", as: call.type)
    let y = graph.linear(
      x, weight, bias.map { graph.weight($0, "bias", as: call.type) }, isMain: true)
    let result = try graph.activated(y, activation, call)
    guard shape.count > 3 else { return [result] }
    let target = [-1] + shape.dropFirst().dropLast().compactMap(\.value) + [outputSize]
    return [
      graph.apply(
        "reshape", [("x", .value(result)), ("shape", .ints(target))], shape: call.shapes[0],
        as: result.type)
    ]
  }
}
