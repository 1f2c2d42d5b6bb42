import RecurTensors

/// A value of the graph that is written: its name and its element type.
struct ONNXValue: Hashable, Sendable {
  let name: String
  let type: ElementType
}

/// A node of the graph that is written.
struct ONNXNodeForm: Sendable {
  /// The name, unique in the graph.
  var name: String
  /// The operator.
  var type: String
  /// The names of the values that it reads; empty for one that is left out.
  var inputs: [String]
  /// The names of its results; empty for one that is not used.
  var outputs: [String]
  var attributes: [ONNXAttributeForm]
}

/// An attribute of a node that is written.
enum ONNXAttributeForm: Hashable, Sendable {
  case integer(String, Int)
  case float(String, Double)
  case text(String, String)
  case integers(String, [Int])
  case floats(String, [Double])
  case texts(String, [String])
}

/// A tensor of the graph that is written.
struct ONNXWeightForm: Sendable {
  /// Where its elements come from.
  enum Content: Sendable {
    /// Views of tensors of the model.
    case tensor(Tensor)
    /// Numbers that belong to an operator, as bytes.
    case bytes([UInt8])
  }

  var name: String
  var type: ElementType
  var shape: [Int]
  var content: Content
  /// The tensors of the file whose elements these are; empty for the one in `content`.
  var sources: [Tensor] = []

  /// The number of bytes of all elements.
  var byteCount: Int {
    switch content {
    case .tensor(let tensor): tensor.byteCount
    case .bytes(let bytes): bytes.count
    }
  }
}
