package import RecurTensors

/// The syntax tree of a source.
package struct SourceTree: Sendable {
  /// The source.
  package let text: SourceText
  /// Its statements in order; those of a notebook's cells one behind the other.
  package let statements: [Statement]

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
    self.text = text
    var parser = Parser(Tokenizer.tokens(of: text, limits: limits))
    statements = parser.parseFile()
  }

  /// The place of `span`, as the location of a finding.
  package func location(_ span: SourceSpan) -> Diagnostic.Location {
    Diagnostic.Location(file: text.name, object: text.place(of: span).text)
  }
}
