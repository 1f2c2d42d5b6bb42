import RecurContainers
import RecurFormats
import RecurModel
public import RecurTensors

extension Checkpoint {
  /// Writes every tensor of a file under the name that the file gives it, whatever model they make.
  ///
  /// No architecture is read, so nothing about a model can be in the way. What was written is read back
  /// and compared, bit for bit, before the file gets its name.
  /// - Parameters:
  ///   - path: a file of any format that holds tensors.
  ///   - target: the file to write: `.safetensors`, `.npz` or `.pt`.
  ///   - format: the stable name of a format, whatever the ending.
  ///   - key: the dotted path of a state dict, of several.
  ///   - overwriting: whether a file that is already there may be replaced.
  ///   - review: is given what was left out before the file gets its name; what it throws leaves nothing
  ///     behind.
  /// - Returns: what was written; a warning `tensor.not-exported` for each array that holds no numbers.
  /// - Throws: `file.no-tensors`, `file.format-unknown`, `file.exists`, `file.unwritable`, and what
  ///   reading the container throws.
  public static func exportTensors(
    of path: String, to target: String, format: FileFormat? = nil, key: String? = nil,
    overwriting: Bool = false,
    review: ([Diagnostic]) throws(CheckpointError) -> Void = { _ in }
  ) throws(CheckpointError) -> Conversion {
    let encoding = try FormatRegistry.all.encoding(forPath: target, id: format?.rawValue)
    try checkOutput(target, inputs: [path], replacing: overwriting)
    guard let encoding = encoding as? any TensorEncoding else {
      throw CheckpointError(
        .fileFormatUnknown, "\(encoding.title) has no place for tensors under any names",
        at: .init(file: target), expected: "a name that ends in .safetensors, .npz or .pt")
    }
    let probe = try FormatRegistry.all.probe(path)
    let source = try FormatRegistry.all.format(of: probe)
    if key != nil, !(source is any KeyedDecoding) {
      throw .unusedOption(.key(), source, file: path)
    }
    guard let source = source as? any TensorListing else {
      throw CheckpointError(
        .fileNoTensors, "the file holds no tensors: \(source.title)", at: .init(file: path))
    }
    let tensors = try source.tensors(probe, key: key, .init())
    guard !tensors.table.names.isEmpty else {
      throw CheckpointError(
        .fileNoTensors, "the file holds no tensors", at: .init(file: path),
        found: tensors.table.unreadable.first.map { "'\($0.name)', which holds \($0.type)" })
    }
    let encoded = try encoding.encode(tensors: tensors)
    let left = tensors.table.unreadable.map { tensor in
      Diagnostic(
        .tensorNotExported, .warning,
        "'\(tensor.name)' holds \(tensor.type), no numbers, and is left out", at: tensor.location)
    }
    let diagnostics = (left + encoded.diagnostics).map { $0.located(file: path) }
    var file = try AtomicFile(replacing: target)
    try encoded.write(to: &file)
    let written = try file.readBack()
    try file.startFlushing()
    guard case .tensors(let pairs) = try encoded.readBack(FileProbe(path: target, bytes: written)),
      pairs.allSatisfy({ $0.written.isBitEqual(to: $0.meant) })
    else {
      throw CheckpointError(
        .convertVerificationFailed, "the file that was written holds other tensors",
        at: .init(file: path), hint: "this is a bug in recur; nothing was written")
    }
    try review(diagnostics)
    try file.commit()
    return Conversion(
      path: target, format: encoding.id, byteCount: written.count, module: nil,
      mappings: encoded.mappings, diagnostics: diagnostics, largestDifference: 0, isRounded: false,
      isReordered: false,
      proof: .tensors)
  }
}

extension Diagnostic.Code {
  /// Tensors were to be copied out of a file that holds none.
  public static let fileNoTensors = Self(rawValue: "file.no-tensors")
  /// An array is left out of a copy of a file's tensors.
  public static let tensorNotExported = Self(rawValue: "tensor.not-exported")
}
