package import RecurModel
package import RecurSource
import RecurTensors

/// A symbolic value: what an expression of a source stands for before any array is known.
package indirect enum SourceValue {
  /// An array, a size, a number, a Boolean, a string, an element type, or None.
  case plain(GraphValue)
  case list(SourceList)
  case tuple([SourceValue])
  case dictionary(SourceDictionary)
  case range(start: Dimension, stop: Dimension, step: Int)
  case slice(SourceValue, SourceValue, SourceValue)
  case ellipsis
  case function(SourceFunction)
  /// A function with its first argument.
  case method(SourceFunction, SourceValue)
  case type(SourceClass)
  case object(SourceObject)
  /// A module, a class or a function of a library, by its full name: `torch.nn.functional.relu`.
  case library(String)
  /// A method of a value that is no object: `x.view`, `items.append`.
  case bound(SourceValue, String)
  /// A packed sequence.
  case packed(SourcePacked)
  /// An object that the program around the model makes.
  case instance(SourceConstruction)
  /// `super()`: an object seen from behind a class.
  case parent(SourceObject, behind: SourceClass)
  /// A value of a library that a dialect knows.
  case foreign(any SourceForeign)
  /// An argument of the model that nothing has read yet.
  case argument(String)
  /// The numbers 0, 1, … up to a free extent, along one of several axes.
  case positions(SourcePositions)
  /// A value of every timestep of the loop over timesteps that is being read.
  case step(SourceStep)
  /// A value that this loop hands on.
  case carried(SourceCarried)
  /// The number of a timestep in this loop, which has this many.
  case timestep(Dimension)
  /// What the source does not say, or what is not understood.
  case unknown(SourceUnknown)

  package static var none: SourceValue { .plain(.nothing) }

  package static func integer(_ value: Int) -> SourceValue { .plain(.integer(value)) }
  package static func flag(_ value: Bool) -> SourceValue { .plain(.flag(value)) }
  package static func text(_ value: String) -> SourceValue { .plain(.text(value)) }

  package var plain: GraphValue? { if case .plain(let value) = self { value } else { nil } }
  package var isNone: Bool { plain?.isNothing ?? false }
  package var array: GraphValue? { plain.flatMap { $0.isArray ? $0 : nil } }
  package var integer: Int? {
    if let flag = plain?.flag { return flag ? 1 : 0 }
    return plain?.integer
  }
  package var dimension: Dimension? { plain?.dimension }
  package var text: String? { plain?.text }
  package var flag: Bool? { plain?.flag }
  package var object: SourceObject? { if case .object(let value) = self { value } else { nil } }
  package var unknown: SourceUnknown? { if case .unknown(let value) = self { value } else { nil } }
  /// The name that stands for something that the source does not say; nil for other values.
  package var openName: String? { plain?.dimension?.openName }

  /// The value in messages.
  package var title: String {
    switch self {
    case .plain(let value): value.isNothing ? "None" : value.title
    case .list: "a list"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .object(let object): "a \(object.className)"
    case .library(let name): "'\(name)'"
    case .unknown(let unknown): unknown.reason
    case .argument(let name): "the argument '\(name)'"
    case .packed: "a packed sequence"
    case .foreign(let value): value.title
    case .step: "a value of a single timestep"
    case .carried: "a state of a loop over timesteps"
    case .timestep: "the number of a timestep"
    default: "a value"
    }
  }
}

/// A list, which all its names share.
package final class SourceList {
  package var elements: [SourceValue]
  package init(_ elements: [SourceValue]) { self.elements = elements }
}

/// A dictionary in the order of its keys.
package final class SourceDictionary {
  package private(set) var keys: [SourceKey] = []
  private(set) var values: [SourceKey: SourceValue] = [:]
  /// Why the entries are not all known; nil when they are.
  package var unknown: SourceUnknown?

  package init(_ entries: [(SourceKey, SourceValue)] = []) {
    for (key, value) in entries { self[key] = value }
  }

  package subscript(key: SourceKey) -> SourceValue? {
    get { values[key] }
    set {
      if values.updateValue(newValue ?? .none, forKey: key) == nil { keys.append(key) }
    }
  }

  /// Takes an entry out.
  func remove(_ key: SourceKey) -> SourceValue? {
    keys.removeAll { $0 == key }
    return values.removeValue(forKey: key)
  }
}

/// A key of a dictionary.
package enum SourceKey: Hashable {
  case text(String)
  case integer(Int)
  case other(String)
}

/// A packed sequence, with the batch in front, and the lengths of its sequences.
package struct SourcePacked {
  var data: GraphValue
  var lengths: GraphValue
}

/// `arange` over a free extent: the position along `axis` of `rank` axes, each other of extent 1.
package struct SourcePositions {
  var extent: Dimension
  var axis = 0
  var rank = 1
}

/// A value that is not known, with the place where it came from.
package struct SourceUnknown {
  package let reason: String
  package let place: SourcePosition

  package init(reason: String, place: SourcePosition) {
    (self.reason, self.place) = (reason, place)
  }
}

/// A place in one of several sources.
package struct SourcePosition {
  package var source: Int
  package var span: SourceSpan
}

