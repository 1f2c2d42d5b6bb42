import RecurModel
import RecurTensors

/// What is done with every tensor of a layer under its key in a state dict.
///
/// `visit` knows the keys; a writer takes the tensors from it, a reader gives others instead.
protocol StateDictVisitor {
  /// A tensor that a layer holds; returns the one to use instead.
  mutating func tensor(_ key: String, _ tensor: Tensor) throws(CheckpointError) -> Tensor
  /// The gates of one tensor of a recurrent cell; returns those to use instead.
  mutating func gates<Gate>(
    _ key: String, _ gates: GateMap<Gate, Tensor>, _ place: GatePacking<Gate>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor>
  /// A tensor that torch has and the layer has not; returns the one to use for it.
  mutating func added(
    _ key: String, _ tensor: Tensor, because reason: String
  ) throws(CheckpointError) -> Tensor
  /// A tensor that torch keeps beside the weights and that computes nothing.
  mutating func bookkeeping(_ key: String, _ tensor: Tensor) throws(CheckpointError)
}

/// Where the gates of a tensor belong.
struct GatePacking<Gate: RecurrentGate> {
  var layout: RecurrentLayout<Gate>
  var role: RecurrentTensorRole
  var sizes: RecurrentSizes
  /// The prefix of the layer's keys.
  var prefix: String
}

extension StateDictVisitor {
  /// The layer with every tensor replaced by what the visitor gives for it.
  ///
  /// Keys are those of the torch module of the same kind; layers torch has not have the names of
  /// their parameters in the generated code. The room of each kind states them.
  mutating func visit(_ layer: Layer, _ keys: StateDictKeys) throws(CheckpointError) -> Layer {
    var kind = layer.pytorch
    try kind.visitTensors(&self, keys)
    return kind.asLayer
  }

  /// The same for a cell; in a stack, the keys are those of torch.nn.LSTMCell and its like.
  mutating func visit(_ cell: inout RecurrentCell, _ keys: StateDictKeys) throws(CheckpointError) {
    var kind = cell.pytorch
    try kind.visitTensors(&self, keys)
    cell = kind.asCell
  }

  /// Replaces a tensor.
  mutating func visit(_ tensor: inout Tensor, _ key: String) throws(CheckpointError) {
    tensor = try self.tensor(key, tensor)
  }

  /// Replaces a tensor that a layer may do without.
  mutating func visit(_ tensor: inout Tensor?, _ key: String) throws(CheckpointError) {
    guard let own = tensor else { return }
    tensor = try self.tensor(key, own)
  }

  /// Replaces γ and β, of which torch has both or none.
  mutating func visit(
    scale: inout Tensor?, _ scaleName: String, shift: inout Tensor?, _ shiftName: String,
    _ keys: StateDictKeys
  ) throws(CheckpointError) {
    let (scaleKey, shiftKey) = (keys.key(scaleName), keys.key(shiftName))
    guard !keys.isGiven, let own = scale ?? shift else {
      try visit(&scale, scaleKey)
      return try visit(&shift, shiftKey)
    }
    let reason = "because torch scales and shifts, and this layer does one of them"
    if scale == nil {
      let ones = try ones(own.elementType, own.shape)
      scale = try added(scaleKey, ones, because: "ones, \(reason)")
    } else {
      try visit(&scale, scaleKey)
    }
    if shift == nil {
      let zeros = try Tensor.zeros(own.elementType, shape: own.shape)
      shift = try added(shiftKey, zeros, because: "zeros, \(reason)")
    } else {
      try visit(&shift, shiftKey)
    }
  }

  private func ones(_ type: ElementType, _ shape: [Int]) throws(CheckpointError) -> Tensor {
    try .rounded(
      [Double](repeating: 1, count: shape.reduce(1, *)), shape: shape, type, at: .init())
  }
}
