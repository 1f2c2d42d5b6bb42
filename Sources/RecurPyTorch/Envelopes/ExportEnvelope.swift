import RecurContainers
import RecurStateDicts
import RecurTensors

/// The weights in a file of `torch.export.save`, whose program is not read
/// (torch/export/pt2_archive, torch/_export/serde/schema.py).
enum ExportEnvelope {
  /// Whether entries with these names are those of an exported or a compiled program.
  static func recognizes(_ names: [String]) -> Bool {
    names.contains { name in
      isWeights(name) || isStateDict(name) || name.hasSuffix("/archive_format")
        || name.hasSuffix("serialized_exported_program.json") || name.contains("data/aotinductor/")
    }
  }

  private static func isWeights(_ name: String) -> Bool {
    name.hasSuffix("_weights_config.json") && name.contains("/weights/")
  }

  /// The form before torch 2.8: a checkpoint inside the archive.
  private static func isStateDict(_ name: String) -> Bool {
    name == "serialized_state_dict.pt" || name.hasSuffix("/serialized_state_dict.pt")
      || name.hasSuffix("data/weights/model.pt")
  }

  /// The parameters and persistent buffers.
  ///
  /// - Throws: `pytorch.envelope.unsupported` for a compiled program without weights,
  ///   `pytorch.archive.invalid`, `tensor.dtype-unsupported`, `tensor.bytes-mismatch`, and what
  ///   reading the archive and its JSON throws.
  static func read(
    _ archive: ZipArchive, key: String?, _ limits: DecodeLimits, isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    let configs = archive.entries.filter { isWeights($0.name) }
    if configs.isEmpty, let inner = archive.entries.first(where: { isStateDict($0.name) }) {
      var stateDict = try locating(object: inner.name) { () throws(CheckpointError) in
        try PyTorchReader.archived(
          archive.content(of: inner), key: key, limits, isTolerant: isTolerant)
      }
      stateDict.container = "exported PyTorch program"
      return stateDict
    }
    guard configs.count == 1, let config = configs.first else {
      let compiled = archive.entries.contains { $0.name.contains("data/aotinductor/") }
      throw CheckpointError(
        .pytorchEnvelopeUnsupported,
        compiled
          ? "the archive is a program compiled by AOTInductor, whose weights are machine code's own"
          : "the archive holds the weights of \(configs.count) exported programs and needs one",
        at: .init(object: configs.first?.name ?? archive.entries.first?.name),
        hint: "save the weights themselves: torch.save(model.state_dict(), path)")
    }
    if let key, !key.isEmpty {
      throw CheckpointError(
        .pytorchKeyUnknown, "an exported program holds one state dict, and none under '\(key)'",
        at: .init(object: config.name)
      ).advising("leave out \(.key())")
    }
    var stateDict = try described(by: config, in: archive, limits, isTolerant: isTolerant)
    stateDict.container = "exported PyTorch program"
    return stateDict
  }

  /// The tensors that an entry describes.
  private static func described(
    by config: ZipArchive.Entry, in archive: ZipArchive, _ limits: DecodeLimits, isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    var reader = WeightsReader(
      archive: archive, folder: folder(of: config.name), isTolerant: isTolerant)
    try locating(object: config.name) { () throws(CheckpointError) in
      try reader.read(JSONParser.parse(archive.content(of: config), limits: limits), limits)
    }
    return reader.stateDict
  }

  /// The constants of the program: tensors that its code makes, and buffers that are not persistent.
  ///
  /// - Throws: what ``read(_:key:_:isTolerant:)`` throws.
  static func constants(
    _ archive: ZipArchive, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    if let config = archive.entries.first(where: { $0.name.hasSuffix("_constants_config.json") }) {
      return try described(by: config, in: archive, limits, isTolerant: false)
    }
    guard
      let inner = archive.entries.first(where: {
        $0.name.hasSuffix("serialized_constants.pt") || $0.name.hasSuffix("data/constants/model.pt")
      })
    else { return StateDict() }
    return try locating(object: inner.name) { () throws(CheckpointError) in
      try PyTorchReader.archived(
        archive.content(of: inner), key: nil, limits, isTolerant: false)
    }
  }

