import RecurModel
import RecurTensors

/// A value on its way through the declared modules.
///
/// The canonical model has the batch first and the features last. Where torch has another order of
/// axes, the value stays canonical, and `axes` holds torch's order. Axes are exchanged only where a
/// module depends on their order.
struct PyTorchFlow {
  /// The order of axes in torch.
  enum Axes {
    /// The order of the value.
    case asStored
    /// Torch has `[timesteps, batch, …]`, the value is `[batch, timesteps, …]`.
    case timeFirst
    /// Torch has `[batch, channels, axes…]`, the value is `[batch, axes…, channels]`.
    case channelsSecond

    /// For each of torch's three axes, the axis of the value.
    var order: [Int] {
      switch self {
      case .asStored: [0, 1, 2]
      case .timeFirst: [1, 0, 2]
      case .channelsSecond: [0, 2, 1]
      }
    }
  }

  var value: Model.Value
  var axes = Axes.asStored
}

/// The axes on which a module works, in torch's order of axes.
enum PyTorchAlignment {
  /// The module works on single elements, or adds an axis behind all others.
  case anywhere
  /// The module depends on the order of all axes.
  case asSeen
  /// The module works along the last axis.
  case lastAxis
  /// The channels are the second axis; `pads` zeros are added before and after each further axis.
  case channelsSecond(pads: [Int])
  /// The channels are the second axis; what torch.nn.functional.pad adds stands around the others.
  case channelsSecondRepeated(pads: [Int], mode: String)
  /// The channels are the second of three axes and more, or the last of two.
  case channelsSecondOfThree
}

extension PyTorchModelReader {
  /// The value in torch's order of axes.
  mutating func seen(_ flow: PyTorchFlow) -> Model.Value {
    permuted(flow.value, flow.axes, order: { [$0 - 1] + Array(1..<$0 - 1) })
  }

  /// The canonical value, for a module that takes `axes` as its order of axes.
  mutating func canonical(_ flow: PyTorchFlow, as axes: PyTorchFlow.Axes) -> Model.Value {
    guard flow.axes != axes else { return flow.value }
    let value = seen(flow)
    return permuted(value, axes, order: { Array(2..<$0) + [1] })
  }

  /// Three axes reordered; both reorderings are their own inverse.
  mutating func permuted(_ value: Model.Value, _ axes: PyTorchFlow.Axes) -> Model.Value {
    permuted(value, axes, order: { _ in [2, 1] })
  }

  private mutating func permuted(
    _ value: Model.Value, _ axes: PyTorchFlow.Axes, order: (Int) -> [Int]
  ) -> Model.Value {
    switch axes {
    case .asStored: return value
    case .timeFirst:
      return add("\(text(value)).exchanged", .reshaping(.exchangeBatchAndTime), [value])
    case .channelsSecond:
      let rank = max(shapes[value]?.count ?? 3, 3)
      return add("\(text(value)).permuted", .reshaping(.permute(order(rank))), [value])
    }
  }

  private func text(_ value: Model.Value) -> String {
    value.output == 0 ? value.node : "\(value.node).\(value.output)"
  }

  /// Adds a node without weights.
  ///
  /// - Returns: its first output.
  mutating func add(
    _ name: String, _ layer: Layer, _ inputs: [Model.Value], mask: Model.Value? = nil
  ) -> Model.Value {
    let own = inputs.first.flatMap { precision(of: $0) }
    return add(
      Model.Node(
        name: name, layerName: name, layer: layer, inputs: inputs, mask: mask,
        precision: own ?? .float32, location: place))
  }

  /// Adds a node with this name, or with a number behind the name if it is taken.
  mutating func add(_ node: Model.Node) -> Model.Value {
    if let undone = undone(by: node) { return undone }
    var node = node
    let base = node.name
    var number = 2
    while !names.insert(node.name).inserted {
      node.name = "\(base)_\(number)"
      number += 1
    }
    if node.layerName == base { node.layerName = node.name }
    append(node)
    return Model.Value(node.name)
  }

  /// The value before an order of axes that `node` turns back.
  private func undone(by node: Model.Node) -> Model.Value? {
    guard case .reshaping(let second) = node.layer, let value = node.inputs.first,
      let before = self.node(of: value), case .reshaping(let first) = before.layer
    else { return nil }
    switch (first, second) {
    case (.exchangeBatchAndTime, .exchangeBatchAndTime): return before.inputs.first
    case (.permute(let one), .permute(let other)):
      let isBack =
        one.count == other.count && other.indices.allSatisfy { one[other[$0] - 1] == $0 + 1 }
      return isBack ? before.inputs.first : nil
    default: return nil
    }
  }

  /// The number of axes in torch, if it is known.
  func rank(_ flow: PyTorchFlow) -> Int { shapes[flow.value]?.count ?? 0 }
}
