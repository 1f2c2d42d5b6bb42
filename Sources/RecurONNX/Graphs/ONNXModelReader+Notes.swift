import RecurFormats
import RecurModel
import RecurTensors

// What is said about a file: weights without use, and what is computed otherwise than the file does.
extension ONNXModelReader {
  /// Says what is computed otherwise than the file does.
  mutating func note() {
    for node in file.graph.nodes where node.type == "DynamicQuantizeLSTM" {
      notes.append(
        Diagnostic(
          .onnxDequantized, .note,
          "a quantized layer is computed in floating point, with its weights dequantized: its inputs "
            + "and states are not rounded to 8 bits", at: node.location))
    }
  }

  /// Names the weights that no output depends on.
  mutating func noteUnused(_ needed: Set<Name>) {
    for weight in file.graph.initializers where !needed.contains(Name(weight.name)) {
      notes.append(
        Diagnostic(
          .tensorUnused, .warning, "no output depends on the weight '\(weight.name)'",
          at: weight.location))
    }
  }

  /// Says how many values are not rounded as the file rounds them.
  mutating func notePairs() {
    guard let pairs else { return }
    notes.append(
      Diagnostic(
        .onnxDequantized, .note,
        "what QuantizeLinear and DequantizeLinear round between layers is not rounded: the model is "
          + "computed in floating point, with its weights dequantized", at: pairs.first,
        found: "\(pairs.count) pairs"))
  }

  /// The value that a pair of QuantizeLinear and DequantizeLinear rounds to few bits.
  ///
  /// Such a pair on a value that is computed is left out; nil for every other node.
  mutating func unrounded(_ node: ONNXNode, in scope: Scope) -> GraphValue? {
    guard node.type == "DequantizeLinear", node.domain.isEmpty, let rounded = node.inputs.first,
      let first = scope.quantizers[Name(rounded)], first.domain.isEmpty,
      let source = first.inputs.first, let value = scope.values[Name(source)],
      case .computed = value, scope.rounds(first, like: node)
    else { return nil }
    pairs = (pairs?.first ?? node.location, (pairs?.count ?? 0) + 1)
    return value
  }
}

extension ONNXModelReader.Scope {
  /// Whether two nodes have the same scale, zero point and axis.
  fileprivate func rounds(_ one: ONNXNode, like other: ONNXNode) -> Bool {
    func parameter(_ node: ONNXNode, _ index: Int) -> String {
      node.inputs.indices.contains(index) ? node.inputs[index] : ""
    }
    func axis(_ node: ONNXNode) -> Int {
      if case .integer(let axis)? = node.attribute("axis") { axis } else { 1 }
    }
    let isSame = (1...2).allSatisfy { index in
      let (left, right) = (parameter(one, index), parameter(other, index))
      guard left != right else { return true }
      guard let x = values[Name(left)]?.known, let y = values[Name(right)]?.known,
        x.shape == y.shape, x.array.count <= 1 << 16, x.array.count == y.array.count
      else { return false }
      return x.array.doubles() == y.array.doubles()
    }
    return isSame && axis(one) == axis(other)
  }
}

extension Diagnostic.Code {
  /// A quantized layer that is computed in floating point.
  static let onnxDequantized = Self(rawValue: "onnx.dequantized")
}
