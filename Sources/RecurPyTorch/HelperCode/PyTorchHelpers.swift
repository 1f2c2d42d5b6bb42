/// Python definitions that generated modules carry with them when they use them.
enum PyTorchHelpers {
  /// Every definition with its name, after those it uses itself.
  ///
  /// No name is part of another one, so that a name found in code is a use.
  private static let all: [(name: String, text: String)] =
    PyTorchRecurrentText.definitions + PyTorchLayerText.definitions

  /// The definitions that `code` uses, and those that they use, in an order Python can read.
  static func definitions(usedBy code: String) -> [String] {
    var text = code
    var used: [String] = []
    for (name, definition) in all.reversed() where text.contains(name) {
      text += definition
      used.append(definition)
    }
    return used.reversed()
  }

  /// The names of all definitions, which no layer may have.
  static let names = all.map(\.name)
}
