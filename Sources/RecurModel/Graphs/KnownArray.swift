package import RecurTensors

/// An array that is known before the model runs: a weight, a part of one, or a state of zeros.
///
/// Axes on which `array` has one element may have any extent, also a free one: the element is the
/// same at every position.
package struct KnownArray: Sendable {
  /// The numbers.
  package var array: Tensor
  /// The extents.
  package var shape: [Dimension]
  /// The name of the weight in the file; nil for an array that was changed or computed.
  package var name: String?

  /// An array as a file holds it.
  package init(_ array: Tensor, name: String? = nil) {
    self.array = array
    self.name = name
    shape = array.shape.map { .fixed($0) }
  }

  /// One number everywhere.
  package init(
    repeating value: Double, _ type: ElementType, shape: [Dimension]
  ) throws(CheckpointError) {
    guard shape.allSatisfy({ $0.value ?? 0 >= 0 }), shape.count <= GraphLimits.axes else {
      throw CheckpointError(.graphUnsupported, "an array of the shape \(text(shape))")
    }
    array = try Tensor.numbers([value], type, shape: shape.map { _ in 1 })
    self.shape = shape
  }

  /// The element type.
  package var type: ElementType { array.elementType }

  /// Whether every number is 0.
  package var isZero: Bool { array.doubles().allSatisfy { $0 == 0 } }

  /// Whether every number is stored, none repeated.
  package var isStored: Bool { array.shape.map { Dimension.fixed($0) } == shape }

  // Views: no number is moved, and the shapes were checked by the caller.

  /// The axes in another order.
  package func permuted(_ order: [Int]) -> KnownArray {
    var copy = self
    copy.array = array.permuted(order)
    copy.shape = order.map { shape[$0] }
    copy.name = order == Array(shape.indices) ? name : nil
    return copy
  }

  /// One position of an axis.
  package func selected(axis: Int, _ index: Int) -> KnownArray {
    var copy = self
    copy.array = array.select(axis: axis, array.shape[axis] == 1 ? 0 : index)
    copy.shape.remove(at: axis)
    copy.name = nil
    return copy
  }

  /// Evenly spaced positions of an axis.
  package func sliced(
    axis: Int, first: Int, count: Int, step: Int
  ) throws(CheckpointError) -> KnownArray {
    var copy = self
    copy.shape[axis] = .fixed(count)
    copy.name = nil
    guard array.shape[axis] > 1 else { return copy }
    if step == 1 || count == 0 {
      copy.array = array.slice(
        axis: axis, (count == 0 ? 0 : first)..<(count == 0 ? 0 : first + count))
    } else {
      copy.array = try Tensor.concatenated(
        (0..<count).map { index in
          let position = first + index * step
          return array.slice(axis: axis, position..<position + 1)
        }, axis: axis)
    }
    return copy
  }

  /// A new axis of extent 1.
  package func insertingAxis(_ axis: Int) throws(CheckpointError) -> KnownArray {
    var extents = array.shape
    extents.insert(1, at: axis)
    var copy = self
    copy.array = try array.reshaped(extents)
    copy.shape.insert(.fixed(1), at: axis)
    copy.name = nil
    return copy
  }

  /// Axes of extent 1 repeated; new axes are in front.
  ///
  /// The extents of `newShape` are those of this array, or any where this array has extent 1.
  package func expanded(to newShape: [Dimension]) throws(CheckpointError) -> KnownArray {
    var copy = self
    while copy.shape.count < newShape.count { copy = try copy.insertingAxis(0) }
    copy.shape = newShape
    return copy
  }

  /// The same numbers, with those repeated over known extents stored.
  package func stored() throws(CheckpointError) -> KnownArray {
    var copy = self
    for (axis, extent) in shape.enumerated() {
      guard let extent = extent.value, extent != copy.array.shape[axis] else { continue }
      copy.name = nil
      copy.array =
        extent == 0
        ? copy.array.slice(axis: axis, 0..<0)
        : try Tensor.concatenated([Tensor](repeating: copy.array, count: extent), axis: axis)
    }
    return copy
  }

  /// The number of elements after ``stored()``; free extents count once.
  package var storedCount: Int? { product(shape.map { $0.value ?? 1 }) }

  /// The array as an operand of an operator.
  package var operand: Operand {
    .constant(
      .init(shape: array.shape, elements: array.doubles(), isWhole: !type.isFloatingPoint))
  }
}

extension Tensor {
  /// An array of numbers, each rounded to `type`.
  package static func numbers(
    _ values: [Double], _ type: ElementType, shape: [Int]
  ) throws(CheckpointError) -> Tensor {
    let bytes: [UInt8]
    if type.isFloatingPoint {
      bytes = type.bytes(rounding: values)
    } else {
      // Values beyond the type's range become its bounds.
      let bound =
        type.byteCount == 8 ? Double(sign: .plus, exponent: 62, significand: 1.999) : 0x1p52
      let whole = values.map { value in
        value.isNaN ? 0 : Int64(min(max(type.rounded(value), -bound), bound))
      }
      bytes = whole.flatMap { number in
        (0..<type.byteCount).map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
      }
    }
    return try Tensor(ByteRegion(ByteStorage(copying: bytes)), type, shape: shape)
  }
}
