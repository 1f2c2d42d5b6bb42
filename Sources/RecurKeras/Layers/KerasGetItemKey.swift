import RecurContainers
import RecurModel

/// The key of `x[key]` as Keras 3 writes it (keras/src/saving/serialization_lib.py): a number, or a
/// list of numbers, `__slice__` and `__ellipsis__` objects.
struct KerasGetItemKey {
  /// The position along the axis.
  let selection: Selection

  /// Nil if `key` is not exactly one position along one axis of a value with `rank` axes.
  init?(_ key: JSONValue, rank: Int) {
    let parts = key.array ?? [key]
    var found: (axis: Int, index: Int)?
    var axis = 0
    for (position, part) in parts.enumerated() {
      if let index = part.integer {
        guard found == nil, index >= -1, index < 1 << 31 else { return nil }
        found = (axis, index)
        axis += 1
      } else if Self.isEllipsis(part) {
        let after = parts.count - position - 1
        guard axis + after <= rank, !parts[(position + 1)...].contains(where: Self.isEllipsis)
        else { return nil }
        axis = rank - after
      } else if Self.isEverything(part) {
        axis += 1
      } else {
        return nil
      }
    }
    guard let found, axis <= rank else { return nil }
    selection = Selection(axis: found.axis, index: found.index)
  }

  /// The key that takes `index` along `axis`.
  static func key(_ selection: Selection) -> JSONValue {
    selection.axis == 0
      ? .integer(selection.index)
      : .array(
        [JSONValue](repeating: everything, count: selection.axis) + [.integer(selection.index)])
  }

  /// The slice `:`.
  static let everything: JSONValue = [
    "class_name": "__slice__", "config": ["start": nil, "stop": nil, "step": nil],
  ]

  private static func isEllipsis(_ part: JSONValue) -> Bool {
    part["class_name"]?.string == "__ellipsis__"
  }

  private static func isEverything(_ part: JSONValue) -> Bool {
    guard part["class_name"]?.string == "__slice__", let config = part["config"]?.object else {
      return false
    }
    return config.members.allSatisfy(\.value.isNull)
  }

  /// The key as Python writes it.
  static func text(_ key: JSONValue) -> String {
    let parts = (key.array ?? [key]).map { part -> String in
      if isEllipsis(part) { return "..." }
      guard part["class_name"]?.string == "__slice__" else { return part.text }
      let bounds = ["start", "stop", "step"].map { name -> String in
        let bound = part["config"]?[name] ?? .null
        return bound.isNull ? "" : bound.text
      }
      return bounds[0] + ":" + bounds[1] + (bounds[2].isEmpty ? "" : ":\(bounds[2])")
    }
    return parts.joined(separator: ", ")
  }
}
