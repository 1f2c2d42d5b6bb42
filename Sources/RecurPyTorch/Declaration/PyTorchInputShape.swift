import RecurContainers
import RecurModel
import RecurTensors

/// What the first module is given, as far as the modules tell.
///
/// Modules that take any shape are looked through: behind Dropout and permute comes one that says
/// how wide its input is.
struct PyTorchInputShape {
  /// The extents as torch has them.
  private(set) var extents: [Int?]
  /// The axis of the batch.
  private(set) var batchAxis = 0
  /// The element type of the first weights, or that of tokens.
  private(set) var elementType = ElementType.float32

  /// Reads what is declared up to the first module that says how wide it is.
  ///
  /// - Throws: what reading that module throws.
  init(_ reader: PyTorchModelReader) throws(CheckpointError) {
    let layers = reader.declaration.layers
    let rank = Self.rank(layers)
    extents = [Int?](repeating: nil, count: rank)
    var order = Array(extents.indices)
    var isPlaced = false
    var isRead = false
    for (index, layer) in layers.enumerated() {
      let outline = layer.outline
      if case .reorders(let axes) = outline.effect {
        guard axes.sorted() == Array(order.indices) else { return }
        order = axes.map { order[$0] }
        continue
      }
      if !isPlaced, let axis = outline.batchAxis {
        batchAxis = order.indices.contains(axis) ? order[axis] : 0
        isPlaced = true
      }
      // Behind a module that halves the width, widths say nothing of the input.
      if !isRead {
        // Findings of this reading are those of the real one, and dropped.
        var copy = reader
        var module = PyTorchModuleReader(layer, name: reader.arguments.layerNames[index])
        let read = try module.read(&copy, rank: nil)
        if let shape = module.extents(rank: rank), read != nil {
          for (axis, extent) in zip(order, shape) { extents[axis] = extent }
          elementType = module.elementType
          isRead = true
        }
      }
      switch outline.effect {
      case .joinsAxes: return
      case .halvesFeatures: isRead = true
      case .addsAxis: order.append(order.count)
      case .keepsAxes, .reorders: break
      }
      if isPlaced && isRead { return }
    }
  }

  /// The number of axes: of the first module that has no choice, or two, `[batch, features]`.
  private static func rank(_ layers: [PyTorchDeclaration.DeclaredModule]) -> Int {
    for (index, layer) in layers.enumerated() {
      let outline = layer.outline
      if outline.effect == .joinsAxes {
        // Two axes are flat already: what is as wide behind it as before it has no third.
        let before = layers[..<index].last { $0.outline.gives != nil }?.outline.gives
        let after = layers[(index + 1)...].first { $0.outline.takes != nil }?.outline.takes
        return before != nil && (after == nil || after == before) ? 2 : 3
      }
      if let rank = outline.rank { return rank }
    }
    return 2
  }
}
