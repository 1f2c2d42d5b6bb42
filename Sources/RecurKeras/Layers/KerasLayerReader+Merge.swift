import RecurContainers
import RecurModel
import RecurTensors

extension KerasLayerReader {
  mutating func merge() -> Layer? {
    setPrecision()
    switch config.className {
    case "Add": return .merge(.add)
    case "Subtract": return .merge(.subtract)
    case "Multiply": return .merge(.multiply)
    case "Average": return .merge(.average)
    case "Maximum": return .merge(.maximum)
    case "Minimum": return .merge(.minimum)
    case "Concatenate": return concatenate(options.value("axis")?.integer ?? -1)
    case "Dot":
      let isNormalized = options.bool("normalize", default: false)
      return dot(options.value("axes") ?? -1, isNormalized)
    default: return mergeOfKeras1()
    }
  }

  private mutating func concatenate(_ axis: Int) -> Layer? {
    let rank = inputShapes.first?.count
    let position = axis < 0 ? rank.map { axis + $0 } : axis
    // A model whose shapes are not known keeps the axis as it is written.
    guard position != 0 else { return fail("'\(config.name)' concatenates along the batch") }
    return .merge(.concatenate(axis: position ?? axis))
  }

  private mutating func dot(_ axes: JSONValue, _ isNormalized: Bool) -> Layer? {
    let numbers = axes.integer.map { [$0, $0] } ?? axes.array?.compactMap(\.integer) ?? []
    guard numbers.count == 2, inputShapes.count == 2 else {
      return fail("'\(config.name)' has the axes \(axes.text)")
    }
    let positions = zip(numbers, inputShapes).map { $0 < 0 ? $0 + $1.count : $0 }
    guard zip(positions, inputShapes).allSatisfy({ $0 > 0 && $0 < $1.count }) else {
      return fail("'\(config.name)' has the axes \(axes.text), which its inputs have not")
    }
    return .merge(.dot(axes: positions, isNormalized: isNormalized))
  }

  /// The one merging layer of Keras 1 (keras 1.2.2, keras/engine/topology.py, `Merge`).
  private mutating func mergeOfKeras1() -> Layer? {
    options.only("layers", [], nil)
    options.ignore("concat_axis", "dot_axes", "output_shape", "output_shape_type", "mode_type")
    options.ignore("output_mask", "output_mask_type", "arguments", "node_indices")
    options.ignore("tensor_indices")
    switch options.choice("mode", "sum", "mul", "ave", "max", "concat", "dot", "cos") {
    case "mul": return .merge(.multiply)
    case "ave": return .merge(.average)
    case "max": return .merge(.maximum)
    case "concat": return concatenate(config.options["concat_axis"]?.integer ?? -1)
    case "dot": return dot(config.options["dot_axes"] ?? -1, false)
    case "cos": return dot(config.options["dot_axes"] ?? -1, true)
    default: return .merge(.add)
    }
  }

  /// Attention and AdditiveAttention; masks and causality belong to the call.
  mutating func attention() -> Layer? {
    setPrecision()
    options.ignore("dropout", "seed")
    // An option until tf.keras 2.11, an argument of the call since.
    let isCausal = options.bool("causal", default: false)
    let width = inputSize
    let score: Attention.Score
    if config.className == "AdditiveAttention" {
      let hasScale = options.bool("use_scale", default: true)
      let scale = hasScale ? take("scale", [width]) : nil
      guard scale != nil || !hasScale else { return nil }
      score = .additive(scale: scale)
    } else {
      let hasScale = options.bool("use_scale", default: false)
      let scale = hasScale ? take("scale", []) : nil
      guard scale != nil || !hasScale else { return nil }
      if options.choice("score_mode", "dot", "concat") == "concat" {
        guard let weight = take("concat_score_weight", []) else { return nil }
        score = .concatenation(scale: scale, weight: weight)
      } else {
        score = .product(scale: scale)
      }
    }
    return .attention(
      Attention(
        score: score, isCausal: isCausal, hasKey: inputShapes.count > 2, hasQueryMask: false,
        hasValueMask: false))
  }

  // MARK: other shapes

  mutating func reshaping() -> Layer? {
    setPrecision()
    switch config.className {
    case "Flatten":
      options.only("data_format", "channels_last", nil)
      return .reshaping(.flatten)
    case "Reshape":
      let target = options.value("target_shape")?.array?.compactMap(\.integer)
      guard let target, target.count(where: { $0 < 0 }) <= 1,
        target.allSatisfy({ $0 < 1 << 31 })
      else {
        return fail("'\(config.name)' has no target_shape of whole numbers, at most one of them -1")
      }
      return .reshaping(.reshape(target.map { $0 < 0 ? nil : $0 }))
    case "Permute":
      let axes = options.value("dims")?.array?.compactMap(\.integer) ?? []
      guard !axes.isEmpty, axes.sorted() == Array(1...axes.count) else {
        return fail("'\(config.name)' has no dims that are an order of axes")
      }
      return .reshaping(.permute(axes))
    case "RepeatVector": return options.size("n").map { .reshaping(.repeatVector(count: $0)) }
    case "UpSampling1D":
      return options.sizes("size", default: 2).map { .reshaping(.upsample(factor: $0[0])) }
    case "ZeroPadding1D":
      options.only("data_format", "channels_last", nil)
      return options.sizes("padding", count: 2, least: 0, default: 1)
        .map { .reshaping(.pad(before: $0[0], after: $0[1])) }
    default:
      return options.sizes("cropping", count: 2, least: 0, default: 1)
        .map { .reshaping(.crop(before: $0[0], after: $0[1])) }
    }
  }
}
