public import RecurTensors

/// Sums of products by an equation of Einstein's convention: `btf,fhd->bthd`.
///
/// With a kernel, the kernel is the last operand.
///
///     y = φ(einsum(equation, x…, kernel) + bias)
public struct Einsum: Sendable {
  /// The equation, with `->` and possibly `...` for axes without letters.
  public var equation: String
  /// The last operand, or nil when all operands are inputs.
  public var kernel: Tensor?
  /// The bias, aligned with the last axes of the output; nil for 0.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation

  /// Makes a layer.
  public init(equation: String, kernel: Tensor?, bias: Tensor?, activation: Activation) {
    self.equation = equation
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
  }

  /// The letters of the operands and of the output; nil for a text that is no equation.
  package var parsed: Equation? { Equation(equation) }

  /// An equation as letters.
  package struct Equation: Hashable, Sendable {
    /// One axis of an operand.
    package enum Axis: Hashable, Sendable {
      /// An axis with a letter.
      case letter(Character)
      /// An axis of `...`, counted from the last one.
      case outer(Int)
    }

    private let terms: [[Character]]
    private let result: [Character]

    /// Reads an equation; nil when it has no `->`, or other signs than letters and one `...` per
    /// operand.
    package init?(_ text: String) {
      // "..." becomes one sign, as in keras/src/layers/core/einsum_dense.py.
      let plain = text.filter { $0 != " " }.replacing("...", with: "0")
      let halves = plain.split(separator: "-", omittingEmptySubsequences: false)
      guard halves.count == 2, halves[1].first == ">" else { return nil }
      terms = halves[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
      result = Array(halves[1].dropFirst())
      let known = Set(terms.joined())
      guard
        (terms + [result]).allSatisfy({ term in
          term.count { $0 == "0" } <= 1
            && term.allSatisfy { $0 == "0" || $0.isASCII && $0.isLetter }
        }), Set(result).count == result.count, known.isSuperset(of: result)
      else { return nil }
    }

    /// The number of operands.
    package var operandCount: Int { terms.count }

    /// The axes of every operand and of the output; nil when an operand has another rank.
    package func axes(ranks: [Int]) -> (operands: [[Axis]], output: [Axis])? {
      guard ranks.count == terms.count else { return nil }
      var (operands, most): ([[Axis]], Int) = ([], 0)
      for (term, rank) in zip(terms, ranks) {
        let hidden = rank - term.count { $0 != "0" }
        guard term.contains("0") ? hidden >= 0 : hidden == 0 else { return nil }
        most = max(most, hidden)
        operands.append(Self.axes(term, hidden))
      }
      return (operands, Self.axes(result, most))
    }

    private static func axes(_ term: [Character], _ hidden: Int) -> [Axis] {
      term.flatMap { sign in
        sign == "0" ? (0..<hidden).reversed().map { .outer($0) } : [.letter(sign)]
      }
    }
  }
}

extension Einsum: LayerKind {
  package var asLayer: Layer { .einsum(self) }
  package var title: String { "\(kernel == nil ? "Einsum" : "EinsumDense")(\(equation))" }
  package var ports: LayerPorts {
    let count = (parsed?.operandCount ?? 1) - (kernel == nil ? 0 : 1)
    return LayerPorts(inputs: count...max(count, 1), outputs: 1)
  }
  package var traits: LayerTraits { .batchFirst() }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&kernel, Parameter("the kernel", .any))
    try visitor.visit(&bias, Parameter("the bias", .any, neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let shapes = inputs + (kernel.map { [$0.shape.map { .fixed($0) }] } ?? [])
    guard let axes = parsed?.axes(ranks: shapes.map(\.count)) else {
      throw ShapeProblem(expected: "operands with the axes of \(equation)")
    }
    var extents: [Equation.Axis: Dimension] = [:]
    for (axis, extent) in zip(axes.operands.joined(), shapes.joined()) {
      let known = extents[axis] ?? extent
      let isOuter = if case .outer = axis { true } else { false }
      guard known.agrees(with: extent) || isOuter && [known, extent].contains(.fixed(1)) else {
        throw ShapeProblem(expected: "operands whose axes of one letter in \(equation) are equal")
      }
      extents[axis] = known.value == nil || known == .fixed(1) ? extent : known
    }
    let output = axes.output.map { extents[$0] ?? .fixed(1) }
    if let bias {
      guard try broadcast([output, bias.shape.map { .fixed($0) }]).count == output.count else {
        throw ShapeProblem(expected: "a bias of at most \(output.count) axes")
      }
    }
    guard let last = output.last else { return [output] }
    return [output.dropLast() + [try activation.applied(to: last)]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    let shapes = inputs + (kernel.map { [$0.shape] } ?? [])
    guard let axes = parsed?.axes(ranks: shapes.map(\.count)) else { return nil }
    var extents: [Equation.Axis: Int] = [:]
    for (axis, extent) in zip(axes.operands.joined(), shapes.joined()) {
      extents[axis] = max(extents[axis] ?? 1, extent)
    }
    return product([2] + extents.values)
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
