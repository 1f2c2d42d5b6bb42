/// The version of this program, for reports and `recur --version`.
enum ToolVersion {
  static let text = "0.1.0"
}
