/// The Python definitions that generated modules contain if they use them.
///
/// The definitions of one kind of layer or cell are in the room of the kind.
enum PyTorchHelpers {
  /// Every definition, behind the definitions that it uses.
  private static let all = ofRecurrentLayers + ofCells + ofLayers

  /// The definitions that `code` uses, with those that they use, in an order that Python can read.
  static func definitions(usedBy code: String) -> [String] {
    var text = code
    var used: [String] = []
    for helper in all.reversed() where text.contains(helper.name) {
      text += helper.text
      used.append(helper.text)
    }
    return used.reversed()
  }

  /// The names of all definitions, which no layer may use.
  static let names = all.map(\.name)
}
