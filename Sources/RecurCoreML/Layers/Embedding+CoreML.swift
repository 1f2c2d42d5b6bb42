import RecurModel
import RecurTensors

extension Embedding: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard !masksZero else {
      throw call.unrepresentable("makes a mask, and no recurrent operation of Core ML takes one")
    }
    guard cutsFractions || !call.x.type.isFloatingPoint else {
      throw call.unrepresentable("reads tokens that are rounded, and Core ML cuts fractions off")
    }
    let tokens = graph.cast(call.x, to: .int32)
    let table = graph.weight(table, "table", as: call.type)
    return [
      graph.apply(
        "gather",
        [
          ("x", .value(table)), ("indices", .value(tokens)), ("axis", .int(0)),
          ("batch_dims", .int(0)),
        ], shape: call.shapes[0], as: call.type, isMain: true)
    ]
  }
}
