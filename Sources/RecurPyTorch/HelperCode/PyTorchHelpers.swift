/// Python definitions that generated modules carry with them when they use them.
///
/// Those of one kind of layer or cell stand in the room of the kind.
enum PyTorchHelpers {
  /// Every definition, after those it uses itself.
  private static let all = ofRecurrentLayers + ofCells + ofLayers

  /// The definitions that `code` uses, and those that they use, in an order Python can read.
  static func definitions(usedBy code: String) -> [String] {
    var text = code
    var used: [String] = []
    for helper in all.reversed() where text.contains(helper.name) {
      text += helper.text
      used.append(helper.text)
    }
    return used.reversed()
  }

  /// The names of all definitions, which no layer may have.
  static let names = all.map(\.name)
}
