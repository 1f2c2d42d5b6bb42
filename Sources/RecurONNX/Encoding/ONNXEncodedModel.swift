import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

/// A model in the form of ONNX, ready to be written.
struct ONNXEncodedModel: EncodedModel {
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded: Bool
  let isReordered = true
  let neighbour: String?
  private let message: ProtobufMessage
  private let data: ONNXDataForm?

  /// Encodes a model.
  ///
  /// - Throws: `model.unrepresentable`, `onnx.operator-set`.
  init(_ model: Model, _ options: EncodeOptions) throws(CheckpointError) {
    let sets = ONNXModelWriter.operatorSets
    let set = options.operatorSet ?? 17
    guard sets.contains(set) else {
      throw CheckpointError(
        .onnxOperatorSet, "operators of version \(set) are not written",
        expected: "\(sets.lowerBound) to \(sets.upperBound)", found: "\(set)")
    }
    var writer = ONNXModelWriter(model, operatorSet: set)
    let form = try writer.form(metadata: options.metadata)
    let whole = form.message()
    if whole.byteCount > options.largestMessage {
      let own = ONNXDataForm(form.weights, name: "\(options.target).data")
      (data, message, neighbour) = (own, form.message(data: own), own.name)
    } else {
      (data, message, neighbour) = (nil, whole, nil)
    }
    diagnostics = writer.findings
    isRounded = writer.isRounded
    mappings = form.weights.compactMap { weight in
      guard case .tensor(let tensor) = weight.content else { return nil }
      let parts = weight.sources.isEmpty ? [tensor] : weight.sources
      var objects: [String] = []
      for object in parts.compactMap(\.location.object) where !objects.contains(object) {
        objects.append(object)
      }
      let stored = objects.isEmpty ? nil : parts[0].storedShape
      return TensorMapping(
        sources: objects, sourceShape: stored, target: weight.name, targetShape: weight.shape,
        operation: !weight.sources.isEmpty
          ? "gates in ONNX' order" : weight.shape == stored ? "copied" : "axes moved")
    }
  }

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try message.write(to: &sink)
  }

  func writeNeighbour<Sink: ByteSink & ~Copyable>(
    to sink: inout Sink
  ) throws(CheckpointError) { try data?.write(to: &sink) }

  func readBack(
    _ written: FileProbe, neighbour: ByteRegion?
  ) throws(CheckpointError) -> ReadBack {
    let file = try ONNXModel(written.bytes, limits: DecodeLimits())
    let (model, notes) = try ONNXModelReader.model(
      of: file, named: splitPath(written.path).name,
      files: ONNXExternalFiles(
        written,
        opened: neighbour.flatMap { region in data.map { [$0.name: region] } } ?? [:]))
    // The written file must be read without a warning about a weight without use.
    if let finding = notes.first(where: { $0.code == .tensorUnused }) {
      throw CheckpointError(finding)
    }
    return .model(model)
  }
}

extension ONNXFormat: ModelEncoding {
  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel { try ONNXEncodedModel(model, options) }
}

extension ONNXFormat: OperatorSetChoosing {}

extension Diagnostic.Code {
  /// A version of the set of operators that is not written.
  static let onnxOperatorSet = Self(rawValue: "onnx.operator-set")
}
