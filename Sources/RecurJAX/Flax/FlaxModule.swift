import RecurStateDicts
import RecurTensors

/// Modules of Flax that are no cells, told by the names and shapes of their tensors
/// (flax/linen/linear.py, flax/linen/normalization.py).
enum FlaxModule {
  /// The module of a group; nil for one of another kind.
  static func module(_ group: NameTree.Group, moments: NameTree.Group?) -> DialectModule? {
    guard group.parts.isEmpty, group.tensors.allSatisfy({ $0.tensor.elementType.isFloatingPoint })
    else { return nil }
    let names = group.names
    if let kernel = group["kernel"], names.isSubset(of: ["kernel", "bias"]) {
      return product(kernel, group)
    }
    if let table = group["embedding"], names.count == 1, table.rank == 2 {
      return DialectModule(group.key, .table(table))
    }
    if names.isSubset(of: ["scale", "bias"]), let scale = group["scale"], scale.rank == 1 {
      return normalization(scale, group, moments)
    }
    return nil
  }

  private static func product(_ kernel: Tensor, _ group: NameTree.Group) -> DialectModule? {
    // Products of attention have one axis for the heads.
    let isAttention =
      kernel.rank == 3 && ["query", "key", "value", "out"].contains(group.lastPart)
    guard (2...5).contains(kernel.rank), !isAttention,
      !group.lastPart.hasPrefix("ConvTranspose"), !group.lastPart.hasPrefix("DenseGeneral")
    else { return nil }
    let bias = group["bias"]
    guard bias.map({ $0.shape == [kernel.shape[kernel.rank - 1]] }) ?? true else { return nil }
    // [window…, inputs, outputs]
    let last = kernel.rank - 1
    let weight = kernel.permuted([last, last - 1] + Array(0..<last - 1))
    return DialectModule(group.key, .product(weight: weight, bias: bias))
  }

  private static func normalization(
    _ scale: Tensor, _ group: NameTree.Group, _ moments: NameTree.Group?
  ) -> DialectModule? {
    guard group["bias"].map({ $0.shape == scale.shape }) ?? true else { return nil }
    var own: DialectModule.Moments?
    if let moments {
      guard let mean = moments["mean"], let variance = moments["var"], moments.names.count == 2,
        mean.shape == scale.shape, variance.shape == scale.shape
      else { return nil }
      own = .init(mean: mean, variance: variance)
    }
    var module = DialectModule(
      group.key, .normalization(scale: scale, shift: group["bias"], moments: own))
    // BatchNorm adds 1e-5, all others 1e-6.
    module.epsilon = own == nil ? 1e-6 : 1e-5
    return module
  }
}
