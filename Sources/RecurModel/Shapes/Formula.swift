/// A whole number computed from free extents: `2·timesteps+1`.
///
/// Equal formulas are equal values: the terms are kept in one order.
public struct Formula: Hashable, Sendable {
  /// A part of a product.
  enum Factor: Hashable, Sendable {
    /// A free extent.
    case name(String)
    /// A quotient, rounded down or up to a whole number.
    case quotient(Formula, by: Int, roundsUp: Bool)
  }

  /// A product of factors and a number.
  struct Term: Hashable, Sendable {
    var factors: [Factor]
    var coefficient: Int
  }

  /// The products, ordered by the text of their factors; no coefficient is 0.
  private(set) var terms: [Term]
  /// The number that is added.
  private(set) var constant: Int

  /// The most terms, and the most factors of a term, that a formula may have.
  private static let limit = 8

  private init(terms: [Term], constant: Int) {
    self.terms = terms
    self.constant = constant
  }

  /// The formula of a single factor.
  init(_ factor: Factor) {
    self.init(terms: [Term(factors: [factor], coefficient: 1)], constant: 0)
  }

  /// The formula of a known number.
  init(number: Int) { self.init(terms: [], constant: number) }

  /// The extent that the formula stands for; a formula without terms is a known extent.
  var dimension: Dimension { terms.isEmpty ? .fixed(constant) : .free(self) }

  /// How deeply quotients lie inside each other.
  private var depth: Int {
    terms.flatMap(\.factors).reduce(0) { depth, factor in
      guard case .quotient(let inner, _, _) = factor else { return depth }
      return max(depth, inner.depth + 1)
    }
  }

  // Each function returns nil when a number exceeds an `Int` or the formula becomes too long.

  func adding(_ other: Formula) -> Formula? {
    var sums = terms
    for term in other.terms {
      guard let position = sums.firstIndex(where: { $0.factors == term.factors }) else {
        sums.append(term)
        continue
      }
      let (sum, overflow) = sums[position].coefficient.addingReportingOverflow(term.coefficient)
      guard !overflow else { return nil }
      sums[position].coefficient = sum
    }
    let (sum, overflow) = constant.addingReportingOverflow(other.constant)
    return overflow ? nil : Self.ordered(sums, sum)
  }

  func multiplied(by other: Formula) -> Formula? {
    var result = Formula(number: 0)
    let (left, right) = (terms + Self.term(constant), other.terms + Self.term(other.constant))
    for one in left {
      for two in right {
        let (product, overflow) = one.coefficient.multipliedReportingOverflow(by: two.coefficient)
        let factors = (one.factors + two.factors).sorted { $0.text < $1.text }
        guard !overflow, factors.count <= Self.limit else { return nil }
        let part =
          factors.isEmpty
          ? Formula(number: product)
          : Formula(terms: [Term(factors: factors, coefficient: product)], constant: 0)
        guard let sum = result.adding(part) else { return nil }
        result = sum
      }
    }
    return result
  }

  /// The quotient, if it is a whole number for all extents.
  func divided(exactlyBy divisor: Formula) -> Formula? {
    if self == divisor { return Formula(number: 1) }
    if let ratio = ratio(to: divisor) { return Formula(number: ratio) }
    let parts = divisor.terms + Self.term(divisor.constant)
    if parts.count > 1, let own = terms.first, let first = divisor.terms.first,
      own.coefficient % first.coefficient == 0
    {
      // A whole number of times the divisor.
      let quotient = Formula(number: own.coefficient / first.coefficient)
      return divisor.multiplied(by: quotient) == self ? quotient : nil
    }
    guard parts.count == 1, let part = parts.first, part.coefficient > 0 else { return nil }
    guard constant == 0 || part.factors.isEmpty && constant % part.coefficient == 0 else {
      return nil
    }
    var quotients: [Term] = []
    for term in terms {
      var factors = term.factors
      for factor in part.factors {
        guard let position = factors.firstIndex(of: factor) else { return nil }
        factors.remove(at: position)
      }
      guard term.coefficient % part.coefficient == 0 else { return nil }
      quotients.append(
        Term(factors: factors, coefficient: term.coefficient / part.coefficient))
    }
    let known = quotients.first { $0.factors.isEmpty }?.coefficient ?? 0
    return Self.ordered(
      quotients.filter { !$0.factors.isEmpty }, constant / part.coefficient + known)
  }

