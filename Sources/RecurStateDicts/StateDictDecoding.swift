package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A format that holds tensors by name and no architecture.
package protocol StateDictDecoding: WeightNormFolding, ArchitectureDeclaring, TensorListing,
  SourceTaking
{
  /// What the names of its tensors mean.
  var names: any StateDictConvention { get }
  /// Reads a state dict.
  ///
  /// - Throws: what reading the file throws.
  func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict
  /// Reads the state dict at `key`, a dotted path, from a file that holds several.
  ///
  /// - Throws: `pytorch.state-dict.key-unknown`, and what reading the file throws.
  func stateDict(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict
  /// The same; without `key`, every tensor of the file, whatever it belongs to. Tensors of kinds that are
  /// not read are warnings.
  ///
  /// - Throws: what reading the file throws.
  func allTensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict
}

extension StateDictDecoding {
  package var convention: any Convention { names.convention }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      StateDictInspection.inspection(of: try stateDict(probe, .listing), self)
    }
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try model(stateDict(probe, key: options.key, options.limits), probe, options)
    }
  }

  /// The model whose weights are in `stateDict`.
  package func model(
    _ stateDict: StateDict, _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    var decoded = try names.model(stateDict, probe, options)
    decoded.metadata = stateDict.metadata
    decoded.coverage.tensorCount =
      stateDict.tensors.names.count + stateDict.tensors.unreadable.count + stateDict.besideCount
    decoded.coverage.besideCount = stateDict.besideCount
    return decoded
  }

  package func declaration(
    _ probe: FileProbe, key: String?
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic]) {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try names.declaration(of: stateDict(probe, key: key, .init()), probe)
    }
  }

  package func stateDict(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    if let key, !key.isEmpty {
      throw CheckpointError(
        .pytorchKeyUnknown,
        "a file that is no pickle holds one state dict, and none under '\(key)'"
      ).advising("leave out \(.key())")
    }
    return try stateDict(probe, limits)
  }
}

extension Diagnostic.Code {
  package static let pytorchKeyUnknown = Self(rawValue: "pytorch.state-dict.key-unknown")
}
