import RecurTensors

/// The arithmetic of weight norm and spectral norm (torch/nn/utils/weight_norm.py,
/// torch/nn/utils/spectral_norm.py, torch/nn/utils/parametrizations.py).
enum NormFolding {
  /// Weight norm: g·v / ‖v‖, with the norm over all axes along which g has extent 1.
  ///
  /// - Throws: `pytorch.parametrization.unsupported` when a norm is zero.
  static func weightNorm(g: Tensor, v: Tensor, _ key: String) throws(CheckpointError) -> Tensor {
    let lengths = g.doubles()
    var values = v.doubles()
    // The axis along which g has several elements; nil for a weight of one row.
    let axis = g.shape.firstIndex { $0 != 1 }
    let inner = axis.map { v.shape[($0 + 1)...].reduce(1, *) } ?? 1
    let group = { (index: Int) in axis.map { (index / inner) % v.shape[$0] } ?? 0 }
    guard v.count > 0 else { return v }
    var squares = [Double](repeating: 0, count: lengths.count)
    for (index, value) in values.enumerated() { squares[group(index)] += value * value }
    guard squares.allSatisfy({ $0 > 0 }) else {
      throw unsupported("'\(key)' has a direction of length zero", v)
    }
    for index in values.indices {
      let place = group(index)
      values[index] *= lengths[place] / squares[place].squareRoot()
    }
    return try tensor(values, like: v)
  }

  /// Spectral norm: w / σ, where σ = uᵀ·W·v and the rows of W lie along the first axis of w.
  ///
  /// - Throws: `pytorch.parametrization.unsupported` when the vectors don't fit these rows, or
  ///   would also fit another axis.
  static func spectralNorm(
    w: Tensor, u: Tensor, v: Tensor, _ key: String
  ) throws(CheckpointError) -> Tensor {
    guard w.rank >= 2, u.rank == 1, v.rank == 1, u.count > 0, w.elementType.isFloatingPoint,
      u.elementType.isFloatingPoint, v.elementType.isFloatingPoint, u.count == w.shape[0],
      v.count == w.count / w.shape[0]
    else {
      throw unsupported(
        "'\(key)' of \(shapeText(w.shape)) has vectors of \(u.count) and \(v.count) numbers, which "
          + "don't fit its first axis", w)
    }
    guard w.rank == 2 || w.shape[0] != w.shape[1] else {
      throw unsupported(
        "'\(key)' of \(shapeText(w.shape)) may be normalized along its first or its second axis", w)
    }
    let (values, rows, columns) = (w.doubles(), u.doubles(), v.doubles())
    var sigma = 0.0
    for (row, left) in rows.enumerated() {
      var sum = 0.0
      for (column, right) in columns.enumerated() {
        sum += values[row * columns.count + column] * right
      }
      sigma += left * sum
    }
    guard sigma != 0, sigma.isFinite else { throw unsupported("'\(key)' has no norm", w) }
    return try tensor(values.map { $0 / sigma }, like: w)
  }

  static func unsupported(_ weight: ParametrizedWeight) -> CheckpointError {
    CheckpointError(
      .pytorchNotFoldable,
      "'\(weight.key)' is stored under a parametrization whose formula is not in the file",
      at: .init(object: weight.parts.first),
      found: weight.parts.map { "'\($0)'" }.joined(separator: ", "),
      hint: hint)
  }

  private static let hint =
    "remove it before saving: torch.nn.utils.parametrize.remove_parametrizations(module, name)"

  private static func unsupported(_ message: String, _ tensor: Tensor) -> CheckpointError {
    CheckpointError(
      .pytorchNotFoldable, message, at: tensor.location, hint: hint)
  }

  /// The numbers, rounded once to the type of `original`.
  private static func tensor(
    _ values: [Double], like original: Tensor
  ) throws(CheckpointError) -> Tensor {
    let type = original.elementType
    guard type.isFloatingPoint else {
      throw unsupported("a weight of \(type) has no norm", original)
    }
    return try .rounded(values, shape: original.shape, type, at: original.location)
  }
}
