import RecurContainers
import RecurModel

extension MatrixProduct: KerasLayer {
  static let classes = [
    KerasClass.operation("Matmul", followsInput: true, completes: complete) { reader in
      reader.options.ignore("transpose_a", "transpose_b")
      guard let left = reader.operand("x1"), let right = reader.operand("x2") else { return nil }
      return .matrixProduct(MatrixProduct(left, right))
    }
  ]

  /// Exchanges the last two axes of an operand first, where tf.keras says so.
  private static func complete(_ call: inout KerasNodeReader) {
    for (name, role) in [("transpose_a", "x1"), ("transpose_b", "x2")] {
      guard call.config.options[name] == true else { continue }
      guard let index = call.call.roles.firstIndex(of: role), call.inputShapes[index].count > 2
      else {
        call.refuse("'\(call.config.name)' exchanges the axes of \(role), which has no two of them")
        return
      }
      let rank = call.inputShapes[index].count
      let added = "\(call.node.name):\(name)"
      call.added.append(
        Model.Node(
          name: added, layerName: added,
          layer: .reshaping(.permute(Array(1..<rank - 2) + [rank - 1, rank - 2])),
          inputs: [call.node.inputs[index]], precision: call.node.precision,
          location: call.node.location))
      call.node.inputs[index] = Model.Value(added)
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    var form = writer.operation("Matmul", name)
    form.arguments = allOperands.map(\.argument)
    return form
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
