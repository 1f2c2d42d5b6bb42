import RecurModel
import RecurTensors

extension Embedding: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let table = Values<Scalar>(table).elements
    let width = outputSize
    var rows: [Scalar] = []
    rows.reserveCapacity(call.x.elements.count * width)
    for (position, element) in call.x.elements.enumerated() {
      let token = element.rounded(.towardZero)
      guard token >= 0, token < Scalar(vocabularySize) else {
        throw .token("\(element)", at: position, self, call.node)
      }
      rows += table[Int(token) * width..<(Int(token) + 1) * width]
    }
    let mask = Values<Scalar>(
      shape: call.x.shape, elements: call.x.elements.map { $0 != 0 ? 1 : 0 })
    return [Values(shape: call.x.shape + [width], elements: rows)]
      + (masksZero ? [mask] : [])
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard masksZero else { return [call.x.changed] }
    var mask = call.x
    mask.padded = call.x.padded.map { $0 == 0 ? 0 : 1 }
    if flow.isPadded, mask.padded != 0, flow.isUsed(call.node, 1) {
      flow.refuseMask(call.node, value: 0, call.x.padded)
    }
    return [call.x.changed, mask]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}

extension CheckpointError {
  /// The error for a token without a row in the table.
  static func token(
    _ token: String, at position: Int, _ embedding: Embedding, _ node: Model.Node
  ) -> CheckpointError {
    CheckpointError(
      .inputToken, "token \(token) (element \(position)) is not in '\(node.layerName)'",
      at: node.location, expected: "0…\(embedding.vocabularySize - 1)", found: token)
  }
}
