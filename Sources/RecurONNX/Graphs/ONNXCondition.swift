import RecurModel
import RecurTensors

/// Whether a condition is true in every call, by the nodes that compute it.
struct ONNXCondition {
  private let producers: [Name: ONNXNode]
  private let values: [Name: GraphValue]

  init(_ nodes: [ONNXNode], _ values: [Name: GraphValue]) {
    var producers: [Name: ONNXNode] = [:]
    for node in nodes where node.domain.isEmpty {
      for output in node.outputs where !output.isEmpty { producers[Name(output)] = node }
    }
    self.producers = producers
    self.values = values
  }

  /// The name of the value that nodes hand on unchanged under this name.
  func source(of name: String) -> String {
    var own = name
    for _ in 0..<64 {
      guard let node = producers[Name(own)], node.type == "Identity", let input = node.inputs.first
      else { break }
      own = input
    }
    return own
  }

  /// Whether the Boolean of this name is true.
  func holds(_ name: String, depth: Int = 0) -> Bool {
    if let number = values[Name(name)]?.double { return number != 0 }
    guard depth < 16, let node = producers[Name(name)], let first = node.inputs.first else {
      return false
    }
    /// The least value of the second number less the first one.
    var distance: Int? {
      guard node.inputs.count == 2, let one = size(first), let other = size(node.inputs[1]) else {
        return nil
      }
      return other.plus(one.times(-1)).least
    }
    var reversed: Int? {
      guard node.inputs.count == 2, let one = size(first), let other = size(node.inputs[1]) else {
        return nil
      }
      return one.plus(other.times(-1)).least
    }
    switch node.type {
    case "Identity", "Cast": return holds(first, depth: depth + 1)
    case "And": return node.inputs.allSatisfy { holds($0, depth: depth + 1) }
    case "Less": return distance.map { $0 > 0 } ?? false
    case "LessOrEqual": return distance.map { $0 >= 0 } ?? false
    case "Greater": return reversed.map { $0 > 0 } ?? false
    case "GreaterOrEqual": return reversed.map { $0 >= 0 } ?? false
    default: return false
    }
  }

  /// The whole number of this name, possibly computed from free extents.
  private func size(_ name: String, depth: Int = 0) -> Dimension? {
    if let value = values[Name(name)] {
      if let sizes = GraphSizes(value), sizes.elements.count == 1 { return sizes.elements[0] }
      if let number = value.double, let whole = Int(exactly: number) { return .fixed(whole) }
    }
    guard depth < 16, let node = producers[Name(name)], let first = node.inputs.first else {
      return nil
    }
    switch node.type {
    case "Identity", "Cast": return size(first, depth: depth + 1)
    case "Add":
      guard node.inputs.count == 2, let one = size(first, depth: depth + 1),
        let other = size(node.inputs[1], depth: depth + 1)
      else { return nil }
      return one.plus(other)
    default: return nil
    }
  }
}
