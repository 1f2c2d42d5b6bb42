import RecurContainers
import RecurModel

/// The key of `x[key]` as Keras 3 writes it (keras/src/saving/serialization_lib.py): a number, or a
/// list of numbers, nulls, `__slice__` and `__ellipsis__` objects.
///
/// tf.keras writes a slice without a class name around it.
struct KerasGetItemKey {
  /// The layers that compute `x[key]`, one after the other; at least one.
  let layers: [Layer]

  /// Nil if `key` is no key of a value with `rank` axes, or adds an axis before the batch.
  init?(_ key: JSONValue, rank: Int) {
    let parts = key.array ?? [key]
    guard parts.count(where: Self.isEllipsis) <= 1 else { return nil }
    // An axis of the input for each number and each slice.
    let used = parts.count { !$0.isNull && !Self.isEllipsis($0) }
    guard used <= rank else { return nil }
    var (slices, picks, added): ([Slicing.Part], [Selection], [Int]) = ([], [], [])
    var (axis, position) = (0, 0)
    for part in parts {
      if Self.isEllipsis(part) {
        axis += rank - used
        position += rank - used
      } else if part.isNull {
        added.append(position)
        position += 1
      } else if let index = part.integer {
        picks.append(Selection(axis: axis, index: index))
        axis += 1
      } else if let slice = Self.part(part, axis) {
        if slice != Slicing.Part(axis: axis) { slices.append(slice) }
        axis += 1
        position += 1
      } else {
        return nil
      }
    }
    guard added.first != 0 else { return nil }
    let layers =
      (slices.isEmpty ? [] : [Layer.slicing(Slicing(parts: slices))])
      + picks.reversed().map { .selection($0) } + added.map { .reshaping(.insertAxis($0)) }
    self.layers = layers.isEmpty ? [.identity(Identity(className: "Identity"))] : layers
  }

  private static func part(_ value: JSONValue, _ axis: Int) -> Slicing.Part? {
    let isNamed = value["class_name"]?.string == "__slice__"
    guard let config = isNamed ? value["config"]?.object : value.object else { return nil }
    var bounds: [Int?] = []
    for name in ["start", "stop", "step"] {
      let bound = config[name] ?? .null
      guard bound.isNull || bound.integer != nil else { return nil }
      bounds.append(bound.integer)
    }
    return Slicing.Part(axis: axis, start: bounds[0], stop: bounds[1], step: bounds[2] ?? 1)
  }

  /// The key that takes `index` along `axis`.
  static func key(_ selection: Selection) -> JSONValue {
    selection.axis == 0
      ? .integer(selection.index)
      : .array(
        [JSONValue](repeating: everything, count: selection.axis) + [.integer(selection.index)])
  }

  /// The key that takes parts.
  static func key(_ slicing: Slicing) -> JSONValue {
    let last = slicing.parts.map(\.axis).max() ?? 0
    var parts = [JSONValue](repeating: everything, count: last + 1)
    for part in slicing.parts {
      parts[part.axis] = [
        "class_name": "__slice__",
        "config": [
          "start": part.start.map { .integer($0) } ?? .null,
          "stop": part.stop.map { .integer($0) } ?? .null,
          "step": part.step == 1 ? .null : .integer(part.step),
        ],
      ]
    }
    return .array(parts)
  }

  /// The slice `:`.
  static let everything: JSONValue = [
    "class_name": "__slice__", "config": ["start": nil, "stop": nil, "step": nil],
  ]

  private static func isEllipsis(_ part: JSONValue) -> Bool {
    part["class_name"]?.string == "__ellipsis__"
  }

  /// The key as Python writes it.
  static func text(_ key: JSONValue) -> String {
    let parts = (key.array ?? [key]).map { part -> String in
      if isEllipsis(part) { return "..." }
      guard let config = part["config"] ?? part.object.map({ .object($0) }) else {
        return part.text
      }
      let bounds = ["start", "stop", "step"].map { name -> String in
        let bound = config[name] ?? .null
        return bound.isNull ? "" : bound.text
      }
      return bounds[0] + ":" + bounds[1] + (bounds[2].isEmpty ? "" : ":\(bounds[2])")
    }
    return parts.joined(separator: ", ")
  }
}
