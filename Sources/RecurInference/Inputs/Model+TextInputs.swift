public import RecurModel
public import RecurTensors

extension Model {
  /// The numbers that texts become for an input.
  ///
  /// - Parameters:
  ///   - texts: the texts, row-major.
  ///   - shape: the extents of the array of texts.
  ///   - name: the name of the input.
  /// - Returns: the array for the input; nil for an input that no text can be given for.
  /// - Throws: `input.token` for a word without a position.
  public func numbers(
    ofTexts texts: [String], shape: [Int], forInput name: String
  ) throws(CheckpointError) -> Tensor? {
    guard case .input(let input)? = node(name)?.layer, let text = input.text else { return nil }
    let made = text.numbers(texts, shape: shape)
    if let unknown = made.unknown {
      throw CheckpointError(
        .inputToken,
        "'\(unknown)' is not in the vocabulary of '\(name)', which has no place for others",
        expected: "one of \(text.vocabulary.count) words", found: "'\(unknown)'")
    }
    return try Tensor.float64(made.numbers.map(Double.init), shape: made.shape)
  }
}
