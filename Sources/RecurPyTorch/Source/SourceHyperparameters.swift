import RecurModel
import RecurSource
import RecurTensors

/// The arguments of constructors, which `save_hyperparameters()` makes attributes of `self.hparams`.
struct SourceHyperparameters {
  private var values: [ObjectIdentifier: [(name: String, value: SourceValue)]] = [:]

  /// Notes what a constructor was called with; of several classes of one object the last one counts,
  /// which is called first.
  mutating func note(_ scope: SourceScope, _ function: SourceFunction, of object: SourceObject) {
    var own = values[ObjectIdentifier(object)] ?? []
    for parameter in function.parameters.dropFirst() {
      guard let value = scope.values[parameter.name] else { continue }
      var all = [(name: parameter.name, value: value)]
      if parameter.kind == .keywords, case .dictionary(let entries) = value {
        all = entries.keys.map { (SourceInterpreter.childName($0), entries[$0] ?? .none) }
      }
      own += all.filter { entry in !own.contains { $0.name == entry.name } }
    }
    values[ObjectIdentifier(object)] = own
  }

  /// The object with the arguments as attributes: those that are named, or all but the ignored ones.
  func object(
    of object: SourceObject, _ given: SourceArguments, _ place: SourcePosition
  ) -> SourceObject {
    let result = SourceObject(type: nil, kind: nil, place: place)
    let named = Set(given.positional.flatMap(\.parts).compactMap(\.text))
    let ignored = Set((given.value("ignore")?.parts ?? []).compactMap(\.text))
    for (name, value) in values[ObjectIdentifier(object)] ?? []
    where !ignored.contains(name) && (named.isEmpty || named.contains(name)) {
      // one argument that holds all of them
      if named.isEmpty || named.count > 1 || value.object == nil {
        result[name] = value
      } else if let whole = value.object {
        return whole
      }
    }
    return result
  }
}
