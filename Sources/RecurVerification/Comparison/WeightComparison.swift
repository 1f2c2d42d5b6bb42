/// How the weights of two models relate, layer by layer.
///
/// Weights are compared as numbers, whatever their files store them in: 0.5 of float16 is 0.5 of
/// float32. Where a layer lies in its file and what its name begins with does not matter.
public struct WeightComparison: Sendable {
  /// The one thing that a comparison says.
  public enum Verdict: String, Sendable, CaseIterable {
    /// Every weight is the same number, and all options are the same.
    case equal
    /// The same after the two biases of recurrent cells are added where their sum alone counts.
    case equalUpToBiasSplit = "equal up to bias split"
    /// The same layers, shapes and options with other numbers.
    case otherTraining = "other training"
    /// Other layers, shapes or options.
    case otherModel = "other model"
  }

  /// What became of one weight.
  public enum Relation: String, Sendable {
    /// The same numbers.
    case equal
    /// Biases whose sums are the same.
    case equalSums = "equal sums"
    /// Other numbers.
    case different
    /// Another shape, so that numbers can't be compared.
    case otherShape = "other shape"
  }

  /// The weights of one role in one layer: the kernel of all gates, the biases of a cell.
  public struct Row: Sendable {
    /// The layer's name in the first model.
    public var layer: String
    /// The layer's name in the second model.
    public var otherLayer: String
    /// The role of the weights: `kernel`, `backward recurrent kernel`.
    public var role: String
    /// The shape in the first model; all gates of a cell count as one tensor.
    public var shape: [Int]
    /// The shape in the second model.
    public var otherShape: [Int]
    /// The largest difference of two elements; infinite when NaN or an infinity is in one only, nil
    /// for other shapes.
    ///
    /// Of biases whose sum alone counts it is that of the sums.
    public var largestDifference: Double?
    /// The cosine of the angle between both as vectors; nil for other shapes and when one is zero.
    public var cosine: Double?
    /// What became of it.
    public var relation: Relation
  }

  /// What the comparison says.
  public let verdict: Verdict
  /// All weights of the layers that both models have.
  public let rows: [Row]
  /// What makes them other models, one sentence each; empty unless they are.
  public let differences: [String]
  /// What else is worth knowing, one sentence each.
  public let notes: [String]

  /// Whether both hold the same weights: equal, or equal up to the split of biases.
  public var isEqual: Bool { verdict == .equal || verdict == .equalUpToBiasSplit }

  init(rows: [Row], differences: [String], notes: [String]) {
    self.rows = rows
    self.differences = differences
    var notes = notes
    let relations = Set(rows.map(\.relation))
    if !differences.isEmpty || relations.contains(.otherShape) {
      verdict = .otherModel
    } else if relations.contains(.different) {
      verdict = .otherTraining
      let cosines = rows.filter { $0.shape.count > 1 }.compactMap(\.cosine)
      if let least = cosines.min(), least >= 0.8 {
        notes.append(
          "same shapes and high cosine without any reordering: a later training of the same model, "
            + "not a mistake in the layout")
      }
    } else {
      verdict = relations.contains(.equalSums) ? .equalUpToBiasSplit : .equal
    }
    self.notes = notes
  }
}
