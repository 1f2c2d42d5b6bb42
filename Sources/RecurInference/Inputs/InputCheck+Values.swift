import RecurModel
import RecurTensors

extension InputCheck {
  /// What is wrong or odd about the numbers, given that the shape is right.
  func valueFindings() -> [Diagnostic] {
    let values = tensor.doubles()
    switch use.kind {
    case .tokens(let layer, let vocabularySize):
      return tokenFindings(values, layer, vocabularySize)
    case .lengths, .mask: return []
    case .values, .state: return notFiniteFindings(values) + typeFindings()
    }
  }

  private func tokenFindings(
    _ values: [Double], _ layer: String, _ vocabularySize: Int
  ) -> [Diagnostic] {
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
    if let fraction { return [fractionFinding(fraction)] }
    guard framework == .pytorch, tensor.elementType.isFloatingPoint else { return [] }
    return [
      finding(
        .inputType, "has tokens of type \(tensor.elementType)", severity: .note,
        found: tensor.elementType.rawValue,
        reason:
          "torch refuses them: \"Expected tensor for argument #1 'indices' to have one of the "
          + "following scalar types: Long, Int\"",
        fixes: [.init(.pytorch, "x = x.long()"), .init(.numpy, "x = x.astype(np.int64)")])
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
    var fixes: [Diagnostic.Fix] = []
    switch framework {
    case .keras where largest >= Double(vocabularySize) && largest < 0x1p31:
      fixes.append(
        .init(
          .keras,
          "keras.layers.Embedding(input_dim=\(Int(largest) + 1), …)  # and train again: the table has "
            + "\(vocabularySize) rows"))
    case .pytorch where largest >= Double(vocabularySize) && largest < 0x1p31:
      fixes.append(
        .init(
          .pytorch,
          "torch.nn.Embedding(\(Int(largest) + 1), …)  # and train again: the table has "
            + "\(vocabularySize) rows"))
    default: break
    }
    fixes.append(
      .init(
        .numpy,
        "x = np.where((x >= 0) & (x < \(vocabularySize)), x, UNKNOWN)  # the token of unknown words"
      ))
    return Diagnostic(
      .inputToken, .error,
      "token \(number(outside.value)) is not in '\(layer)'"
        + (outside.count == 1 ? "" : ", and \(outside.count - 1) more are not"),
      at: tensor.location, expected: "0…\(vocabularySize - 1)",
      found: "\(number(outside.value)) at \(place(outside.position))", reason: reason, fixes: fixes,
      notes: smallest < 0 && framework == .keras
        ? [
          "Keras 3 counts negative tokens from the end of the table; tf.keras on a CPU refuses them"
        ]
        : [])
  }

  /// Keras cuts tokens to whole numbers without a word; torch takes no floats at all.
  private func fractionFinding(
    _ fraction: (count: Int, position: Int, value: Double)
  ) -> Diagnostic {
    finding(
      .inputType, "has tokens that are no whole numbers: \(fraction.count) of them",
      severity: framework == .keras ? .warning : .error,
      found: "\(fraction.value) at \(place(fraction.position))",
      reason:
        "features were given where an Embedding takes the numbers of tokens, or they were scaled",
      fixes: [
        .init(
          .numpy,
          "x = x.astype(np.int64)  # cuts \(fraction.value) to "
            + "\(Int(fraction.value))")
      ],
      notes: framework == .keras
        ? ["Keras cuts them towards zero, and so does this run"]
        : [
          "torch: \"Expected tensor for argument #1 'indices' to have one of the following scalar "
            + "types: Long, Int\""
        ])
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
        fixes: [.init(.numpy, "x = np.nan_to_num(x)  # or drop these sequences")])
    ]
  }

  /// torch does not convert what it is given; Keras does.
  private func typeFindings() -> [Diagnostic] {
    guard framework == .pytorch, input.elementType != tensor.elementType else { return [] }
    let type = tensor.elementType
    return [
      finding(
        .inputType, "is of type \(type); the weights are \(input.elementType)", severity: .note,
        found: type.rawValue,
        reason: "torch refuses this: \"RNN input dtype (torch.\(type)) does not match weight dtype "
          + "(torch.\(input.elementType))\"; here the numbers were rounded to \(input.elementType)",
        fixes: [
          .init(.pytorch, "x = x.to(torch.\(input.elementType))"),
          .init(.numpy, "x = x.astype(np.\(input.elementType))"),
        ])
    ]
  }

  /// A number in full; the sign of NaN means nothing.
  private func number(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.rounded() == value, value.magnitude < 0x1p53 { return String(Int(value)) }
    return "\(value)"
  }

  /// `x[0, 3]`, as NumPy would be asked for it.
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
