import RecurModel

extension TimeDistributed: ComparedKind {
  var comparedName: String { inner.comparison.comparedName }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    inner.comparison.describe(&layer)
  }
}
