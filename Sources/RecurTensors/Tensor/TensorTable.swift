/// Tensors by name, in file order.
public struct TensorTable: Sendable {
  /// The names, in file order.
  public private(set) var names: [String] = []
  private var tensors: [Name: Tensor] = [:]
  /// Arrays of the file whose elements this program can't read as numbers, in file order.
  public private(set) var unreadable: [UnreadableTensor] = []
  private var unreadablePositions: [Name: Int] = [:]

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
    try checkNew(name, tensor.location)
    tensors[Name(name)] = tensor
    names.append(name)
  }

  /// Adds an array that can be listed but not read.
  ///
  /// - Throws: `tensor.duplicate` when the name is taken.
  package mutating func append(_ tensor: UnreadableTensor) throws(CheckpointError) {
    try checkNew(tensor.name, tensor.location)
    unreadablePositions[Name(tensor.name)] = unreadable.count
    unreadable.append(tensor)
  }

  /// The array of exactly this name that can be listed but not read, or nil.
  package func unreadable(_ name: String) -> UnreadableTensor? {
    unreadablePositions[Name(name)].map { unreadable[$0] }
  }

  private func checkNew(
    _ name: String, _ location: Diagnostic.Location
  ) throws(CheckpointError) {
    guard tensors[Name(name)] == nil, unreadablePositions[Name(name)] == nil else {
      throw CheckpointError(.tensorDuplicate, "two tensors are named '\(name)'", at: location)
    }
  }
}

/// An array whose elements this program does not read as numbers: elements smaller than a byte,
/// strings.
///
/// The array is listed; a layer that needs it is refused with an error that names the array.
public struct UnreadableTensor: Sendable {
  /// Its name in the file.
  public let name: String
  /// Its element type as the file spells it: `F4`, `<U5`.
  public let type: String
  /// Its shape, outermost first.
  public let shape: [Int]
  /// Its size in bytes.
  public let byteCount: Int
  /// Where its bytes are.
  public let location: Diagnostic.Location

  /// Describes an array.
  package init(
    name: String, type: String, shape: [Int], byteCount: Int, location: Diagnostic.Location
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.byteCount = byteCount
    self.location = location
  }
}
