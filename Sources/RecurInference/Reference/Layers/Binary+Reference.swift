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
    switch self {
    case .add: { $0 + $1 }
    case .subtract: { $0 - $1 }
    case .multiply: { $0 * $1 }
    case .divide: { $0 / $1 }
    case .floorDivide: { ($0 / $1).rounded(.down) }
    case .modulo:
      { x, y in
        let rest = x.truncatingRemainder(dividingBy: y)
        return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest
      }
    case .power: { Scalar.power($0, $1) }
    case .maximum: { RecurInference.maximum($0, $1) }
    case .minimum: { RecurInference.minimum($0, $1) }
    case .equal: { $0 == $1 ? 1 : 0 }
    case .notEqual: { $0 != $1 ? 1 : 0 }
    case .less: { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: { $0 <= $1 ? 1 : 0 }
    case .greater: { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: { $0 >= $1 ? 1 : 0 }
    case .and: { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .or: { $0 != 0 || $1 != 0 ? 1 : 0 }
    case .exclusiveOr: { ($0 != 0) != ($1 != 0) ? 1 : 0 }
    }
  }
}
