import RecurModel
import RecurTensors

/// An operation on every tensor of a layer, with the key of the tensor in a state dict.
///
/// `visit` makes the keys. A writer collects the tensors; a reader replaces them.
protocol StateDictVisitor {
  /// Visits a tensor of a layer; returns the tensor to use in its place.
  mutating func tensor(_ key: String, _ tensor: Tensor) throws(CheckpointError) -> Tensor
  /// Visits the gates of one tensor of a recurrent cell; returns the gates to use in their place.
  mutating func gates<Gate>(
    _ key: String, _ gates: GateMap<Gate, Tensor>, _ place: GatePacking<Gate>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor>
  /// Visits a tensor that torch has and the layer lacks; returns the tensor to use.
  mutating func added(
    _ key: String, _ tensor: Tensor, because reason: String
  ) throws(CheckpointError) -> Tensor
  /// Visits a tensor that torch keeps beside the weights and that computes nothing.
  mutating func bookkeeping(_ key: String, _ tensor: Tensor) throws(CheckpointError)
}

/// The layout and the sizes for the gates of one tensor.
struct GatePacking<Gate: RecurrentGate> {
  var layout: RecurrentLayout<Gate>
  var role: RecurrentTensorRole
  var sizes: RecurrentSizes
  /// The prefix of the layer's keys.
  var prefix: String
}

extension StateDictVisitor {
  /// The layer, with every tensor replaced by the result of the visitor.
  ///
  /// Keys are those of the torch module of the same kind. A layer without a torch module has the
  /// parameter names of generated code. The room of each kind lists them.
  mutating func visit(_ layer: Layer, _ keys: StateDictKeys) throws(CheckpointError) -> Layer {
    var kind = layer.pytorch
    try kind.visitTensors(&self, keys)
    return kind.asLayer
  }

  /// Replaces the tensors of a cell; in a stack, the keys are those of torch.nn.LSTMCell and the
  /// other cells.
  mutating func visit(_ cell: inout RecurrentCell, _ keys: StateDictKeys) throws(CheckpointError) {
    var kind = cell.pytorch
    try kind.visitTensors(&self, keys)
    cell = kind.asCell
  }

  /// Replaces a tensor.
  mutating func visit(_ tensor: inout Tensor, _ key: String) throws(CheckpointError) {
    tensor = try self.tensor(key, tensor)
  }

  /// Replaces a tensor that a layer may lack.
  mutating func visit(_ tensor: inout Tensor?, _ key: String) throws(CheckpointError) {
    guard let own = tensor else { return }
    tensor = try self.tensor(key, own)
  }

  /// Replaces the scale and the shift of a normalization; torch has both or neither.
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