/// Names and their values.
package final class SourceScope {
  package var values: [String: SourceValue] = [:]
  let parent: SourceScope?
  /// The number of the source.
  package let source: Int
  /// Whether these are the names of a class, which its methods do not see.
  let isClass: Bool
  /// The libraries from which all names are imported.
  var starImports: [String] = []
  /// The scopes of names that a `global` or `nonlocal` statement takes from elsewhere.
  var elsewhere: [String: SourceScope] = [:]

  package init(parent: SourceScope?, source: Int, isClass: Bool = false) {
    self.parent = parent
    self.source = source
    self.isClass = isClass
  }

  /// The scope in which functions find their names.
  var ofFunctions: SourceScope {
    if isClass, let parent { return parent }
    return self
  }

  /// The value that a name has in the scope or around it; nil for a name without one.
  package func value(of name: String) -> SourceValue? { find(name) }

  func find(_ name: String) -> SourceValue? {
    var scope: SourceScope? = self
    while let here = scope {
      if let other = here.elsewhere[name] { return other.values[name] }
      if let value = here.values[name] { return value }
      scope = here.parent
    }
    return nil
  }
}

/// A function of the source.
package final class SourceFunction {
  package let name: String
  package let parameters: [RecurSource.Parameter]
  let body: Body
  package let scope: SourceScope
  package let span: SourceSpan
  /// The values of the parameters that have one, by name.
  package var defaults: [String: SourceValue] = [:]
  /// The class whose method it is.
  package var owner: SourceClass?
  /// What its decorators say: `staticmethod`, `property`.
  package var kinds: Set<String> = []

  enum Body {
    case statements([Statement])
    case expression(Expression)
  }

  init(
    name: String, parameters: [RecurSource.Parameter], body: Body, scope: SourceScope,
    span: SourceSpan
  ) {
    self.name = name
    self.parameters = parameters
    self.body = body
    self.scope = scope
    self.span = span
  }
}

/// A class of the source.
package final class SourceClass {
  package let name: String
  let bases: [SourceValue]
  package let definition: ClassDefinition
  package let source: Int
  package var members: [String: SourceValue] = [:]
  var memberOrder: [String] = []
  /// Whether `@dataclass` makes its constructor.
  var isDataclass = false

  init(name: String, bases: [SourceValue], definition: ClassDefinition, source: Int) {
    self.name = name
    self.bases = bases
    self.definition = definition
    self.source = source
  }

  /// The class and those it inherits from, in the order in which members are looked up.
  var lineage: [SourceClass] {
    var result = [self]
    for base in bases {
      guard case .type(let parent) = base, result.count < 64 else { continue }
      for ancestor in parent.lineage where !result.contains(where: { $0 === ancestor }) {
        result.append(ancestor)
      }
    }
    return result
  }

  /// The library classes at the ends of its lineage.
  package var libraryBases: [String] {
    lineage.flatMap(\.bases).compactMap { if case .library(let name) = $0 { name } else { nil } }
  }

  /// Whether it is a module of torch.
  var isModule: Bool {
    libraryBases.contains { SourceModules.isModuleBase($0) || SourceModules.kind($0) != nil }
  }

  package func member(_ name: String, behind: SourceClass? = nil) -> SourceValue? {
    var line = lineage[...]
    if let behind, let position = line.firstIndex(where: { $0 === behind }) {
      line = line[(position + 1)...]
    }
    for type in line {
      if let value = type.members[name] { return value }
    }
    return nil
  }
}

/// An object: an instance of a class of the source, or a module of torch.
package final class SourceObject {
  /// Its class in the source; nil for one of torch.
  package let type: SourceClass?
  /// The kind of module that it is by torch's table; nil for other objects.
  let kind: SourceModuleKind?
  /// Its attributes, in the order in which they were set.
  package var attributes: [String: SourceValue] = [:]
  package var attributeOrder: [String] = []
  /// The modules in a container, with their names.
  var children: [(name: String, value: SourceValue)] = []
  /// Where it was made.
  package let place: SourcePosition
  /// Its key in the state dict; nil until the tree of modules is complete.
  var path: String?
  /// The attributes that are parameters or buffers, and whether they are in the state dict.
  var tensors: [String: Bool] = [:]

  /// An object of a class of the source.
  package convenience init(of type: SourceClass, at place: SourcePosition) {
    self.init(type: type, kind: nil, place: place)
  }

  init(type: SourceClass?, kind: SourceModuleKind?, place: SourcePosition) {
    self.type = type
    self.kind = kind
    self.place = place
  }

  /// Takes an attribute away.
  func remove(_ name: String) {
    attributes[name] = nil
    tensors[name] = nil
    attributeOrder.removeAll { $0 == name }
  }

  var className: String { type?.name ?? kind?.name ?? "object" }

  var isModule: Bool { kind != nil || type?.isModule ?? false }

  package subscript(name: String) -> SourceValue? {
    get { attributes[name] }
    set {
      guard let newValue else { return }
      if attributes.updateValue(newValue, forKey: name) == nil { attributeOrder.append(name) }
    }
  }
}

extension Dimension {
  /// What the names of sizes begin with that the source does not say, to tell them from the extents of
  /// arrays.
  static let openMark: Character = "\u{1}"

  /// A size that the source does not say.
  static func open(_ name: String) -> Dimension { .free(Formula("\(openMark)\(name)")) }

  /// The first name of such a size on which this one depends.
  var openName: String? {
    names.first { $0.first == Self.openMark }.map { String($0.dropFirst()) }
  }
}
