import RecurContainers
import RecurModel
import RecurTensors

/// Operations of keras/src/ops that stand where a layer stands.
extension KerasLayerReader {
  mutating func operation() -> Layer? {
    if let operand = config.calls.first?.operand,
      // As text, because NaN is unlike itself.
      config.calls.contains(where: { $0.operand?.text != operand.text })
    {
      return fail("operation '\(config.name)' is called with several plain arguments")
    }
    switch config.className {
    case "NotEqual": return notEqual()
    case "Any": return anyTrue()
    case "LogicalOr": return .merge(.maximum)
    case "LogicalAnd": return .merge(.minimum)
    // No number equals NaN.
    case "OnesLike":
      options.ignore("dtype")
      return .notEqual(NotEqual(value: .nan))
    // Called with ones, so that nothing differs from 1.
    case "ZerosLike":
      options.ignore("dtype")
      return .notEqual(NotEqual(value: 1))
    case "ExpandDims": return expandDims()
    case "GetItem": return getItem()
    case "Stack": return stack()
    case "Transpose": return transpose()
    case "Swapaxes": return swapaxes()
    case KerasLengths.mask: return lengthMask()
    case KerasLengths.lastTimestep: return lastTimestep()
    case "Cast":
      let name = options.value("dtype")?.string ?? ""
      guard let type = ElementType(rawValue: name), type.isArithmetic else {
        options.refuse("dtype", because: "only floating-point types are supported")
        return nil
      }
      precision = type
      return .identity(Identity(className: "Cast"))
    default:
      options.only("sparse", nil, false)
      options.only("ragged", nil, false)
      options.only("dtype", nil)
      return .identity(Identity(className: "ConvertToTensor"))
    }
  }

  // MARK: masks

  private mutating func notEqual() -> Layer? {
    guard let value = config.calls.first?.operand?.double else {
      return fail("operation '\(config.name)' compares with no number")
    }
    return .notEqual(NotEqual(value: compared(value)))
  }

  /// A plain number as it is compared: Keras 3 makes it a float32 whatever the layer's type, Keras 2
  /// rounds it to that type (keras/src/backend/tensorflow/numpy.py, `not_equal`; reproduced with
  /// 3.15 and 2.21 in float64 and float16).
  func compared(_ value: Double) -> Double {
    version.isKeras3 ? ElementType.float32.rounded(value) : precision.rounded(value)
  }

  private mutating func anyTrue() -> Layer? {
    let keeps = options.bool("keepdims", default: false)
    guard let axis = options.value("axis")?.integer else {
      return fail("operation '\(config.name)' has no single axis")
    }
    return .anyTrue(AnyTrue(axis: axis, keepsAxis: keeps))
  }

  private mutating func lengthMask() -> Layer? {
    let rank = options.bool("feature", default: false) ? 3 : 2
    guard inputShapes.first.map({ $0.count == rank }) ?? true else {
      return fail("operation '\(config.name)' counts the timesteps of no sequence")
    }
    return .lengthMask(LengthMask())
  }

  private mutating func lastTimestep() -> Layer? {
    guard inputShapes.first.map({ $0.count == 3 }) ?? true else {
      return fail("operation '\(config.name)' takes the last timestep of no sequence")
    }
    return .selection(Selection(axis: 1, index: -1))
  }

  // MARK: axes

  private mutating func expandDims() -> Layer? {
    guard let axis = options.value("axis")?.integer, let rank = inputShapes.first?.count else {
      return fail("operation '\(config.name)' has no single axis")
    }
    let position = axis < 0 ? axis + rank + 1 : axis
    guard position > 0, position <= rank else {
      return fail("operation '\(config.name)' has the axis \(axis)")
    }
    return .reshaping(.insertAxis(position))
  }

  /// `x[0]`, `x[:, -1]`: one position along one axis.
  private mutating func getItem() -> Layer? {
    guard let key = config.calls.first?.operand, let rank = inputShapes.first?.count else {
      return fail("operation '\(config.name)' takes an element of nothing")
    }
    guard let selection = KerasGetItemKey(key, rank: rank)?.selection else {
      findings.append(
        Diagnostic(
          .kerasOptionUnsupported, .error,
          "GetItem '\(config.name)' takes [\(KerasGetItemKey.text(key))] of its input; one "
            + "position along one axis is supported, such as [0] or [:, -1]", at: config.location))
      return nil
    }
    return .selection(selection)
  }

  private mutating func stack() -> Layer? {
    guard let axis = options.value("axis")?.integer else {
      return fail("operation '\(config.name)' has no axis")
    }
    let position = axis < 0 ? inputShapes.first.map { axis + $0.count + 1 } : axis
    guard let position, position >= 0, inputShapes.first.map({ position <= $0.count }) ?? true
    else { return fail("operation '\(config.name)' has the axis \(axis)") }
    return .merge(.stack(axis: position))
  }

  private mutating func transpose() -> Layer? {
    let given = options.value("axes")
    let numbers = given?.array?.compactMap(\.integer)
    let rank = inputShapes.first?.count ?? numbers?.count ?? 0
    // Without axes, all of them are turned round.
    let axes = numbers ?? (given?.isNull ?? true ? Array((0..<rank).reversed()) : [])
    return reordering(axes.map { $0 < 0 ? $0 + rank : $0 }, rank: rank)
  }

  private mutating func swapaxes() -> Layer? {
    guard let one = options.value("axis1")?.integer, let other = options.value("axis2")?.integer,
      let rank = inputShapes.first?.count
    else { return fail("operation '\(config.name)' exchanges no two axes") }
    let (first, second) = (one < 0 ? one + rank : one, other < 0 ? other + rank : other)
    var axes = Array(0..<rank)
    guard axes.indices.contains(first), axes.indices.contains(second) else {
      return fail("operation '\(config.name)' exchanges the axes \(one) and \(other)")
    }
    axes.swapAt(first, second)
    return reordering(axes, rank: rank)
  }

  /// Axes in another order, where the batch stays or is exchanged with the axis after it.
  private mutating func reordering(_ axes: [Int], rank: Int) -> Layer? {
    guard rank >= 2, axes.sorted() == Array(0..<rank) else {
      return fail("operation '\(config.name)' has the axes \(axes), no order of \(rank) axes")
    }
    if axes[0] == 0 { return .reshaping(.permute(Array(axes.dropFirst()))) }
    if axes == [1, 0] + (2..<rank) { return .reshaping(.exchangeBatchAndTime) }
    findings.append(
      Diagnostic(
        .kerasOptionUnsupported, .error,
        "\(config.className) '\(config.name)' puts the axes in the order \(axes); the first two may "
          + "be exchanged, or those after the batch put in another order", at: config.location))
    return nil
  }
}

/// The key of `x[key]` as Keras 3 writes it (keras/src/saving/serialization_lib.py): a number, or a
/// list of numbers, `__slice__` and `__ellipsis__` objects.
struct KerasGetItemKey {
  /// The one position it names.
  let selection: Selection

  /// Nil when `key` is anything but one position along one axis of a value with `rank` axes.
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

  /// `:`.
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

  /// The key in Python's words.
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