  /// The programs of the archive.
  static func programs(_ archive: ZipArchive) -> [ZipArchive.Entry] {
    archive.entries.filter { entry in
      entry.name.hasSuffix("serialized_exported_program.json")
        || entry.name.hasSuffix(".json") && entry.name.split(separator: "/").dropLast().last == "models"
    }
  }

  private static func folder(of name: String) -> String {
    name.lastIndex(of: "/").map { String(name[...$0]) } ?? ""
  }
}

/// Reads `{"config": {KEY: {"path_name", "use_pickle", "tensor_meta"}}}`.
private struct WeightsReader {
  let archive: ZipArchive
  let folder: String
  let isTolerant: Bool
  var stateDict = StateDict()

  init(archive: ZipArchive, folder: String, isTolerant: Bool) {
    self.archive = archive
    self.folder = folder
    self.isTolerant = isTolerant
  }

  mutating func read(_ json: JSONValue, _ limits: DecodeLimits) throws(CheckpointError) {
    guard let config = json["config"]?.object else {
      throw CheckpointError(.pytorchArchiveInvalid, "the list of weights has no 'config'")
    }
    guard config.members.count <= limits.objects else {
      throw CheckpointError(.limitExceeded, "more than \(limits.objects) tensors")
    }
    var contents: [Name: ByteRegion] = [:]
    for member in config.members {
      do throws(CheckpointError) {
        let tensor = try tensor(member.name, member.value, &contents)
        try stateDict.tensors.append(member.name, tensor)
      } catch {
        let located = error.located(object: member.name)
        guard isTolerant, let warning = located.asUnreadTensor else { throw located }
        stateDict.diagnostics.append(warning)
      }
    }
  }

  private func tensor(
    _ key: String, _ payload: JSONValue, _ contents: inout [Name: ByteRegion]
  ) throws(CheckpointError) -> Tensor {
    guard let path = payload["path_name"]?.string, let meta = payload["tensor_meta"],
      let number = meta["dtype"]?.integer, let shape = integers(meta["sizes"]),
      let strides = integers(meta["strides"]), let offset = integer(meta["storage_offset"])
    else {
      throw CheckpointError(
        .pytorchArchiveInvalid, "'\(key)' is not described as torch.export describes a tensor")
    }
    guard payload["use_pickle"]?.bool != true else {
      throw CheckpointError(
        .pytorchTensorUnsupported,
        "'\(key)' is a tensor of a class of its own, stored as a pickle, which is not read",
        hint: "save the weights as plain tensors: torch.save(model.state_dict(), path)")
    }
    // Layout 7 is strided, that is, dense (torch/_export/serde/schema.py, Layout).
    guard meta["layout"]?.integer ?? 7 == 7 else {
      throw CheckpointError(
        .pytorchTensorUnsupported, "'\(key)' is a sparse tensor, which is not read",
        hint: "save it as a dense one: tensor.to_dense()")
    }
    let name = folder + path
    if contents[Name(name)] == nil {
      guard let entry = archive[name] else {
        throw CheckpointError(.pytorchArchiveInvalid, "the archive has no entry '\(name)'")
      }
      contents[Name(name)] = try archive.content(of: entry, holdsArrays: true)
    }
    guard let bytes = contents[Name(name)] else {
      throw CheckpointError(.pytorchArchiveInvalid, "the archive has no entry '\(name)'")
    }
    let type = try TorchTypes.elementType(number: number, at: bytes.location)
    let tensor = try Tensor(
      bytes, type, shape: shape, strides: strides, offset: offset, at: .init(object: key))
    guard tensor.byteCount / 64 <= bytes.count else {
      throw CheckpointError(
        .limitExceeded, "'\(key)' repeats its \(bytes.count) stored bytes more than 64 times",
        at: tensor.location)
    }
    return tensor
  }

  private func integers(_ value: JSONValue?) -> [Int]? {
    guard let values = value?.array, values.count <= 32 else { return nil }
    let integers = values.compactMap { integer($0) }
    return integers.count == values.count ? integers : nil
  }

  /// The value in `{"as_int": 3}`; nil for a size that is only known when the program runs.
  private func integer(_ value: JSONValue?) -> Int? { value?["as_int"]?.integer }
}
