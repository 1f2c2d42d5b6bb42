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
      if layer.typeName == "permute" {
        guard let next = Self.permuted(order, by: layer) else { return }
        order = next
        continue
      }
      if !isPlaced, let axis = layer.batchAxis {
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
      switch layer.typeName {
      case "nn.Flatten": return
      case "nn.GLU": isRead = true
      case "nn.Embedding": order.append(order.count)
      default: break
      }
      if isPlaced && isRead { return }
    }
  }

  /// The number of axes: of the first module that has no choice, or two, `[batch, features]`.
  private static func rank(_ layers: [PyTorchDeclaration.Layer]) -> Int {
    for (index, layer) in layers.enumerated() {
      switch layer.typeName {
      case "nn.Embedding": return 2
      case "nn.Conv1d": return 3
      case "nn.Flatten":
        // Two axes are flat already: what is as wide behind it as before it has no third.
        let before = layers[..<index].last { $0.widths.gives != nil }?.widths.gives
        let after = layers[(index + 1)...].first { $0.widths.takes != nil }?.widths.takes
        return before != nil && (after == nil || after == before) ? 2 : 3
      case "permute":
        if let count = layer.options["dims"]?.array?.count, 2...8 ~= count { return count }
      default: if layer.recurrentKind != nil { return layer.isCell ? 2 : 3 }
      }
    }
    return 2
  }

  private static func permuted(_ order: [Int], by layer: PyTorchDeclaration.Layer) -> [Int]? {
    let axes = layer.options["dims"]?.array?.compactMap(\.integer) ?? []
    return axes.sorted() == Array(order.indices) ? axes.map { order[$0] } : nil
  }
}

extension PyTorchDeclaration.Layer {
  /// The axis on which a module takes the batch; nil when it does not care.
  fileprivate var batchAxis: Int? {
    switch typeName {
    case "nn.Conv1d", "nn.BatchNorm1d", "nn.Flatten": return 0
    default:
      guard recurrentKind != nil else { return nil }
      return isCell || options["batch_first"]?.bool == true ? 0 : 1
    }
  }
}

extension PyTorchModuleReader {
  /// What a module that was read takes, of so many axes; nil when it takes anything.
  fileprivate func extents(rank: Int) -> [Int?]? {
    guard var shape = inputShape else { return nil }
    // Linear and LayerNorm take any number of axes, BatchNorm1d two or three.
    while shape.count < rank {
      shape.insert(nil, at: options.layer.typeName == "nn.BatchNorm1d" ? shape.count : 1)
    }
    return shape.count == rank ? shape : nil
  }
}
