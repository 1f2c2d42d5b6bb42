import RecurModel
import RecurTensors

extension Binary: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let both = call.aligned(allOperands)
    let function: (Scalar, Scalar) -> Scalar = function.reference()
    return [
      Values(
        shape: both[0].shape, elements: zip(both[0].elements, both[1].elements).map(function))
    ]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.aligned(call, constants: allOperands.compactMap(\.constant?.shape))
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}

extension Binary.Function {
  /// The function of two numbers.
  func reference<Scalar: ReferenceScalar>() -> @Sendable (Scalar, Scalar) -> Scalar {
    guard self != .modulo else {
      return { x, y in
        let rest = x.truncatingRemainder(dividingBy: y)
        return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest
      }
    }
    return ofNumbers() ?? { Scalar.power($0, $1) }
  }
}
