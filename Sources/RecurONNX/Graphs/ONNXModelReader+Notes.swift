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

  /// Names the extents that the file calls free and that are not.
  mutating func noteFixed() {
    for (name, value) in fixed.sorted(by: { $0.key < $1.key }) {
      notes.append(
        Diagnostic(
          .onnxFixedExtent, .warning,
          "the file says that '\(name)' may be any number, and its operators work for \(value) alone",
          at: .init(object: file.graph.name), expected: "\(value)", found: "'\(name)'"))
    }
  }
}

extension Diagnostic.Code {
  /// An extent that an ONNX file declares as free, for which its operators have a number.
  static let onnxFixedExtent = Self(rawValue: "onnx.fixed-extent")
  /// A quantized layer that is computed in floating point.
  static let onnxDequantized = Self(rawValue: "onnx.dequantized")
}
