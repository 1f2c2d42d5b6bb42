import RecurModel
import RecurTensors

extension Reduction: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let own = positions(of: axes, rank: call.x.shape.count) ?? []
    let result = reduced(call.x, own)
    return [keepsAxes ? result : result.removing(own)]
  }

  /// The result with all axes.
  private func reduced<Scalar>(_ x: Values<Scalar>, _ axes: [Int]) -> Values<Scalar> {
    let count = Scalar(axes.reduce(1) { $0 * x.shape[$1] })
    func sum(_ term: (Scalar) -> Scalar) -> Values<Scalar> {
      x.reduced(axes, from: 0) { $0 + term($1) }
    }
    func mapped(_ x: Values<Scalar>, _ change: (Scalar) -> Scalar) -> Values<Scalar> {
      Values(shape: x.shape, elements: x.elements.map(change))
    }
    switch function {
    case .sum: return sum { $0 }
    case .mean: return mapped(sum { $0 }) { $0 / count }
    case .product: return x.reduced(axes, from: 1, *)
    case .maximum: return x.reduced(axes, from: -.infinity, RecurInference.maximum)
    case .minimum: return x.reduced(axes, from: .infinity, RecurInference.minimum)
    case .any: return x.reduced(axes, from: 0) { $0 != 0 || $1 != 0 ? 1 : 0 }
    case .all: return x.reduced(axes, from: 1) { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .variance, .standardDeviation:
      let means = mapped(sum { $0 }) { $0 / count }
      let variance = mapped(
        x.combined(with: means) { ($0 - $1) * ($0 - $1) }.reduced(axes, from: 0, +)
      ) { $0 / count }
      return function == .variance ? variance : mapped(variance) { $0.squareRoot() }
    case .logSumExp:
      let tops = mapped(x.reduced(axes, from: -.infinity, RecurInference.maximum)) {
        $0.isFinite ? $0 : 0
      }
      let sums = x.combined(with: tops) { Scalar.exp($0 - $1) }.reduced(axes, from: 0, +)
      return sums.combined(with: tops) { Scalar.log($0) + $1 }
    case .l1Norm: return sum { $0.magnitude }
    case .l2Norm: return mapped(sum { $0 * $0 }) { $0.squareRoot() }
    }
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let rank = flow.rank(call.node), let own = positions(of: axes, rank: rank),
      let axis = call.x.axis, !own.contains(axis), !own.contains(call.x.batchAxis)
    else { return flow.mixed(call.node) }
    var result = call.x.changed
    if !keepsAxes {
      result.axis = axis - own.count { $0 < axis }
      result.batchAxis -= own.count { $0 < call.x.batchAxis }
    }
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
