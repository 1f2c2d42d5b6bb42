public import RecurTensors

/// The content of a file: the answer to `recur inspect`.
public struct Inspection: Sendable {
  /// One layer as the file declares it.
  public struct DeclaredLayer: Sendable {
    /// Its name.
    public var name: String
    /// Its class in its framework's words.
    public var className: String
    /// Its options in a few words.
    public var detail: String
    /// Whether this program can run it.
    public var isSupported: Bool

    package init(name: String, className: String, detail: String, isSupported: Bool) {
      self.name = name
      self.className = className
      self.detail = detail
      self.isSupported = isSupported
    }
  }

  /// One tensor as it is stored.
  public struct StoredTensor: Sendable {
    /// Its path in the file.
    public var name: String
    /// Its shape, outermost first.
    public var shape: [Int]
    /// Its element type in words.
    public var type: String
    /// Its size in bytes.
    public var byteCount: Int
    /// What the name and the shape of a recurrent weight imply.
    public var remark: String?

    package init(name: String, shape: [Int], type: String, byteCount: Int, remark: String?) {
      self.name = name
      self.shape = shape
      self.type = type
      self.byteCount = byteCount
      self.remark = remark
    }
  }

  /// The format's stable name.
  public var format: String
  /// The format in words, with its version.
  public var title: String
  /// Further facts, in order: producer, metadata.
  public var facts: [(name: String, value: String)]
  /// The layers, in order; empty when the file declares none.
  public var layers: [DeclaredLayer]
  /// The tensors, in file order.
  public var tensors: [StoredTensor]
  /// Warnings and notes about the file.
  public var diagnostics: [Diagnostic]

  package init(
    format: String, title: String, facts: [(name: String, value: String)], layers: [DeclaredLayer],
    tensors: [StoredTensor], diagnostics: [Diagnostic]
  ) {
    self.format = format
    self.title = title
    self.facts = facts
    self.layers = layers
    self.tensors = tensors
    self.diagnostics = diagnostics
  }
}
