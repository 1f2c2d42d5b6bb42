package import RecurTensors

/// A value of a MessagePack file (msgpack/msgpack, spec.md); bytes are views of the file.
package indirect enum MessagePackValue: Sendable {
  case null
  case bool(Bool)
  /// A whole number of at most 64 bits with a sign.
  case integer(Int)
  /// A whole number above 2⁶³ − 1.
  case unsigned(UInt64)
  case float(Double)
  case string(String)
  case binary(ByteRegion)
  case array([MessagePackValue])
  /// The entries in file order; no key occurs twice.
  case map([Entry])
  /// Bytes of a type that an application defines.
  case extended(type: Int8, ByteRegion)

  /// A key of a map and its value.
  package struct Entry: Sendable {
    /// A text; a whole number in decimal digits.
    package var key: String
    package var value: MessagePackValue
  }

  /// The whole number, or nil for any other value.
  package var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The text, or nil for any other value.
  package var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The elements, or nil for any other value.
  package var array: [MessagePackValue]? { if case .array(let value) = self { value } else { nil } }

  /// The entries, or nil for any other value.
  package var entries: [Entry]? { if case .map(let value) = self { value } else { nil } }

  /// The value of a key of this map, or nil.
  package subscript(key: String) -> MessagePackValue? {
    entries?.first { Name($0.key) == Name(key) }?.value
  }

  /// The kind of the value, for messages.
  package var kind: String {
    switch self {
    case .null: "nil"
    case .bool: "a Boolean"
    case .integer, .unsigned: "a whole number"
    case .float: "a number"
    case .string: "a text"
    case .binary: "bytes"
    case .array: "an array"
    case .map: "a map"
    case .extended(let type, _): "an extension of type \(type)"
    }
  }
}
