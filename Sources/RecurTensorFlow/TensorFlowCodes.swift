import RecurTensors

// Codes that several formats of TensorFlow report.
extension Diagnostic.Code {
  /// Objects or nodes of a file that contradict each other.
  static let tensorFlowGraphInvalid = Self(rawValue: "tensorflow.graph.invalid")
  /// What is known of TensorFlow's files and not read.
  static let tensorFlowUnsupported = Self(rawValue: "tensorflow.unsupported")
  /// Weights of which the file has numbers of fewer bits.
  static let tensorFlowDequantized = Self(rawValue: "tensorflow.dequantized")
}
