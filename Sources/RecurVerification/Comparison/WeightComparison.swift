/// The result of comparing the weights of two models, layer by layer.
///
/// Weights are compared as numbers of any stored type: 0.5 in float16 equals 0.5 in float32. The
/// position of a layer in its file and the prefix of its name do not matter.
public struct WeightComparison: Sendable {
  /// The overall result of a comparison.
  public enum Verdict: String, Sendable, CaseIterable {
    /// Every weight and every option is equal.
    case equal
    /// All is equal once the two biases of recurrent cells are added, where only their sum has an
    /// effect.
    case equalUpToBiasSplit = "equal up to bias split"
    /// The layers, shapes and options are equal, and the numbers differ.
    case otherTraining = "other training"
    /// Layers, shapes or options differ.
    case otherModel = "other model"
  }

  /// The result for one weight.
  public enum Relation: String, Sendable {
    /// The numbers are equal.
    case equal
    /// The biases differ, and their sums are equal.
    case equalSums = "equal sums"
    /// The numbers differ.
    case different
    /// The shapes differ, so that the numbers can't be compared.
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
    /// The shape in the first model, with all gates of a cell in one tensor.
    public var shape: [Int]
    /// The shape in the second model.
    public var otherShape: [Int]
    /// The largest difference between two elements.
    ///
    /// It is infinite when NaN or an infinity is in one model only, and nil when the shapes differ.
    ///
    /// Where two biases are only used as a sum, this is the largest difference between the sums.
    public var largestDifference: Double?
    /// The cosine of the angle between both weights as vectors; nil when shapes differ or one
    /// vector is zero.
    public var cosine: Double?
    /// The result for this weight.
    public var relation: Relation
  }

  /// The overall result.
  public let verdict: Verdict
  /// One row per weight of the layers that both models have.
  public let rows: [Row]
  /// The reasons for the verdict `otherModel`, one sentence each; else empty.
  public let differences: [String]
  /// Further remarks, one sentence each.
  public let notes: [String]

  /// Whether both models hold the same weights: equal, or equal up to the split of biases.
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
