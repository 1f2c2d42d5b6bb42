import RecurContainers
import RecurModel
import RecurTensors

/// The shape of the first module's input, as far as the modules tell it.
///
/// A module that takes any shape, such as Dropout or permute, is skipped: a later module says how
/// wide its input is.
struct PyTorchInputShape {
  /// The extents in torch's order.
  private(set) var extents: [Int?]
  /// The axis of the batch.
  private(set) var batchAxis = 0
  /// Whether a module tells the number of axes.
  private(set) var isTold = true
  /// The element type of the first weights, or of tokens.
  private(set) var elementType = ElementType.float32

  /// Reads modules up to the first one that fixes the width of its input.
  ///
  /// - Throws: errors of reading that module.
  init(_ reader: PyTorchModelReader, path: [Int]) throws(CheckpointError) {
    let layers = path.map { reader.declaration.layers[$0] }
    let rank = Self.rank(layers)
    extents = [Int?](repeating: nil, count: rank)
    let telling = layers.first {
      $0.outline.rank != nil || $0.outline.effect == .joinsAxes || $0.outline.takes != nil
        || $0.outline.effect == .unknown
    }
    isTold = telling?.outline.effect != .unknown
    var order = Array(extents.indices)
    var isPlaced = false
    var isRead = false
    for (index, layer) in zip(path, layers) {
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
      // Behind a module that halves the width, later widths say nothing about the input.
      if !isRead {
        // The findings are dropped here, because the module is read once more later.
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
      case .joinsAxes, .unknown: return
      case .halvesFeatures: isRead = true
      case .addsAxis: order.append(order.count)
      case .keepsAxes, .reorders: break
      }
      if isPlaced && isRead { return }
    }
  }

  /// The rank of the input: that of the first module with a fixed rank, or 2 for `[batch,
  /// features]`.
  private static func rank(_ layers: [PyTorchDeclaration.DeclaredModule]) -> Int {
    for (index, layer) in layers.enumerated() {
      let outline = layer.outline
      if outline.effect == .joinsAxes {
        // Flatten keeps two axes as they are. So if the widths before and behind it are equal,
        // there is no third axis.
        let before = layers[..<index].last { $0.outline.gives != nil }?.outline.gives
        let after = layers[(index + 1)...].first { $0.outline.takes != nil }?.outline.takes
        return before != nil && (after == nil || after == before) ? 2 : 3
      }
      if let rank = outline.rank { return rank }
      if outline.effect == .unknown { return 2 }
    }
    return 2
  }
}
