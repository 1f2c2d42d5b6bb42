import RecurModel
import RecurTensors

extension OpaqueLayer: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    throw .opaque(self, call.node)
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    nil
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}

extension CheckpointError {
  /// The error for a layer of an unknown class.
  static func opaque(_ layer: OpaqueLayer, _ node: Model.Node) -> CheckpointError {
    CheckpointError(
      .layerOpaque,
      "'\(node.layerName)' is of class '\(layer.className)', which is unknown: what it "
        + "computes is not in the file, so the model can't be run", at: node.location
    ).advising(
      "its tensors can be listed with '\(.inspection)' and carried by '\(.conversion)'")
  }
}
