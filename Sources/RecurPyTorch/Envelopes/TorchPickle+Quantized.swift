import RecurContainers
import RecurTensors

extension TorchPickle {
  /// What the integers of a quantized tensor stand for.
  private enum Quantizer {
    case perTensor(scale: Double, zeroPoint: Int)
    case perChannel(scales: [Double], zeroPoints: [Double], isFloat: Bool, axis: Int)
  }

  /// The numbers that a quantized tensor stands for, as `dequantize()` gives them, to the bit.
  ///
  /// - Throws: `tensor.dtype-unsupported` for numbers of less than a byte,
  ///   `pytorch.tensor.unsupported` for other schemes, `pickle.value.invalid`, `bytes.limit-exceeded`,
  ///   and what reading the storage throws.
  mutating func dequantized(
    _ values: [PickleGraph.Reference], _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) -> Tensor {
    guard values.count >= 5, let offset = graph.integer(values[1]), let shape = sizes(values[2]),
      let strides = sizes(values[3])
    else { throw invalid("'\(key)' is rebuilt from unexpected values", reference) }
    let (bytes, type) = try storage(values[0], quantized: true)
    let quantizer = try quantizer(values[4], shape, key, reference)
    if let known = made[reference] { return known.located(at: Self.place(of: key, known)) }
    let stored = try view(bytes, type, shape: shape, strides: strides, offset: offset, key)
    try made.spend(
      stored.count * MemoryLayout<Float>.size, of: self.bytes.count + storages.byteCount,
      at: place(reference))
    let tensor = try Tensor.float32(
      Self.numbers(stored, quantizer), shape: shape, at: stored.location)
    made.keep(tensor, for: reference)
    return tensor
  }

  private static func place(of key: String, _ tensor: Tensor) -> Diagnostic.Location {
    var location = tensor.location
    location.object = key
    return location
  }

  /// How the tensor at `reference` is quantized, in words; nil when it is not.
  func quantization(_ reference: PickleGraph.Reference) -> String? {
    var current = unwrapped(reference)
    for _ in 0..<8 {
      guard let call = graph.call(current), let name = typeName(current),
        let rebuild = TorchCallables.rebuild(name), let values = graph.elements(call.arguments)
      else { return nil }
      switch rebuild {
      case .wrapper:
        guard let inner = values.first else { return nil }
        current = unwrapped(inner)
      case .quantized:
        guard values.count >= 5, let parts = graph.elements(values[4]),
          let type = TorchStorageID(graph, values[0])?.type.split(separator: ".").last
        else { return nil }
        let name = type.dropLast("Storage".count).lowercased()
        guard parts.count == 3, let scale = number(parts[1]), let zero = graph.integer(parts[2])
        else { return "\(name), a scale for each channel" }
        return "\(name), scale \(scale), zero point \(zero)"
      case .tensor, .typed, .refused: return nil
      }
    }
    return nil
  }

  /// `(torch.per_tensor_affine, scale, zero point)` or `(torch.per_channel_affine, scales, zero points,
  /// axis)` (torch/_utils.py, `_rebuild_qtensor`).
  private mutating func quantizer(
    _ reference: PickleGraph.Reference, _ shape: [Int], _ key: String,
    _ tensor: PickleGraph.Reference
  ) throws(CheckpointError) -> Quantizer {
    guard let parts = graph.elements(reference), let scheme = parts.first.flatMap(graph.globalName)
    else { throw invalid("'\(key)' has no quantizer", tensor) }
    switch scheme {
    case "torch.per_tensor_affine" where parts.count == 3:
      guard let scale = number(parts[1]), let zero = graph.integer(parts[2]),
        let zeroPoint = Int32(exactly: zero)
      else { throw invalid("'\(key)' has no scale and zero point", tensor) }
      return .perTensor(scale: scale, zeroPoint: Int(zeroPoint))
    case "torch.per_channel_affine" where parts.count == 4,
      "torch.per_channel_affine_float_qparams" where parts.count == 4:
      guard isTensor(parts[1]), isTensor(parts[2]), let axis = graph.integer(parts[3]),
        shape.indices.contains(axis)
      else { throw invalid("'\(key)' has no scales and zero points", tensor) }
      let scales = try self.tensor(parts[1], "\(key) (scales)")
      let zeroPoints = try self.tensor(parts[2], "\(key) (zero points)")
      guard scales.shape == [shape[axis]], zeroPoints.shape == [shape[axis]] else {
        throw invalid(
          "'\(key)' of \(shapeText(shape)) has \(scales.count) scales and \(zeroPoints.count) zero "
            + "points along axis \(axis)", tensor)
      }
      return .perChannel(
        scales: scales.doubles(), zeroPoints: zeroPoints.doubles(),
        isFloat: zeroPoints.elementType.isFloatingPoint, axis: axis)
    default:
      throw unsupported(
        "'\(key)' is quantized as '\(scheme)'", tensor,
        hint: "save the model before it is quantized, or dequantize it")
    }
  }

  private func number(_ reference: PickleGraph.Reference) -> Double? {
    if case .float(let value) = graph[reference] { return value }
    return graph.integer(reference).map(Double.init)
  }

  /// One scale counts as a binary32, scales of channels as binary64 (aten/src/ATen/native/quantized,
  /// `dequantize_val` and `dequantize_per_channel_affine_kernel`).
  private static func numbers(_ stored: Tensor, _ quantizer: Quantizer) -> [Float] {
    let integers = stored.doubles()
    switch quantizer {
    case .perTensor(let scale, let zeroPoint):
      let scale = Float(scale)
      return integers.map { value in
        scale * Float(Int32(truncatingIfNeeded: Int(value) - zeroPoint))
      }
    case .perChannel(let scales, let zeroPoints, let isFloat, let axis):
      let inner = stored.shape[(axis + 1)...].reduce(1, *)
      return integers.indices.map { index in
        let channel = index / inner % scales.count
        let difference = Float(integers[index]) - Float(zeroPoints[channel])
        return isFloat
          ? difference * Float(scales[channel]) : Float(Double(difference) * scales[channel])
      }
    }
  }
}
