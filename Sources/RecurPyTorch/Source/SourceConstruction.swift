import RecurModel
import RecurSource
import RecurTensors

/// A place at which the program around a model makes an object: a class of the source, or a module of
/// torch, with its arguments.
///
/// The object is made where a model needs it, in each attempt to read the model anew.
package final class SourceConstruction {
  /// The class of the source; nil for a module of torch.
  let type: SourceClass?
  /// The full name of a module of torch.
  let library: String
  let arguments: SourceArguments
  let place: SourcePosition

  init(type: SourceClass?, library: String, arguments: SourceArguments, place: SourcePosition) {
    self.type = type
    self.library = library
    self.arguments = arguments
    self.place = place
  }

  var className: String {
    type?.name ?? library.split(separator: ".").last.map(String.init) ?? library
  }
}

extension SourceInterpreter {
  /// Methods of modules that give the module itself.
  static let selfMethods: Set = [
    "to", "cuda", "cpu", "eval", "train", "float", "double", "half", "apply", "requires_grad_",
    "share_memory", "compile",
  ]

  /// The object that a construction makes: the same one at every place of a model.
  mutating func made(_ construction: SourceConstruction) throws(SourceStop) -> SourceValue {
    let key = ObjectIdentifier(construction)
    if let known = instances[key] { return known }
    let outer = position
    defer { position = outer }
    let outerPhase = phase
    phase = .construction
    defer { phase = outerPhase }
    let result = try deeper { interpreter throws(SourceStop) in
      guard let type = construction.type else {
        var given = construction.arguments
        for index in given.positional.indices {
          given.positional[index] = try interpreter.needed(given.positional[index])
        }
        for index in given.keywords.indices {
          given.keywords[index].value = try interpreter.needed(given.keywords[index].value)
        }
        return try interpreter.call(library: construction.library, given)
      }
      return try interpreter.make(type, interpreter.opened(construction, type))
    }
    instances[key] = result
    // what only the forward pass makes has no weights in the file
    if outerPhase == .forward { result.object?.name("(a module that the class does not have)") }
    return result
  }

  /// The arguments of a construction; those that the source does not say are open.
  private mutating func opened(
    _ construction: SourceConstruction, _ type: SourceClass
  ) throws(SourceStop) -> SourceArguments {
    var given = construction.arguments
    guard case .function(let constructor)? = type.member("__init__") else { return given }
    let names = constructor.parameters.dropFirst().prefix { parameter in
      switch parameter.kind {
      case .positionalOnly, .standard: true
      case .rest, .keywordOnly, .keywords: false
      }
    }.map(\.name)
    let number = constructions.filter { $0.type === type }.firstIndex { $0 === construction } ?? 0
    let owner = number == 0 ? type.name : "\(type.name)\(number + 1)"
    for index in given.positional.indices {
      let value = try needed(given.positional[index])
      given.positional[index] =
        value.unknown != nil && index < names.count ? open("\(owner).\(names[index])") : value
    }
    for index in given.keywords.indices {
      let value = try needed(given.keywords[index].value)
      given.keywords[index].value =
        value.unknown != nil ? open("\(owner).\(given.keywords[index].name)") : value
    }
    return given
  }

  /// A value that a model needs: what the program around it makes is made now.
  mutating func needed(_ value: SourceValue) throws(SourceStop) -> SourceValue {
    guard !isLenient else { return value }
    switch value {
    case .instance(let construction): return try made(construction)
    case .bound(.instance(let construction), let name):
      return try attribute(made(construction), name)
    default: return value
    }
  }

  /// The values with those that the program around the model makes.
  mutating func needed(all values: [SourceValue]) throws(SourceStop) -> [SourceValue] {
    guard !isLenient,
      values.contains(where: {
        switch $0 {
        case .instance, .bound(.instance, _): true
        default: false
        }
      })
    else { return values }
    var result: [SourceValue] = []
    for value in values { result.append(try needed(value)) }
    return result
  }
}
