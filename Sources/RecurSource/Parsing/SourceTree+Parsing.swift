package import RecurTensors

extension SourceTree {
  /// Builds the tree of a text.
  ///
  /// What the parser does not know becomes a statement of kind ``Statement/Kind/opaque(_:)``.
  ///
  /// - Throws: `bytes.limit-exceeded`.
  package init(
    parsing text: SourceText, limits: SourceLimits = SourceLimits()
  ) throws(CheckpointError) {
    guard text.bytes.count <= limits.bytes else {
      throw CheckpointError(
        .limitExceeded, "the source is larger than a source is allowed to be",
        at: Diagnostic.Location(file: text.name), expected: byteSize(limits.bytes),
        found: byteSize(text.bytes.count))
    }
    var parser = Parser(Tokenizer.tokens(of: text, limits: limits))
    self.init(text: text, statements: parser.parseFile())
  }
}
