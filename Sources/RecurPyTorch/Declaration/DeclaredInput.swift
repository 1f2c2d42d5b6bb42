import RecurContainers
import RecurTensors

/// What a declaration says of an argument of the model: its name, and possibly its shape and type.
///
///     "inputs": ["x", {"name": "tokens", "shape": [null, 12], "dtype": "int64"}]
struct DeclaredInput: Sendable {
  /// The name.
  var name: String
  /// The extents in torch's order; nil for an extent that is free, or a shape that modules tell.
  var shape: [Int?]?
  /// The element type; nil for that which modules tell.
  var type: ElementType?

  init(name: String, shape: [Int?]? = nil, type: ElementType? = nil) {
    self.name = name
    self.shape = shape
    self.type = type
  }

  /// Reads an entry of `inputs`; nil for one that is neither a name nor such an object.
  init?(_ value: JSONValue) {
    if let name = value.string {
      self.init(name: name)
      return
    }
    guard let object = value.object, let name = object["name"]?.string,
      object.names.allSatisfy({ ["name", "shape", "dtype"].contains($0) })
    else { return nil }
    self.init(name: name)
    if let shape = object["shape"], !shape.isNull {
      guard let extents = shape.array, 1...8 ~= extents.count,
        extents.allSatisfy({ $0.isNull || 0...1 << 31 ~= $0.integer ?? -1 })
      else { return nil }
      self.shape = extents.map(\.integer)
    }
    if let word = object["dtype"], !word.isNull {
      let last = word.string?.split(separator: ".").last.map(String.init)
      guard let type = last.flatMap(ElementType.init), !type.isComplex else { return nil }
      self.type = type
    }
  }

  /// The entry as a declaration has it.
  var json: JSONValue {
    guard shape != nil || type != nil else { return .string(name) }
    var object = JSONObject()
    _ = object.append("name", .string(name))
    if let shape {
      _ = object.append("shape", .array(shape.map { $0.map { .integer($0) } ?? .null }))
    }
    if let type { _ = object.append("dtype", .string(type.rawValue)) }
    return .object(object)
  }
}
