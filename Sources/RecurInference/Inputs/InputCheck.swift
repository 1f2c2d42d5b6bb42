import RecurModel
public import RecurTensors

/// Checks one array against the model input for which it is meant.
///
/// The first mismatch is the only finding, because a wrong rank makes all later checks meaningless.
/// The frameworks' own words about the same mistakes are in their conventions.
struct InputCheck {
  let model: Model
  let name: String
  let input: Input
  let use: InputUse
  let tensor: Tensor
  /// The shape that the model takes: free extents have names, and the width comes from the weights.
  let expected: [Dimension]

  init?(_ model: Model, _ name: String, _ tensor: Tensor, hasSeveralInputs: Bool) {
    guard let node = model.node(name), case .input(let input) = node.layer else { return nil }
    self.model = model
    self.name = name
    self.input = input
    self.tensor = tensor
    use = InputUse(of: name, in: model)
    var expected = input.dimensions(of: name, hasSeveralInputs: hasSeveralInputs)
    if let width = use.width, let last = expected.last, last.value == nil,
      expected.count - 1 != input.batchAxis
    {
      expected[expected.count - 1] = .fixed(width)
    }
    self.expected = expected
  }

  var found: [Int] { tensor.shape }

  /// The error in the shape, or nil when the shape is right.
  func shapeFinding() -> Diagnostic? {
    // A state is checked together with its layer; see ``Model/inputFindings(_:)``.
    if case .state = use.kind { return nil }
    guard !input.isText else { return fits(found) ? nil : textFinding() }
    guard found.count == expected.count else { return rankFinding() }
    if found.contains(0) { return emptyFinding() }
    let wrong = expected.indices.filter { !expected[$0].agrees(with: .fixed(found[$0])) }
    guard let first = wrong.first else { return nil }
    if let pair = exchange() { return exchangedFinding(pair.0, pair.1) }
    if first == input.batchAxis { return batchFinding() }
    return wrong.contains(featureAxis) ? featuresFinding() : timestepsFinding()
  }

  /// The axis of the features: the last axis, or axis 1 where channels come before timesteps.
  var featureAxis: Int {
    if expected.count == 3, expected[2].value == nil, expected[1].value != nil { return 1 }
    return expected.count - 1
  }

  /// The name of an axis.
  func axisName(_ axis: Int) -> String {
    if axis == input.batchAxis { return "batch" }
    if case .tokens = use.kind { return "timesteps" }
    if case .mask = use.kind { return "timesteps" }
    return axis == featureAxis ? "features" : "timesteps"
  }

  /// Two axes whose exchange would make the array fit; nil when there are none.
  private func exchange() -> (Int, Int)? {
    guard found.count == 3 else { return nil }
    for pair in [(1, 2), (0, 1), (0, 2)] {
      var swapped = found
      swapped.swapAt(pair.0, pair.1)
      if swapped != found, zip(expected, swapped).allSatisfy({ $0.agrees(with: .fixed($1)) }) {
        return pair
      }
    }
    return nil
  }

  /// A finding about this input.
  func finding(
    _ code: Diagnostic.Code, _ message: String, severity: Diagnostic.Severity = .error,
    found text: String? = nil, reason: String? = nil, remedies: [Diagnostic.Remedy] = [],
    facts: [Diagnostic.Fact] = [], notes: [String] = []
  ) -> Diagnostic {
    let isOne = model.inputs.count == 1
    return Diagnostic(
      code, severity, (isOne ? "the input " : "input '\(name)' ") + message, at: tensor.location,
      expected: RecurModel.text(expected), found: text ?? shapeText(found), reason: reason,
      remedies: remedies, facts: facts, notes: notes)
  }
}

extension Diagnostic.Code {
  /// An input has more or fewer axes than the model takes.
  public static let inputRank = Self(rawValue: "input.rank")
  /// An input has no sequences, no timesteps or no features.
  public static let inputEmpty = Self(rawValue: "input.empty")
  /// Two axes of an input are exchanged.
  public static let inputAxes = Self(rawValue: "input.axes")
  /// The number of sequences is not the one the model was built for, or not that of another input.
  public static let inputBatch = Self(rawValue: "input.batch")
  /// An input has another number of features per timestep than the weights.
  public static let inputFeatures = Self(rawValue: "input.features")
  /// An input has another number of timesteps than the model declares.
  public static let inputTimesteps = Self(rawValue: "input.timesteps")
  /// The numbers are of a type that the framework would cut, convert or refuse.
  public static let inputType = Self(rawValue: "input.dtype")
  /// An input holds NaN or infinities.
  public static let inputNotFinite = Self(rawValue: "input.not-finite")
  /// A token is outside the vocabulary of an Embedding.
  public static let inputToken = Self(rawValue: "input.token")
}
