/// How Keras names the groups of a file after the classes of layers.
enum KerasPathNames {
  /// The key of a layer in its container: its class, counted.
  static func key(_ className: String, _ counters: inout [String: Int]) -> String {
    let name = snakeCase(className)
    let count = counters[name, default: 0]
    counters[name] = count + 1
    return count == 0 ? name : "\(name)_\(count)"
  }

  /// A class name as Keras writes it in paths (keras/src/utils/naming.py, `to_snake_case`).
  static func snakeCase(_ name: String) -> String {
    let characters = Array(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
    var result = ""
    for (index, character) in characters.enumerated() {
      let startsWord =
        character.isUppercase && index > 0
        && (index + 1 < characters.count && characters[index + 1].isLowercase
          || characters[index - 1].isLowercase)
      if startsWord { result += "_" }
      result += character.lowercased()
    }
    return result
  }
}
