import RecurTensors

/// A JSON value.
///
/// Objects keep the order of their members.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number without fraction and exponent that fits in 64 bits.
  case integer(Int)
  /// Any other number, and Python's `NaN`, `Infinity` and `-Infinity` where they are allowed.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  package var isNull: Bool { self == .null }

  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  package var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .null, .bool, .string, .array, .object: nil
    }
  }

  package var string: String? { if case .string(let value) = self { value } else { nil } }

  package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The member of this object, or nil when this is no object or has no such member.
  package subscript(key: String) -> JSONValue? { object?[key] }

  /// The kind of this value, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a Boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// The members of a JSON object, in file order; names are compared byte by byte.
package struct JSONObject: Sendable, Hashable {
  package struct Member: Sendable, Hashable {
    package var name: String
    package var value: JSONValue
  }

  package private(set) var members: [Member] = []
  private var positions: [Name: Int] = [:]

  package init() {}

  /// An object of these members, of which each name is taken once.
  package init(_ members: [Member]) {
    for member in members { _ = append(member.name, member.value) }
  }

  package var names: [String] { members.map(\.name) }

  package subscript(name: String) -> JSONValue? {
    positions[Name(name)].map { members[$0].value }
  }

  /// The position of the member called `name`, or nil.
  func position(of name: String) -> Int? { positions[Name(name)] }

  /// Adds a member; when the name is taken, returns false and changes nothing.
  package mutating func append(_ name: String, _ value: JSONValue) -> Bool {
    let key = Name(name)
    guard positions[key] == nil else { return false }
    positions[key] = members.count
    members.append(Member(name: name, value: value))
    return true
  }

  /// Gives a member its value: in its place if there is one, else behind the others.
  package mutating func set(_ name: String, _ value: JSONValue) {
    if let position = positions[Name(name)] {
      members[position].value = value
    } else {
      _ = append(name, value)
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements {
      let isNew = object.append(name, value)
      precondition(isNew, "duplicate key in a literal")
    }
    self = .object(object)
  }
}
