import RecurPyTorch

/// The names that layers of an object have in files.
enum KerasAttributeNames {
  /// Names all layers of a model that is an object of a class.
  ///
  /// - Parameters:
  ///   - object: the model.
  ///   - order: the layers, in the order in which the object got them.
  static func name(_ object: SourceObject, _ order: inout [KerasSourceLayer]) {
    name(object, [""], &order, depth: 0)
  }

  /// Names the layers below an object by the attributes that hold them, with the groups in which files
  /// hold them.
  ///
  /// Keras 3 walks the attributes by their names; one of them is the list of all layers, so that a layer
  /// stands under its own attribute or in that list (keras/src/saving/saving_lib.py, `_save_state`).
  private static func name(
    _ object: SourceObject, _ prefixes: [String], _ order: inout [KerasSourceLayer], depth: Int
  ) {
    guard depth < 16 else { return }
    var counts: [String: Int] = [:]
    func name(_ value: SourceValue, _ path: String) {
      guard let className = title(of: value) else { return }
      var groups = prefixes.map { $0 + path }
      if depth == 0 { groups.append("layers/" + numbered(className, &counts)) }
      switch value {
      case .foreign(let layer as KerasSourceLayer):
        layer.name = groups[0]
        layer.groups = groups
        order.append(layer)
      case .foreign(let model as KerasSourceModel):
        model.name = groups[0]
        model.layer.groups = groups
        order.append(model.layer)
      case .object(let inner):
        Self.name(inner, groups.map { $0 + "/" }, &order, depth: depth + 1)
      default: break
      }
    }
    for attribute in object.attributeOrder {
      guard let value = object.attributes[attribute] else { continue }
      guard case .list(let list) = value else {
        name(value, attribute)
        continue
      }
      var inList: [String: Int] = [:]
      for element in list.elements {
        guard let className = title(of: element) else { continue }
        name(element, "\(attribute)/" + numbered(className, &inList))
      }
    }
  }

  /// The class of a layer or a model in the words of files; nil for other values.
  private static func title(of value: SourceValue) -> String? {
    switch value {
    case .foreign(let layer as KerasSourceLayer): layer.className
    case .foreign(let model as KerasSourceModel): model.isSequential ? "Sequential" : "Functional"
    case .object(let object): object.type?.name
    default: nil
    }
  }

  private static func numbered(_ className: String, _ counts: inout [String: Int]) -> String {
    let name = KerasSourceConfig.snake(className)
    let count = counts[name, default: 0]
    counts[name] = count + 1
    return count == 0 ? name : "\(name)_\(count)"
  }
}
