import RecurContainers
import RecurModel
import RecurTensors

extension Standardization: KerasLayer {
  static let classes = [KerasClass("Normalization", arrays: arrays, read: read)]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    let isStored = options.value("mean")?.isNull ?? true
    return KerasArrayPlan([], statistics: isStored ? ["mean", "variance", "count"] : [])
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let isInverse = reader.options.bool("invert", default: false)
    let hasAxis = reader.options.value("axis").map { !($0.isNull || $0 == []) } ?? true
    if hasAxis { reader.checkLastAxis() }
    let isStored = reader.plan().has("mean")
    let given = reader.options.value("mean") ?? .null
    let givenVariance = reader.options.value("variance") ?? .null
    let problem = "'\(reader.config.name)' has a mean and a variance that do not fit each other"
    if isStored {
      // tf.keras keeps the moments in its compute type.
      let isOfKeras2 = !reader.version.isKeras3
      let shape = hasAxis ? [reader.inputSize] : []
      guard let mean = reader.take("mean", declared: shape, inComputeType: isOfKeras2),
        let variance = reader.take("variance", declared: shape, inComputeType: isOfKeras2),
        reader.take("count", declared: [], mayCount: true) != nil
      else { return nil }
      guard mean.shape == variance.shape else { return reader.fail(problem) }
      return .standardization(
        Standardization(mean: mean, variance: variance, isInverse: isInverse))
    }
    let means = numbers(given)
    let variances = numbers(givenVariance)
    guard !means.isEmpty, means.count == variances.count else { return reader.fail(problem) }
    let shape = hasAxis && means.count > 1 ? [means.count] : []
    guard means.count == 1 || hasAxis,
      let mean = try? Tensor.float64(means, shape: shape),
      let variance = try? Tensor.float64(variances, shape: shape)
    else {
      return reader.fail(
        "'\(reader.config.name)' has a mean of \(means.count) numbers and no axis")
    }
    return .standardization(Standardization(mean: mean, variance: variance, isInverse: isInverse))
  }

  /// The numbers of nested lists, rounded to the type of the layer.
  private static func numbers(_ value: JSONValue) -> [Double] {
    if let number = value.double { return [ElementType.float32.rounded(number)] }
    return value.array?.flatMap(numbers) ?? []
  }

  /// Moments that were arrays in their file are arrays in native weights.
  ///
  /// In `.h5` files they are options, because Keras 3 ignores such arrays after loading.
  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let isStored = mean.location.object != nil
    let hasArrays = isStored && (writer.target == .archive || writer.target == .weights)
    func numbers(_ tensor: Tensor) -> JSONValue {
      let values = tensor.doubles().map { JSONValue.number($0) }
      return tensor.rank == 0 ? values.first ?? .null : .array(values)
    }
    let values = mean.doubles() + variance.doubles()
    guard hasArrays || values.allSatisfy({ ElementType.float32.rounded($0) == $0 }) else {
      writer.fail(
        "the moments of '\(writer.node.layerName)' are options in this format, which Keras rounds "
          + "to float32", hint: "write .keras, which keeps them as arrays")
      return nil
    }
    var arrays: [KerasArrayForm] = []
    if hasArrays, let count = try? Tensor.zeros(.int64, shape: []) {
      arrays = [
        writer.array("mean", mean), writer.array("variance", variance),
        KerasArrayForm(
          name: "count", tensor: count, parts: [],
          details: ["zero, because the number of examples is not in the model"]),
      ]
    }
    return KerasLayerForm(
      className: "Normalization", name: name,
      options: [
        ("axis", mean.rank == 0 ? .null : [-1]), ("invert", .bool(isInverse)),
        ("mean", hasArrays ? .null : numbers(mean)),
        ("variance", hasArrays ? .null : numbers(variance)),
      ], arrays: arrays)
  }

  /// Masks are handed on from Keras 3 on; earlier versions lose them.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    rules.isKeras3 ? .passed : .lost
  }
}
