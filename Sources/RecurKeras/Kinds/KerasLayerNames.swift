import RecurModel
import RecurTensors

/// Layer names that Keras accepts, each used once.
///
/// Keras 3 forbids `/`. TensorFlow makes scopes of names, and a scope may hold letters, digits and
/// `_.>-`.
struct KerasLayerNames {
  private var names: [Name: String] = [:]
  private var used: Set<Name> = []
  private let target: KerasTarget
  /// The layers with a changed name, in order.
  private(set) var renamed: [(from: String, to: String)] = []

  /// Whether Keras itself adds operations for masks, named `any` or `concatenate_1`.
  private let hasMaskOperations: Bool

  /// The operations for masks (``KerasModelForm/inKerasOrder(_:)``) with the names that Keras
  /// numbers.
  private static let maskOperations = [
    "any", "concatenate", "convert_to_tensor", "expand_dims", "logical_or", "not_equal",
    "ones_like", "zeros_like",
  ]

  init(_ model: Model, _ target: KerasTarget) {
    self.target = target
    let makesMasks = model.nodes.contains { $0.layer.maskComparison != nil }
    hasMaskOperations = makesMasks && target.isKeras3 && target.holdsArchitecture
    // A name that Keras accepts is kept, whatever comes before it in the model.
    for node in model.nodes where sanitized(node.layerName) == node.layerName {
      names[Name(node.layerName)] = node.layerName
      used.insert(Name(node.layerName))
    }
    for node in model.nodes where names[Name(node.layerName)] == nil {
      let name = unique(sanitized(node.layerName))
      names[Name(node.layerName)] = name
      renamed.append((node.layerName, name))
    }
  }

  /// The name of a layer in the file.
  subscript(layerName: String) -> String { names[Name(layerName)] ?? sanitized(layerName) }

  /// `name`, with a number if it is taken; the result counts as taken.
  mutating func unique(_ name: String) -> String {
    var candidate = name
    var number = 1
    while !used.insert(Name(candidate)).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }

  /// Whether Keras may give `name` to an operation for masks.
  func isOfMask(_ name: String) -> Bool { Self.maskOperations.contains { name.isNumbered($0) } }

  /// `name` with every character that no scope may hold replaced.
  func sanitized(_ name: String) -> String {
    let result = String(
      name.unicodeScalars.map { scalar -> Character in
        let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar)
        return isPlain || "_.>-".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
      })
    // Two operations of a model can't have one name.
    if hasMaskOperations, isOfMask(result) {
      return "\(result)_layer"
    }
    guard let first = result.unicodeScalars.first else { return "layer" }
    // A scope of TensorFlow 2 begins with a letter, a digit or a dot.
    return !target.isKeras3 && "_>-".unicodeScalars.contains(first) ? "layer\(result)" : result
  }
}

extension String {
  /// Whether this is `base`, alone or with an underscore and a number, as Keras makes names.
  func isNumbered(_ base: String) -> Bool {
    guard hasPrefix(base) else { return false }
    let rest = dropFirst(base.count)
    return rest.isEmpty || rest.first == "_" && Int(rest.dropFirst()) != nil
  }
}
