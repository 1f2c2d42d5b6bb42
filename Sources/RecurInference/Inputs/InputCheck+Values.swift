import RecurModel
import RecurTensors

extension InputCheck {
  /// Errors and oddities of the numbers; the shape was found right before.
  func valueFindings() -> [Diagnostic] {
    let values = tensor.doubles()
    switch use.kind {
    case .tokens(let layer, let embedding):
      return tokenFindings(values, layer, embedding)
    case .lengths, .mask: return []
    case .values, .state: return notFiniteFindings(values) + typeFindings()
    }
  }

  private func tokenFindings(
    _ values: [Double], _ layer: String, _ embedding: Embedding
  ) -> [Diagnostic] {
    let vocabularySize = embedding.vocabularySize
    var outside: (count: Int, position: Int, value: Double)?
    var fraction: (count: Int, position: Int, value: Double)?
    for (position, value) in values.enumerated() {
      let token = value.rounded(.towardZero)
      if !(token >= 0 && token < Double(vocabularySize)) {
        outside = (
          (outside?.count ?? 0) + 1, outside?.position ?? position, outside?.value ?? value
        )
      } else if token != value {
        fraction = (
          (fraction?.count ?? 0) + 1, fraction?.position ?? position, fraction?.value ?? value
        )
      }
    }
    if let outside { return [outsideFinding(outside, values, layer, vocabularySize)] }
    if let fraction { return [fractionFinding(fraction, embedding)] }
    guard !embedding.cutsFractions, tensor.elementType.isFloatingPoint else { return [] }
    return [
      finding(
        .inputType, "has tokens of type \(tensor.elementType)", severity: .note,
        found: tensor.elementType.rawValue,
        remedies: [.castTokens, numpy("x = x.astype(np.int64)")], facts: [.floatTokens])
    ]
  }

  private func outsideFinding(
    _ outside: (count: Int, position: Int, value: Double), _ values: [Double], _ layer: String,
    _ vocabularySize: Int
  ) -> Diagnostic {
    let largest = values.max() ?? 0
    let smallest = values.min() ?? 0
    let reason =
      outside.value.isNaN
      ? "an array of floats holds NaN where a token belongs"
      : smallest < 0
        ? "negative numbers are no tokens; -1 is often left by padding or by a search that found "
          + "nothing"
        : largest == Double(vocabularySize)
          ? "the largest token is the size of the vocabulary: tokens seem to count from 1, and "
            + "rows from 0"
          : "the array was made with a larger vocabulary than the model"
    var remedies: [Diagnostic.Remedy] = []
    if largest >= Double(vocabularySize), largest < 0x1p31 {
      remedies.append(.enlargeVocabulary(to: Int(largest) + 1, from: vocabularySize))
    }
    remedies.append(
      numpy(
        "x = np.where((x >= 0) & (x < \(vocabularySize)), x, UNKNOWN)  # the token of unknown words"
      ))
    return Diagnostic(
      .inputToken, .error,
      "token \(number(outside.value)) is not in '\(layer)'"
        + (outside.count == 1 ? "" : ", and \(outside.count - 1) more are not"),
      at: tensor.location, expected: "0…\(vocabularySize - 1)",
      found: "\(number(outside.value)) at \(place(outside.position))", reason: reason,
      remedies: remedies, facts: smallest < 0 ? [.negativeToken] : [])
  }

  private func fractionFinding(
    _ fraction: (count: Int, position: Int, value: Double), _ embedding: Embedding
  ) -> Diagnostic {
    finding(
      .inputType, "has tokens that are no whole numbers: \(fraction.count) of them",
      severity: embedding.cutsFractions ? .warning : .error,
      found: "\(fraction.value) at \(place(fraction.position))",
      reason:
        "features were given where an Embedding takes the numbers of tokens, or they were scaled",
      remedies: [
        numpy("x = x.astype(np.int64)  # cuts \(fraction.value) to \(Int(fraction.value))")
      ], facts: [.fractionalTokens])
  }

  private func notFiniteFindings(_ values: [Double]) -> [Diagnostic] {
    guard let first = values.firstIndex(where: { !$0.isFinite }) else { return [] }
    let count = values.count { !$0.isFinite }
    return [
      finding(
        .inputNotFinite,
        "holds \(count) \(count == 1 ? "number that is" : "numbers that are") not finite",
        severity: .warning,
        found: "\(number(values[first])) at \(place(first))",
        reason: "one NaN in a sequence makes every later state of that sequence NaN",
        remedies: [numpy("x = np.nan_to_num(x)  # or drop these sequences")])
    ]
  }

  private func typeFindings() -> [Diagnostic] {
    guard !input.acceptsOtherTypes, input.elementType != tensor.elementType else { return [] }
    let type = tensor.elementType
    return [
      finding(
        .inputType, "is of type \(type); the weights are \(input.elementType)", severity: .note,
        found: type.rawValue,
        reason: "here the numbers were rounded to \(input.elementType)",
        remedies: [
          .cast(to: input.elementType), numpy("x = x.astype(np.\(input.elementType))"),
        ], facts: [.otherType(found: type, weights: input.elementType)])
    ]
  }

  /// A number with all its digits; the sign of NaN is dropped.
  private func number(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.rounded() == value, value.magnitude < 0x1p53 { return String(Int(value)) }
    return "\(value)"
  }

  /// The element at `position` in NumPy's notation: `x[0, 3]`.
  private func place(_ position: Int) -> String {
    var rest = position
    var index: [Int] = []
    for extent in found.reversed() {
      index.append(rest % max(extent, 1))
      rest /= max(extent, 1)
    }
    return "x[" + index.reversed().map(String.init).joined(separator: ", ") + "]"
  }
}
