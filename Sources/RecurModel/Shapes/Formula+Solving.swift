extension Dimension {
  /// The free extent on which this one depends, and the value that it has if this one has `value`; nil
  /// when several extents, or several values, are possible.
  package func solved(for value: Int) -> (name: String, value: Int)? {
    guard case .free(let formula) = self else { return nil }
    return formula.solved(for: value)
  }

  /// The smallest value, if every free extent on which this one depends is at least 1; nil when that is
  /// not known.
  package var least: Int? {
    switch self {
    case .fixed(let value): value
    case .free(let formula): formula.least
    }
  }

  /// The free extents on which this one depends.
  package var names: [String] {
    if case .free(let formula) = self { formula.names } else { [] }
  }
}

extension Formula {
  fileprivate func solved(for value: Int) -> (name: String, value: Int)? {
    guard terms.count == 1, let term = terms.first, term.factors.count == 1 else { return nil }
    let (rest, overflow) = value.subtractingReportingOverflow(constant)
    guard !overflow, rest % term.coefficient == 0 else { return nil }
    let own = rest / term.coefficient
    guard own >= 0, case .name(let name) = term.factors[0] else { return nil }
    return (name, own)
  }

  fileprivate var least: Int? {
    var sum = constant
    for term in terms {
      guard term.coefficient > 0 else { return nil }
      var product = term.coefficient
      for factor in term.factors {
        guard case .quotient(let inner, let divisor, let roundsUp) = factor else { continue }
        guard let own = inner.least, own >= 0, own < 1 << 40 else { return nil }
        let quotient = (own + (roundsUp ? divisor - 1 : 0)) / divisor
        let (next, overflow) = product.multipliedReportingOverflow(by: quotient)
        guard !overflow else { return nil }
        product = next
      }
      let (next, overflow) = sum.addingReportingOverflow(product)
      guard !overflow else { return nil }
      sum = next
    }
    return sum
  }

  fileprivate var names: [String] {
    terms.flatMap(\.factors).flatMap { factor in
      switch factor {
      case .name(let name): [name]
      case .quotient(let inner, _, _): inner.names
      }
    }
  }
}
