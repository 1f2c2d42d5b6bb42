import RecurModel
import RecurTensors

/// A value on its way through torch's modules.
///
/// The canonical model has the batch first and the features last. Where torch has its axes in
/// another order, the value stays canonical and `axes` says what torch would see; axes are exchanged
/// only where somebody looks at them.
struct PyTorchFlow {
  /// How torch's axes lie.
  enum Axes {
    /// As those of the value.
    case asStored
    /// `[timesteps, batch, …]`, the value being `[batch, timesteps, …]`.
    case timeFirst
    /// `[batch, channels, length]`, the value being `[batch, length, channels]`.
    case channelsSecond

    /// Which of the value's three axes torch sees in each place.
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

/// Where a module finds what it works on, in torch's order of axes.
enum PyTorchAlignment {
  /// It looks at elements one by one, or adds an axis behind all others.
  case anywhere
  /// It takes the axes as torch sees them.
  case asSeen
  /// It works along torch's last axis.
  case lastAxis
  /// Channels are torch's second axis; so many zeros are put before and after the timesteps.
  case channelsSecond(pad: Int)
  /// Channels are torch's second axis of three, and the last of two.
  case channelsSecondOfThree
}

extension PyTorchModelReader {
  /// The value as torch sees it.
  mutating func seen(_ flow: PyTorchFlow) -> Model.Value { permuted(flow.value, flow.axes) }

  /// The canonical value of what torch takes to lie as `axes` say.
  mutating func canonical(_ flow: PyTorchFlow, as axes: PyTorchFlow.Axes) -> Model.Value {
    flow.axes == axes ? flow.value : permuted(seen(flow), axes)
  }

  /// Both reorderings are their own inverse.
  mutating func permuted(_ value: Model.Value, _ axes: PyTorchFlow.Axes) -> Model.Value {
    switch axes {
    case .asStored: return value
    case .timeFirst:
      return add("\(text(value)).exchanged", .reshaping(.exchangeBatchAndTime), [value])
    case .channelsSecond:
      return add("\(text(value)).permuted", .reshaping(.permute([2, 1])), [value])
    }
  }

  private func text(_ value: Model.Value) -> String {
    value.output == 0 ? value.node : "\(value.node).\(value.output)"
  }

  /// Adds a node that has no weights.
  ///
  /// - Returns: its first output.
  mutating func add(
    _ name: String, _ layer: Layer, _ inputs: [Model.Value], mask: Model.Value? = nil
  ) -> Model.Value {
    let precision = inputs.first.flatMap { input in
      nodes.last { $0.name == input.node }?.precision
    }
    return add(
      Model.Node(
        name: name, layerName: name, layer: layer, inputs: inputs, mask: mask,
        precision: precision ?? .float32, location: place))
  }

  /// Adds a node under its name, or the next one that is free.
  mutating func add(_ node: Model.Node) -> Model.Value {
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

  /// The number of axes torch sees, if it is known.
  func rank(_ flow: PyTorchFlow) -> Int { shapes[flow.value]?.count ?? 0 }
}
