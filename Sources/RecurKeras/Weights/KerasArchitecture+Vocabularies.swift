import RecurContainers
import RecurTensors

extension KerasArchitecture {
  /// The same with the vocabularies that are stored beside the config, one word a line.
  ///
  /// - Parameter file: the text that is stored for a path such as `layers/string_lookup`.
  /// - Returns: the architecture with vocabularies.
  /// - Throws: what `file` throws.
  func withVocabularies(
    _ file: (String) throws(CheckpointError) -> String?
  ) throws(CheckpointError) -> KerasArchitecture {
    var copy = self
    var numbering = KerasLayerNumbering.each
    for index in copy.layers.indices {
      let key = numbering.key(of: layers[index].storedClassName)
      guard layers[index].options["vocabulary"] == .null,
        let text = try file("layers/\(key)")
      else { continue }
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let isWhole = layers[index].className == "IntegerLookup"
      copy.layers[index].options.set(
        "vocabulary",
        .array(
          lines.map { line in
            isWhole
              ? Int(line).map { .integer($0) } ?? .string(String(line)) : .string(String(line))
          }))
    }
    return copy
  }
}
