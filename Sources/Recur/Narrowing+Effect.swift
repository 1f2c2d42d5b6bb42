import RecurInference
public import RecurModel
public import RecurTensors
import RecurVerification

extension Narrowing {
  /// How far the outputs of `original` move on a random input, with rounded weights alone and with
  /// layers that also compute in the narrow type.
  ///
  /// - Parameter original: the model before its weights were rounded.
  /// - Returns: a note; nothing for a model that can't be run, or a type that loses nothing.
  public func effect(on original: Model) -> [Diagnostic] {
    guard !rounded.isEmpty, original.isConnected,
      !findings.contains(where: { $0.severity == .error }),
      let sample = try? SampleInputs(
        for: original, seed: 2, timesteps: Self.timesteps(for: original)),
      let before = try? sample.model.run(sample.tensors)
    else { return [] }
    var weights = SampleInputs.relaxed(model)
    for index in weights.nodes.indices {
      weights.nodes[index].precision = sample.model.nodes[index].precision
    }
    var computing = weights
    for index in computing.nodes.indices
    where layers.contains(Name(computing.nodes[index].layerName)) {
      computing.nodes[index].precision = type
    }
    guard let byWeights = Self.movement(before, try? weights.run(sample.tensors), type) else {
      return []
    }
    let steps = sample.tensors.map { $0.rank > 1 ? $0.shape[1] : 1 }.max() ?? 1
    var notes = ["by the weights alone: \(byWeights.text)"]
    if type.isHalfWidthFloat,
      let byBoth = Self.movement(before, try? computing.run(sample.tensors), type)
    {
      notes.append("when layers compute in \(type) too: \(byBoth.text)")
    }
    return [
      Diagnostic(
        .convertNarrowed, .note,
        "weights rounded to \(type) move the outputs by up to \(scientific(byWeights.largest)) on a "
          + "random input of \(steps) timestep\(steps == 1 ? "" : "s")", notes: notes)
    ]
  }

  private struct Movement {
    var largest = 0.0
    var firstOver: Int?
    var isSequence = false
    var tolerance: Tolerance

    var text: String {
      let allowed = tolerance.text(of: "x")
      let place = firstOver.map {
        isSequence ? "first over \(allowed) at timestep \($0)" : "over \(allowed)"
      }
      return "max \(scientific(largest)), " + (place ?? "everything within \(allowed)")
    }
  }

  private static func movement(_ before: [Tensor], _ after: [Tensor]?, _ type: ElementType)
    -> Movement?
  {
    guard let after, before.count == after.count else { return nil }
    let precision: ArithmeticPrecision =
      type == .float16 ? .half : type == .bfloat16 ? .brain : .full
    var movement = Movement(
      tolerance: Tolerance.derived(noise: 0, scale: 1, precision: precision))
    for (one, other) in zip(before, after) where one.shape == other.shape {
      let isSequence = one.rank == 3
      movement.isSequence = movement.isSequence || isSequence
      for (position, pair) in zip(one.doubles(), other.doubles()).enumerated() {
        let size = distance(pair.0, pair.1)
        movement.largest = max(movement.largest, size)
        guard size > movement.tolerance.allowed(for: pair.0) else { continue }
        let timestep = isSequence ? position / max(one.shape[2], 1) % max(one.shape[1], 1) : 0
        movement.firstOver = min(movement.firstOver ?? .max, timestep)
      }
    }
    return movement
  }

  /// Enough timesteps to show how rounding errors grow; fewer for a large model.
  private static func timesteps(for model: Model) -> Int {
    let parameters = model.nodes.reduce(1.0) { $0 + Double($1.layer.parameterCount) }
    return max(7, min(256, Int(2e8 / parameters)))
  }
}

extension Diagnostic.Code {
  /// How far the outputs move when weights are stored in a narrower type.
  public static let convertNarrowed = Self(rawValue: "convert.narrowed")
}
