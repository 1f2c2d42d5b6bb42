import RecurContainers
import RecurFormats
import RecurTensors

/// Weights that lie one behind the other in files that together are one
/// (tfjs-core/src/io/types.ts, `WeightsManifestGroupConfig`).
struct WebWeightGroup {
  /// One weight.
  struct WebWeight {
    var name: String
    var shape: [Int]
    var type: String
    var quantization: WebQuantization?
  }

  /// How numbers were written with fewer bits.
  struct WebQuantization {
    var type: String
    var scale: Double
    var minimum: Double
  }

  let paths: [String]
  private let weights: [WebWeight]
  private let location: Diagnostic.Location

  /// Reads one element of the manifest.
  ///
  /// - Throws: `tensorflow.web.invalid`.
  init(
    _ json: JSONValue, at location: Diagnostic.Location, _ limits: DecodeLimits
  ) throws(CheckpointError) {
    self.location = location
    paths = (json["paths"]?.array ?? []).compactMap(\.string)
    var weights: [WebWeight] = []
    for element in json["weights"]?.array ?? [] {
      let extents = element["shape"]?.array ?? []
      let shape = extents.compactMap(\.integer)
      guard let name = element["name"]?.string, let type = element["dtype"]?.string,
        shape.count == extents.count, shape.count <= limits.rank
      else {
        throw CheckpointError(
          .webModelInvalid, "a weight in the manifest has no name, type and shape", at: location,
          found: String(element.text.prefix(80)))
      }
      weights.append(
        WebWeight(
          name: name, shape: shape, type: type,
          quantization: element["quantization"].map { form in
            WebQuantization(
              type: form["dtype"]?.string ?? "", scale: form["scale"]?.double ?? 1,
              minimum: form["min"]?.double ?? 0)
          }))
    }
    self.weights = weights
    guard weights.isEmpty || paths.count == json["paths"]?.array?.count else {
      throw CheckpointError(
        .webModelInvalid, "a path in the manifest is no text", at: location)
    }
  }

  /// Every weight with its numbers; nil for one that holds none.
  ///
  /// - Throws: `tensorflow.web.invalid`, `folder.file-outside`, `file.unreadable`.
  func tensors(
    _ folder: FolderFiles
  ) throws(CheckpointError) -> [(weight: WebWeight, tensor: Tensor?)] {
    var parts: [ByteRegion] = []
    for path in paths {
      guard folder.has(path) || path.contains("..") || path.hasPrefix("/") else {
        throw CheckpointError(
          .webModelInvalid, "the file '\(path)' of the weights is not there", at: location,
          expected: path, hint: "keep all files of the model in one folder")
      }
      parts.append(try folder.bytes(path))
    }
    let all = parts.count == 1 ? parts[0] : Self.joined(parts)
    var position = 0
    var result: [(weight: WebWeight, tensor: Tensor?)] = []
    for weight in weights {
      let stored = weight.quantization?.type ?? weight.type
      guard let type = Self.types[stored],
        let count = Tensor.byteCount(of: weight.shape, type)
      else {
        guard stored != "string" else {
          throw CheckpointError(
            .webModelInvalid, "'\(weight.name)' holds texts, which are not read", at: location)
        }
        throw CheckpointError(
          .webModelInvalid,
          "'\(weight.name)' of \(stored) and the shape \(shapeText(weight.shape)) is not read",
          at: location)
      }
      guard count <= all.count - position else {
        throw CheckpointError(
          .webModelInvalid,
          "the files of the weights end in '\(weight.name)'", at: location,
          expected: "\(position + count) bytes or more", found: "\(all.count) bytes",
          reason: "a file was cut off, or is of another model")
      }
      let bytes = try all.slice(at: position, length: count)
      position += count
      let place = bytes.location.inside(
        .init(file: paths.count == 1 ? folder.path(of: paths[0]) : nil, object: weight.name))
      let tensor = try Tensor(bytes, type, shape: weight.shape, at: place)
      result.append(
        (
          weight,
          try weight.quantization.map { form throws(CheckpointError) in
            try Self.dequantized(tensor, form, named: weight.name)
          } ?? tensor
        ))
    }
    guard position == all.count else {
      throw CheckpointError(
        .webModelInvalid, "the files have \(all.count - position) bytes behind the last weight",
        at: location, expected: "\(position) bytes", found: "\(all.count) bytes")
    }
    return result
  }

  private static func joined(_ parts: [ByteRegion]) -> ByteRegion {
    var bytes: [UInt8] = []
    for part in parts { bytes += part.bytes() }
    return ByteRegion(ByteStorage(copying: bytes))
  }

  private static let types: [String: ElementType] = [
    "float32": .float32, "int32": .int32, "bool": .bool, "uint8": .uint8, "uint16": .uint16,
    "float16": .float16, "complex64": .complex64,
  ]

  /// `value * scale + min`, computed in float32 as the library does
  /// (tfjs-core/src/io/io_utils.ts, `decodeWeights`); halves become floats.
  private static func dequantized(
    _ tensor: Tensor, _ form: WebQuantization, named name: String
  ) throws(CheckpointError) -> Tensor {
    let values = tensor.doubles()
    let isHalf = tensor.elementType == .float16
    let numbers = values.map { value in
      isHalf ? Float(value) : Float(value * form.scale + form.minimum)
    }
    return try Tensor.float32(numbers, shape: tensor.shape).located(at: tensor.location)
  }
}
