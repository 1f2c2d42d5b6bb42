/// How much of a file its reader understood.
package struct FileCoverage: Sendable {
  /// The tensors of the file that a model could be made of; nil when nobody counted them.
  package var tensorCount: Int?
  /// Those among them that stand beside what was read as the model.
  package var besideCount = 0
  /// Whether the architecture was inferred from names and shapes, because nothing says it.
  package var isInferred = false
  /// The class of the model, if the file has weights of the model and its code is nowhere.
  package var classWithoutCode: String?

  package init(tensorCount: Int? = nil, isInferred: Bool = false) {
    self.tensorCount = tensorCount
    self.isInferred = isInferred
  }
}