  /// The whole number by which `other` is multiplied to give this formula.
  private func ratio(to other: Formula) -> Int? {
    guard terms.count == other.terms.count, let first = terms.first, let own = other.terms.first,
      own.coefficient > 0, first.coefficient % own.coefficient == 0
    else { return nil }
    let ratio = first.coefficient / own.coefficient
    return other.multiplied(by: Formula(number: ratio)) == self ? ratio : nil
  }

  /// The quotient, rounded down or up to a whole number.
  func divided(by divisor: Int, roundsUp: Bool) -> Formula? {
    if let exact = divided(exactlyBy: Formula(number: divisor)) { return exact }
    guard depth < Self.limit else { return nil }
    guard constant != 0, constant % divisor == 0 else {
      return Formula(.quotient(self, by: divisor, roundsUp: roundsUp))
    }
    // A whole number of divisors stands beside the quotient.
    let rest = Formula(terms: terms, constant: 0)
    return rest.divided(by: divisor, roundsUp: roundsUp)?
      .adding(Formula(number: constant / divisor))
  }

  /// The same formula with other names for some free extents.
  func renamed(_ names: [String: String]) -> Formula? {
    var result = Formula(number: constant)
    for term in terms {
      var product = Formula(number: term.coefficient)
      for factor in term.factors {
        guard let own = factor.renamed(names), let next = product.multiplied(by: own) else {
          return nil
        }
        product = next
      }
      guard let sum = result.adding(product) else { return nil }
      result = sum
    }
    return result
  }

  private static func term(_ number: Int) -> [Term] {
    number == 0 ? [] : [Term(factors: [], coefficient: number)]
  }

  private static func ordered(_ terms: [Term], _ constant: Int) -> Formula? {
    let kept = terms.filter { $0.coefficient != 0 }
    guard kept.count <= limit else { return nil }
    return Formula(
      terms: kept.map { ($0.factorText, $0) }.sorted { $0.0 < $1.0 }.map(\.1), constant: constant)
  }
}

extension Formula: CustomStringConvertible {
  /// The formula as text.
  public var description: String {
    var text = ""
    for term in terms {
      let magnitude = term.coefficient.magnitude
      text += term.coefficient < 0 ? "-" : text.isEmpty ? "" : "+"
      text += (magnitude == 1 ? "" : "\(magnitude)·") + term.factorText
    }
    guard constant != 0 || terms.isEmpty else { return text }
    return text + (constant > 0 && !text.isEmpty ? "+" : "") + "\(constant)"
  }
}

extension Formula.Factor {
  fileprivate func renamed(_ names: [String: String]) -> Formula? {
    switch self {
    case .name(let name): Formula(names[name] ?? name)
    case .quotient(let formula, let divisor, let roundsUp):
      formula.renamed(names)?.divided(by: divisor, roundsUp: roundsUp)
    }
  }

  fileprivate var text: String {
    switch self {
    case .name(let name): return name
    case .quotient(let formula, let divisor, let roundsUp):
      let isSum = formula.terms.count + (formula.constant == 0 ? 0 : 1) > 1
      let inner = isSum ? "(\(formula))" : "\(formula)"
      return roundsUp ? "⌈\(inner)/\(divisor)⌉" : "⌊\(inner)/\(divisor)⌋"
    }
  }
}

extension Formula.Term {
  fileprivate var factorText: String { factors.map(\.text).joined(separator: "·") }
}

extension Formula: ExpressibleByStringInterpolation {
  /// A free extent of this name.
  public init(stringLiteral name: String) { self.init(name) }

  /// A free extent of this name.
  public init(_ name: String) { self.init(.name(name)) }
}
