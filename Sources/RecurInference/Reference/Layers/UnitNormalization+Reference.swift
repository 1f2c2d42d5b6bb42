import RecurModel
import RecurTensors

extension UnitNormalization: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var y = call.x
    let reduced = axes(ofRank: y.shape.count) ?? []
    // There is one sum of squares per position on the axes outside the norm.
    var (strides, count) = ([Int](repeating: 0, count: y.shape.count), 1)
    for axis in y.shape.indices.reversed() where !reduced.contains(axis) {
      strides[axis] = count
      count *= y.shape[axis]
    }
    let places = y.elements.indices.map { index in
      var (rest, place) = (index, 0)
      for axis in y.shape.indices.reversed() {
        place += rest % y.shape[axis] * strides[axis]
        rest /= y.shape[axis]
      }
      return place
    }
    var sums = [Scalar](repeating: 0, count: count)
    for (place, element) in zip(places, y.elements) { sums[place] += element * element }
    for (index, place) in places.enumerated() {
      y.elements[index] /= maximum(sums[place].squareRoot(), Scalar(epsilon))
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let axis = call.x.axis, let rank = flow.rank(call.node),
      axes(ofRank: rank)?.contains(axis) == false
    else { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
