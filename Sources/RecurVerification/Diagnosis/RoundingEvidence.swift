import RecurInference
import RecurModel
import RecurTensors

// What rounding does to a model, as an explanation of a difference that no mistake explains.
extension Hypothesis.Trial {
  /// How far outputs may be moved by layers that round their inputs to 8 bits.
  ///
  /// It is one part of 64 of the largest recorded number: such layers keep 7 bits of each input.
  var effectOfQuantizedInputs: Double {
    outputs.reduce(0.0) { scale, tensor in
      tensor.doubles().reduce(scale) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    } / 64
  }

  /// The 16-bit type in which the recording was computed, when every recorded number is one of that
  /// type and such arithmetic explains a difference of size `error`; else nil.
  ///
  /// Programs round at different places, so that no other program computes the same numbers.
  func arithmeticType(explaining error: Double) throws(CheckpointError) -> ElementType? {
    let numbers = outputs.flatMap { $0.doubles() }
    // A few numbers are of 16 bits by chance.
    guard error.isFinite, Set(numbers).count >= 4 else { return nil }
    for type in [ElementType.float16, .bfloat16]
    where numbers.allSatisfy({ type.rounded($0) == $0 }) {
      guard outputs.contains(where: { $0.elementType != type }) else { continue }
      var narrow = self
      for index in narrow.model.nodes.indices {
        if case .input = narrow.model.nodes[index].layer { continue }
        narrow.model.nodes[index].precision = type
      }
      narrow.outputs = try runAll(on: .reference)
      // The factor allows for other places of rounding; other mistakes make far larger differences.
      if error <= 4 * narrow.largestError(on: .reference) { return type }
    }
    return nil
  }

  /// A 16-bit type that could store all weights without loss, although they are stored in a wider
  /// type, when rounding to that type explains a difference of size `error`; else nil.
  ///
  /// To measure the effect of rounding, every weight is moved by up to half a unit in the last
  /// place, alternately up and down.
  func roundedType(explaining error: Double) throws(CheckpointError) -> ElementType? {
    guard error.isFinite else { return nil }
    for type in [ElementType.float16, .bfloat16] {
      let tensors = model.weightedNodes.flatMap { $0.layer.tensors.map(\.tensor) }
        .filter { $0.elementType.isFloatingPoint }
      guard tensors.contains(where: { $0.elementType != type }),
        tensors.allSatisfy({ $0.doubles().allSatisfy { type.rounded($0) == $0 } })
      else { continue }
      let step = type == .float16 ? 0x1p-12 : 0x1p-9
      var moved = self
      var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
      for index in moved.model.nodes.indices {
        moved.model.nodes[index].layer = try moved.model.nodes[index].layer.mappingTensors {
          (tensor: Tensor) throws(CheckpointError) -> Tensor in
          guard tensor.elementType.isFloatingPoint else { return tensor }
          return try tensor.replacingNumbers(
            tensor.doubles().map { value in
              bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
              return value * (1 + (bits >> 63 == 0 ? step : -step))
            })
        }
      }
      moved.outputs = try runAll(on: .reference)
      // The factor of 8 allows for chance; the differences from another mistake are far larger.
      if error <= 8 * moved.largestError(on: .reference) { return type }
    }
    return nil
  }
}
