import RecurTensors

extension ONNXNode {
  /// The names of all values that the node reads, also those that graphs in it read from outside.
  var reads: [String] {
    var all = inputs.filter { !$0.isEmpty }
    for attribute in attributes {
      guard case .graph(let graph) = attribute.value else { continue }
      all += graph.nodes.flatMap(\.reads) + graph.outputs.map(\.name)
    }
    return all
  }

  /// The name of the layer, as far as the exporter's name says one: `/encoder/lstm/LSTM` is
  /// `encoder.lstm`.
  var layerName: String {
    let isGeneric: (Substring) -> Bool = { part in
      part.hasPrefix("PartitionedCall") || part.hasPrefix("StatefulPartitionedCall")
        || part == "while" || part == "while_loop"
    }
    if let scopes {
      // A list in Python: ['', 'lstm', 'lstm'].
      let names = scopes.split(separator: "'").filter { !$0.contains(",") && !$0.contains("[") }
      let own = names.last { !$0.contains("]") && !$0.isEmpty }
      if let own, own.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }),
        names.count > 1 || ONNXOperators.isRecurrent(type)
      {
        return String(own)
      }
    }
    var parts = name.split { $0 == "/" || $0 == ";" || $0 == ":" }.filter { !isGeneric($0) }
    if parts.count > 1, let last = parts.last, last.hasPrefix(type) || last.contains("__") {
      parts.removeLast()
    }
    let short = parts.isEmpty ? type.lowercased() : parts.joined(separator: ".")
    return short.utf8.count <= 64 ? short : parts.last.map(String.init) ?? type.lowercased()
  }
}

extension ONNXOperators {
  /// Whether an operator is a recurrent layer.
  static func isRecurrent(_ type: String) -> Bool { ["LSTM", "GRU", "RNN"].contains(type) }

  /// Whether an operator is a function of one input, element by element.
  static func isElementwise(_ type: String) -> Bool { elementwise.contains(type) }

  private static let elementwise = Set(["Identity", "Cast"] + activations.map(\.name))
    .subtracting(["Softmax", "LogSoftmax"])
}
