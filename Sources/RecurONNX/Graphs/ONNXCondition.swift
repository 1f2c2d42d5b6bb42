import RecurModel
import RecurTensors

/// Whether a condition is true in every call, by the nodes that compute it.
struct ONNXCondition {
  private static let comparisons: [String: Binary.Function] = [
    "Less": .less, "LessOrEqual": .lessOrEqual, "Greater": .greater,
    "GreaterOrEqual": .greaterOrEqual,
  ]

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

  /// The name of the value that nodes hand on, also as another type of number.
  func root(of name: String) -> String {
    var own = name
    for _ in 0..<64 {
      guard let node = producers[Name(own)], let input = node.inputs.first else { break }
      // A cast to Booleans hands on no number.
      let isCast = if case .integer(let type)? = node.attribute("to") { type != 9 } else { false }
      guard node.type == "Identity" || node.type == "Cast" && isCast else { break }
      own = input
    }
    return own
  }

  /// The two numbers of the comparison `Less` that a Boolean is; nil for another one.
  func comparison(_ name: String) -> (one: String, other: String)? {
    guard let node = producers[Name(source(of: name))], node.type == "Less",
      node.inputs.count == 2
    else { return nil }
    return (root(of: node.inputs[0]), root(of: node.inputs[1]))
  }

  /// Whether the Boolean of this name is true.
  func holds(_ name: String) -> Bool {
    var budget = 256
    return holds(name, &budget)
  }

  /// `budget` is how many more nodes are looked at.
  private func holds(_ name: String, _ budget: inout Int) -> Bool {
    budget -= 1
    if let number = values[Name(name)]?.double { return number != 0 }
    guard budget > 0, let node = producers[Name(name)], let first = node.inputs.first else {
      return false
    }
    switch node.type {
    case "Identity", "Cast": return holds(first, &budget)
    case "And": return node.inputs.allSatisfy { holds($0, &budget) }
    default: break
    }
    guard let function = Self.comparisons[node.type], node.inputs.count == 2,
      let one = size(first, &budget), let other = size(node.inputs[1], &budget)
    else { return false }
    let result = GraphSizes.combined(
      function, GraphSizes([one], isSingle: true), GraphSizes([other], isSingle: true))
    return result?.elements == [.fixed(1)]
  }

  /// The whole number of this name, possibly computed from free extents.
  private func size(_ name: String, _ budget: inout Int) -> Dimension? {
    budget -= 1
    if let value = values[Name(name)] {
      if let sizes = GraphSizes(value), sizes.elements.count == 1 { return sizes.elements[0] }
      if let number = value.double, let whole = Int(exactly: number) { return .fixed(whole) }
    }
    guard budget > 0, let node = producers[Name(name)], let first = node.inputs.first else {
      return nil
    }
    switch node.type {
    case "Identity", "Cast": return size(first, &budget)
    case "Add":
      guard node.inputs.count == 2, let one = size(first, &budget),
        let other = size(node.inputs[1], &budget)
      else { return nil }
      return one.plus(other)
    default: return nil
    }
  }
}
