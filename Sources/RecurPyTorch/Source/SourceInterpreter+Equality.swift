import RecurModel
import RecurSource
import RecurTensors

// Comparisons of values that may be unknown.
extension SourceInterpreter {
  /// Whether two values are equal; nil when that is not known.
  func equal(_ left: SourceValue, _ right: SourceValue) -> Bool? {
    switch (left, right) {
    case (.plain(let one), .plain(let other)):
      if (one.dimension?.openName ?? other.dimension?.openName) != nil,
        one.dimension == nil || other.dimension == nil
      {
        return nil
      }
      if one.isNothing || other.isNothing { return one.isNothing && other.isNothing }
      if let x = one.text, let y = other.text { return x == y }
      if (one.text == nil) != (other.text == nil) { return false }
      if case .type(let x) = one, case .type(let y) = other { return x == y }
      if let x = one.dimension, let y = other.dimension {
        if x == y { return true }
        if x.value != nil, y.value != nil { return false }
        return nil
      }
      guard let x = one.double, let y = other.double else { return nil }
      return x == y
    case (.library(let one), .library(let other)): return one == other
    case _ where left.isForeign || right.isForeign: return nil
    case (.tuple(let one), .tuple(let other)): return equal(one, other)
    case (.list(let one), .list(let other)): return equal(one.elements, other.elements)
    case (.unknown, _), (_, .unknown), (.argument, _), (_, .argument): return nil
    case _ where left.holdsStep || right.holdsStep: return nil
    default: return false
    }
  }

  func equal(_ left: [SourceValue], _ right: [SourceValue]) -> Bool? {
    budget.steps += 1
    guard budget.steps < limits.allSteps else { return nil }
    guard left.count == right.count else { return false }
    for (one, other) in zip(left, right) {
      guard let same = equal(one, other) else { return nil }
      if !same { return false }
    }
    return true
  }
}
