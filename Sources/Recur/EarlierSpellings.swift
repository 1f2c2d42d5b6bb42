public import RecurTensors
public import RecurVerification

// Spellings of the library before its first release; each goes with the release after that.
extension Checkpoint {
  /// See ``convert(to:format:module:overwriting:operatorSet:exposesStates:review:)``.
  @available(*, deprecated, renamed: "convert(to:format:module:overwriting:)")
  public func convert(
    to path: String, format: String? = nil, module: String? = nil, replacing: Bool
  ) throws(CheckpointError) -> Conversion {
    try convert(
      to: path, format: format.map(FileFormat.init(rawValue:)), module: module,
      overwriting: replacing)
  }

  /// See ``repair(_:to:format:overwriting:)``.
  @available(*, deprecated, renamed: "repair(_:to:format:overwriting:)")
  public func repair(
    _ diagnosis: Diagnosis, to path: String, format: String? = nil, replacing: Bool
  ) throws(CheckpointError) -> Conversion {
    try repair(
      diagnosis, to: path, format: format.map(FileFormat.init(rawValue:)), overwriting: replacing)
  }
}
