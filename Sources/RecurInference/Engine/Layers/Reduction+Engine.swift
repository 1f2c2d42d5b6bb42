import RecurModel
import RecurTensors

extension Reduction: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x, call.y.buffer)
    let (outer, inner) = x.divided(by: positions(of: axes, rank: x.shape.count) ?? [])
    let fold = Fold(function: function, inner: inner, source: x.buffer)
    let steps = outer.steps
    planner.act(
      over: outer, of: [x.buffer], cost: fold.count * fold.passes
    ) { start, count, _ in
      var index = 0
      while index < count {
        // Results do not depend on their number.
        let width = count - index
        let (from, to) = (start[0] + index * steps[0], start[2] + index * steps[2])
        if width >= 4 {
          fold.results(SIMD8<Double>.self, from, steps[0], y, to, min(width, 8))
          index += 8
        } else {
          fold.results(SIMD2<Double>.self, from, steps[0], y, to, min(width, 2))
          index += 2
        }
      }
    }
  }
}

/// One number for all elements along some axes, for several neighbouring results at once.
///
/// Sums are in Double.
private struct Fold: Sendable {
  let function: Reduction.Function
  let inner: StridedLines
  let source: FloatBuffer

  var count: Int { inner.count * inner.length }

  /// The number of times that elements are read, expensive functions counted more.
  var passes: Int {
    switch function {
    case .variance, .standardDeviation: 2
    case .logSumExp: 16
    default: 1
    }
  }

  /// Writes up to as many results as `V` has lanes; their first elements are `step` apart.
  @inline(__always)
  func results<V: SIMD<Double>>(
    _ lanes: V.Type, _ from: Int, _ step: Int, _ y: FloatBuffer, _ to: Int, _ width: Int
  ) {
    let result = reduced(V.self, from, step, width)
    for lane in 0..<width { y[to + lane] = Float(result[lane]) }
  }

  @inline(__always)
  private func reduced<V: SIMD<Double>>(
    _ lanes: V.Type, _ from: Int, _ step: Int, _ width: Int
  ) -> V {
    func fold(_ first: Double, _ combine: (inout V, V) -> Void) -> V {
      var result = V(repeating: first)
      let (length, distance) = (inner.length, inner.steps[0])
      inner.forEach(0..<inner.count) { offsets in
        let start = from + offsets[0]
        for i in 0..<length {
          var numbers = V()
          for lane in 0..<width {
            numbers[lane] = Double(source[start + i * distance + lane * step])
          }
          combine(&result, numbers)
        }
      }
      return result
    }
    func largest() -> V {
      fold(-.infinity) { $0.replace(with: $1, where: ($1 .> $0) .| ($1 .!= $1)) }
    }
    let number = Double(count)
    switch function {
    case .sum: return fold(0) { $0 += $1 }
    case .mean: return fold(0) { $0 += $1 } / number
    case .product: return fold(1) { $0 *= $1 }
    case .maximum: return largest()
    case .minimum:
      return fold(.infinity) { $0.replace(with: $1, where: ($1 .< $0) .| ($1 .!= $1)) }
    case .any: return fold(0) { $0.replace(with: 1, where: $1 .!= 0) }
    case .all: return fold(1) { $0.replace(with: 0, where: $1 .== 0) }
    case .variance, .standardDeviation:
      let mean = fold(0) { $0 += $1 } / number
      let variance = fold(0) { $0 += ($1 - mean) * ($1 - mean) } / number
      return function == .variance ? variance : variance.squareRoot()
    case .logSumExp:
      var tops = largest()
      for lane in 0..<width where !tops[lane].isFinite { tops[lane] = 0 }
      var result = fold(0) { sum, numbers in
        for lane in 0..<width { sum[lane] += Double.exp(numbers[lane] - tops[lane]) }
      }
      for lane in 0..<width { result[lane] = Double.log(result[lane]) + tops[lane] }
      return result
    case .l1Norm:
      return fold(0) { sum, numbers in
        sum += numbers.replacing(with: -numbers, where: numbers .< 0)
      }
    case .l2Norm: return fold(0) { $0 += $1 * $1 }.squareRoot()
    }
  }
}
