// Class names as Keras writes them in paths.
extension String {
  /// A class name in lower case, with underscores between its words (keras/src/utils/naming.py,
  /// `to_snake_case`).
  package var snakeCased: String {
    // What is in front of a sign is the package of a class of the user's own.
    let own = split(separator: ">").last ?? ""
    let characters = Array(own.filter { $0.isLetter || $0.isNumber || $0 == "_" })
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

  /// The key of a layer in the container of its model: the class name with a number.
  func counted(_ counters: inout [String: Int]) -> String {
    // The name of the Python class, where a config has another one.
    let name = self == "GroupQueryAttention" ? "grouped_query_attention" : snakeCased
    let count = counters[name, default: 0]
    counters[name] = count + 1
    return count == 0 ? name : "\(name)_\(count)"
  }
}

extension String {
  /// The class without the package in front of it: `mine>Attention` is `Attention`.
  package var withoutPackage: String { split(separator: ">").last.map(String.init) ?? self }
}
