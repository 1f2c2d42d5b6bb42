import RecurModel
import RecurSource
import RecurTensors

// `*sizes` and `**options` of constructors.
extension SourceModelReader {
  /// The names under which ``candidates(_:)`` keeps the further arguments of a constructor.
  static let (rest, keywords) = ("*", "**")

  /// The arguments of a construction by the names of the parameters; further ones together.
  static func values(
    of construction: SourceConstruction, _ constructor: SourceFunction
  ) -> [String: SourceValue] {
    var values: [String: SourceValue] = [:]
    var positional = construction.arguments.positional[...]
    var keywords = construction.arguments.keywords
    for parameter in constructor.parameters.dropFirst() {
      switch parameter.kind {
      case .rest:
        if !positional.isEmpty { values[Self.rest] = .tuple(Array(positional)) }
        positional = []
      case .keywords:
        if !keywords.isEmpty {
          values[Self.keywords] = .dictionary(
            SourceDictionary(keywords.map { (.text($0.name), $0.value) }))
        }
      case .positionalOnly, .standard, .keywordOnly:
        if parameter.kind != .keywordOnly, let value = positional.popFirst() {
          values[parameter.name] = value
        } else if let index = keywords.firstIndex(where: { $0.name == parameter.name }) {
          values[parameter.name] = keywords.remove(at: index).value
        }
      }
    }
    return values.filter { $0.value.unknown == nil }
  }

  /// What a constructor gets by `**kwargs`: where the source makes the class, and by settings.
  func further(
    _ type: SourceClass, _ constructor: SourceFunction, _ arguments: [String: SourceValue],
    _ run: inout SourceInterpreter
  ) -> [(name: String, value: SourceValue)] {
    var result: [(name: String, value: SourceValue)] = []
    if case .dictionary(let further)? = arguments[Self.keywords] {
      for key in further.keys {
        result.append((SourceInterpreter.childName(key), further[key] ?? .none))
      }
    }
    var others = Set(constructor.parameters.map(\.name))
    if case .function(let forward)? = type.member("forward") {
      others.formUnion(forward.parameters.map(\.name))
    }
    for (name, value) in options.settings where !others.contains(name) && !name.contains(".") {
      run.asked.insert(name)
      result.removeAll { $0.name == name }
      result.append((name, value))
    }
    return result
  }
}
