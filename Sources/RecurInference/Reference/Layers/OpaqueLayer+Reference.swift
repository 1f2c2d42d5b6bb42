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
    let reason =
      switch layer.cause {
      case .unknownClass:
        "which is unknown: what it computes is not in the file, so the model can't be run"
      case .bytecode: "Python bytecode that is never run: the model can't be run"
      case .unknownShape: "and the shape of its input is unknown: the model can't be run"
      }
    return CheckpointError(
      .layerOpaque, "'\(node.layerName)' is of class '\(layer.className)', \(reason)",
      at: node.location
    ).advising(
      "its tensors can be listed with '\(.inspection)' and carried by '\(.conversion)'")
  }
}
