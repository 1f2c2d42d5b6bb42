/// Tensors by name, in file order.
public struct TensorTable: Sendable {
  /// The names, in file order.
  public private(set) var names: [String] = []
  private var tensors: [Name: Tensor] = [:]

  /// A table without tensors.
  public init() {}

  /// The tensor of exactly this name (compared byte by byte), or nil.
  public subscript(name: String) -> Tensor? { tensors[Name(name)] }

  /// Every name with its tensor, in file order.
  public var entries: [(name: String, tensor: Tensor)] {
    names.compactMap { name in self[name].map { (name, $0) } }
  }

  /// Adds a tensor.
  ///
  /// - Throws: `tensor.duplicate` when the name is taken.
  package mutating func append(_ name: String, _ tensor: Tensor) throws(CheckpointError) {
    guard tensors.updateValue(tensor, forKey: Name(name)) == nil else {
      throw CheckpointError(
        .tensorDuplicate, "two tensors are named '\(name)'", at: tensor.location)
    }
    names.append(name)
  }
}
