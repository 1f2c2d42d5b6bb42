/// How large and how deep a source may be.
package struct SourceLimits: Sendable {
  /// The largest source in bytes.
  package var bytes = 16 << 20
  /// How deep brackets may be nested in brackets, and blocks in blocks.
  package var nesting = 100
  /// How deep the tree of one expression may be.
  package var depth = 400
  /// How deep formatted strings may be nested.
  package var formattedStrings = 6

  package init() {}
}
