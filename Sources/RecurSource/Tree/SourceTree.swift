package import RecurTensors

/// The syntax tree of a source.
package struct SourceTree: Sendable {
  /// The source.
  package let text: SourceText
  /// Its statements in order; those of a notebook's cells one behind the other.
  package let statements: [Statement]

  init(text: SourceText, statements: [Statement]) {
    self.text = text
    self.statements = statements
  }

  /// The place of `span`, as the location of a finding.
  package func location(_ span: SourceSpan) -> Diagnostic.Location {
    Diagnostic.Location(file: text.name, object: text.place(of: span).text)
  }
}
