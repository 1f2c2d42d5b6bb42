public import RecurModel
public import RecurTensors

/// The sizes that a caller declares for the first recurrent stack of a model; nil is not declared.
public struct DeclaredSizes: Sendable {
  /// The units of every layer: torch's hidden_size.
  public var units: Int?
  /// The width of the first layer's input.
  public var inputSize: Int?
  /// The number of layers: those of one torch module, or all recurrent layers of a Keras model.
  public var layers: Int?
  /// Whether the layers read from both ends.
  public var isBidirectional: Bool?

  /// Declares the sizes that are not nil.
  public init(
    units: Int? = nil, inputSize: Int? = nil, layers: Int? = nil, isBidirectional: Bool? = nil
  ) {
    self.units = units
    self.inputSize = inputSize
    self.layers = layers
    self.isBidirectional = isBidirectional
  }

  /// Whether no size is declared.
  package var isEmpty: Bool {
    units == nil && inputSize == nil && layers == nil && isBidirectional == nil
  }
}

extension Model {
  /// The differences between the declared sizes and the model's first recurrent stack.
  ///
  /// - Returns: errors; if there are none, one note that names the layer that was checked.
  public func findings(against declared: DeclaredSizes) -> [Diagnostic] {
    guard !declared.isEmpty else { return [] }
    guard let node = nodes.first(where: { $0.layer.firstCell != nil }),
      let cell = node.layer.firstCell
    else {
      return [
        Diagnostic(
          .tensorMissing, .error,
          "the model has no recurrent layer to hold the declared sizes against")
      ]
    }
    let stack = nodes.filter { other in
      guard other.layer.firstCell != nil else { return false }
      return node.place?.layer == nil || other.place?.key == node.place?.key
    }
    let isPair = if case .bidirectional = node.layer { true } else { false }
    var wrong: [String] = []
    func check<Value: Equatable>(_ declared: Value?, _ found: Value, _ text: (Value) -> String) {
      if let declared, declared != found { wrong.append(text(declared)) }
    }
    func layers(_ count: Int) -> String { "\(count) layer\(count == 1 ? "" : "s")" }
    check(declared.units, cell.hiddenSize) { "\($0) units" }
    check(declared.inputSize, cell.inputSize) { "input size \($0)" }
    check(declared.layers, stack.count, layers)
    check(declared.isBidirectional, isPair) { $0 ? "two directions" : "one direction" }
    let found =
      "\(cell.hiddenSize) units, input size \(cell.inputSize)"
      + (declared.layers == nil ? "" : ", \(layers(stack.count))")
      + (declared.isBidirectional == nil ? "" : isPair ? ", two directions" : ", one direction")
    let name = node.place.map { $0.key.isEmpty ? node.layerName : $0.key } ?? node.layerName
    guard !wrong.isEmpty else {
      return [
        Diagnostic(
          .sizesChecked, .note, "'\(name)' has the declared sizes: \(found)", at: node.location)
      ]
    }
    return [
      Diagnostic(
        .tensorShapeMismatch, .error, "",
        at: node.layer.tensors.first?.tensor.location ?? node.location,
        expected: wrong.joined(separator: ", "), found: found
      ).saying(
        "'\(name)' has \(found); \(.caller) declares \(wrong.joined(separator: " and "))")
    ]
  }
}

extension Diagnostic.Code {
  /// The first recurrent layer has the declared sizes.
  public static let sizesChecked = Self(rawValue: "model.sizes.checked")
}
