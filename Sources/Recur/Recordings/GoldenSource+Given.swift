import RecurModel
import RecurTensors
package import RecurVerification

#if ONNX
  import RecurONNX
#endif

extension GoldenSource {
  /// What was recorded at `path`: an archive, or a folder in a form that a format of this build has.
  package static func given(_ path: String) -> GoldenSource {
    #if ONNX
      guard isFolder(path) else { return .archive(path) }
      return .folder(path) { path, model, watch throws(CheckpointError) in
        let recording = try ONNXRecording(path, watch: watch)
        var golden = GoldenFile(
          inputs: recording.inputs(named: model?.inputs ?? []),
          outputs: recording.outputs.flatMap { $0.map(\.tensor) })
        golden.setCount = recording.inputs.count
        return golden
      }
    #else
      return .archive(path)
    #endif
  }
}
