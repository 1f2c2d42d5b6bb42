// Steps that give elements another shape or order.
extension Reshaping {
  /// The step between two shapes of equally many elements; nil when the new one has several extents
  /// that are those of no axis.
  static func step(from shape: [Dimension], to wanted: [Dimension]) -> Reshaping? {
    if let first = shape.first, wanted.first == first, wanted.count > 1 {
      let rest = wanted.dropFirst().map(\.value)
      if rest.count(where: { $0 == nil }) <= 1 { return .reshape(rest) }
    }
    var isOpen = false
    var extents: [Extent] = []
    for extent in wanted {
      if let value = extent.value {
        extents.append(.fixed(value))
      } else if let axis = shape.firstIndex(of: extent) {
        extents.append(.axis(axis))
      } else {
        guard !isOpen else { return nil }
        isOpen = true
        extents.append(.rest)
      }
    }
    return .reshapeAll(extents)
  }

  /// Steps that together bring axes into an order: axis i of the result is axis `order[i]`.
  package static func permutations(_ order: [Int]) -> [Reshaping] {
    guard let first = order.first, order != Array(order.indices) else { return [] }
    if first == 0 { return [.permute(Array(order.dropFirst()))] }
    // The axis that comes first is exchanged with the first axis from the second place.
    var (steps, current): ([Reshaping], [Int]) = ([], Array(order.indices))
    if first != 1 {
      current = [0, first] + current.filter { $0 != 0 && $0 != first }
      steps.append(.permute(Array(current.dropFirst())))
    }
    current.swapAt(0, 1)
    steps.append(.exchangeBatchAndTime)
    let rest = order.dropFirst().map { axis in current.firstIndex(of: axis) ?? 0 }
    if rest != Array(1..<order.count) { steps.append(.permute(rest)) }
    return steps
  }
}
