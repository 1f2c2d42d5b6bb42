/// What reports and `recur --version` say of this program.
enum ToolVersion {
  static let text = "0.1.0"
}
