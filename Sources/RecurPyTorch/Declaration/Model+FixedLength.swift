import RecurModel
import RecurTensors

extension Model {
  /// The same model with a declared number of timesteps, if its layers take only one number.
  ///
  /// Such layers are a Linear behind a Flatten, or a convolution or normalization over timesteps.
  func withFixedLength() -> Model {
    let shapes = ModelShapes(self)
    let isOpen = nodes.contains { node in
      node.layer.inputWidth != nil && node.inputs.first.flatMap { shapes[$0] }?.last?.value == nil
    }
    guard isOpen, let position = nodes.firstIndex(where: { $0.name == inputs.first }),
      case .input(var input) = nodes[position].layer
    else { return self }
    let free = input.shape.indices.filter { input.shape[$0] == nil && $0 != input.batchAxis }
    guard free.count == 1 else { return self }
    var copy = self
    var fitting: Int?
    for length in 1...2048 {
      input.shape[free[0]] = length
      copy.nodes[position].layer = .input(input)
      guard ModelShapes(copy).findings.isEmpty else { continue }
      guard fitting == nil else { return self }
      fitting = length
    }
    guard let fitting else { return self }
    input.shape[free[0]] = fitting
    copy.nodes[position].layer = .input(input)
    return copy
  }
}
