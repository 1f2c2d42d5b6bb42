import RecurFormats
import RecurTensors

extension DecodeOptions {
  /// Refuses what chooses outputs of a graph, or values of its placeholders, for a file of layers.
  ///
  /// - Throws: `file.option-unused`.
  func refuseGraphOptions(
    _ format: any ModelFormat, _ probe: FileProbe
  ) throws(CheckpointError) {
    if let outputs {
      throw .unusedOption(.outputs(outputs), format, file: probe.path)
    }
    guard let setting = settings.first else { return }
    throw CheckpointError(
      .fileOptionUnused, "a model of layers takes no value '\(setting.name)'",
      at: .init(file: probe.path), hint: "leave it out")
  }
}
