import RecurModel
import RecurTensors

extension Reshaping: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    if case .reshapeAll(let extents) = self {
      guard let shape = Self.shape(of: call.x.shape, call.inputs.last?.shape ?? [], extents) else {
        throw CheckpointError(
          .inputLength, "'\(call.node.layerName)' can't divide \(shapeText(call.x.shape))",
          at: call.node.location, expected: title, found: shapeText(call.x.shape))
      }
      return [call.x.reshaped(shape)]
    }
    return [call.x.reshaped(self)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    followed(call.x).map { [$0] }
      ?? flow.mixed(call.node, "it gives the timesteps another place or another number")
  }

  func batchAxis(_ axis: Int) -> Int {
    self == .exchangeBatchAndTime && axis < 2 ? 1 - axis : axis
  }

  var endsMask: Bool { true }

  /// The extents after ``reshapeAll``; nil when the elements can't be divided so.
  ///
  /// `second` is the shape of the second input, where there is one.
  static func shape(of x: [Int], _ second: [Int], _ extents: [Extent]) -> [Int]? {
    let total = x.reduce(1, *)
    var known = 1
    for extent in extents {
      switch extent {
      case .fixed(let value): known *= value
      case .axis(let axis): known *= x[axis]
      case .axisOfSecond(let axis): known *= second[axis]
      case .rest: break
      }
    }
    guard extents.contains(.rest) ? known > 0 && total % known == 0 : known == total else {
      return nil
    }
    return extents.map { extent in
      switch extent {
      case .fixed(let value): value
      case .axis(let axis): x[axis]
      case .axisOfSecond(let axis): second[axis]
      case .rest: total / max(known, 1)
      }
    }
  }

  private func followed(_ x: TimestepFlow.Track) -> TimestepFlow.Track? {
    guard let axis = x.axis else { return x }
    var result = x
    switch self {
    case .flatten, .reshape, .repeatVector, .pad, .crop, .upsample, .reshapeAll: return nil
    case .permute(let axes):
      guard x.batchAxis == 0, let position = axes.firstIndex(of: axis) else { return nil }
      result.axis = position + 1
    case .insertAxis(let position):
      if position <= axis { result.axis = axis + 1 }
      if position <= x.batchAxis { result.batchAxis += 1 }
    case .exchangeBatchAndTime:
      func exchanged(_ axis: Int) -> Int { axis < 2 ? 1 - axis : axis }
      (result.axis, result.batchAxis) = (exchanged(axis), exchanged(x.batchAxis))
    }
    return result
  }
}

extension Values {
  /// The elements after `reshaping`.
  fileprivate func reshaped(_ reshaping: Reshaping) -> Values {
    switch reshaping {
    case .flatten: return reshaped([shape[0], shape.dropFirst().reduce(1, *)])
    case .reshape(let extents):
      let known = extents.compactMap { $0 }.reduce(1, *)
      let total = shape.dropFirst().reduce(1, *)
      return reshaped([shape[0]] + extents.map { $0 ?? total / max(known, 1) })
    case .permute(let axes): return permuted([0] + axes)
    case .repeatVector(let count):
      return Values.concatenated(
        [Values](repeating: reshaped([shape[0], 1, width]), count: count), axis: 1)
    case .pad(let margins):
      return margins.indices.reduce(self) { $0.padded(axis: $1 + 1, margins[$1]) }
    case .crop(let margins):
      return margins.indices.reduce(self) { value, axis in
        let end = value.shape[axis + 1] - margins[axis].after
        return value.gathered(axis: axis + 1, Array(margins[axis].before..<end))
      }
    case .reshapeAll(let extents):
      return reshaped(Reshaping.shape(of: shape, shape, extents) ?? shape)
    case .insertAxis(let position):
      return reshaped(shape[..<position] + [1] + shape[position...])
    case .exchangeBatchAndTime: return permuted([1, 0] + shape.indices.dropFirst(2))
    case .upsample(let factors):
      return factors.indices.reduce(self) { value, axis in
        let places = (0..<value.shape[axis + 1]).flatMap {
          [Int](repeating: $0, count: factors[axis])
        }
        return value.gathered(axis: axis + 1, places)
      }
    }
  }

  /// The positions `places` along an axis, in order.
  private func gathered(axis: Int, _ places: [Int]) -> Values {
    let (extent, inner) = (shape[axis], shape[(axis + 1)...].reduce(1, *))
    var result = Values(shape: shape, elements: [])
    result.shape[axis] = places.count
    for outer in 0..<shape[..<axis].reduce(1, *) {
      for place in places {
        let start = (outer * extent + place) * inner
        result.elements += elements[start..<start + inner]
      }
    }
    return result
  }

  /// The same numbers with zeros before and after along an axis.
  private func padded(axis: Int, _ margin: Reshaping.Margin) -> Values {
    func zeros(_ count: Int) -> Values {
      var extents = shape
      extents[axis] = count
      return Values(shape: extents)
    }
    return Values.concatenated([zeros(margin.before), self, zeros(margin.after)], axis: axis)
  }
}
