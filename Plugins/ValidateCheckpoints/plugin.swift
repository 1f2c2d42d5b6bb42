import Foundation
import PackagePlugin

/// Validates the checkpoints among a target's resources when the target is built.
///
/// A recording beside a model, `model.golden.npz` beside `model.h5`, is compared as well.
@main
struct ValidateCheckpoints: BuildToolPlugin {
  private static let endings = [
    "h5", "hdf5", "keras", "pt", "pth", "ckpt", "safetensors", "onnx", "tflite", "pb", "msgpack",
    "nam", "aidax", "mlmodel",
  ]

  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let files = target.sourceModule?.sourceFiles else { return [] }
    let tool = try context.tool(named: "RecurCheck")
    return files.map(\.url).filter { Self.endings.contains($0.pathExtension) }.map { model in
      let golden = model.deletingPathExtension().appendingPathExtension("golden.npz")
      let isRecorded = FileManager.default.fileExists(atPath: golden.path())
      let stamp = context.pluginWorkDirectoryURL.appending(path: "\(model.lastPathComponent).valid")
      return .buildCommand(
        displayName: "Validating \(model.lastPathComponent)", executable: tool.url,
        arguments: [model.path(), stamp.path()] + (isRecorded ? [golden.path()] : []),
        inputFiles: [model] + (isRecorded ? [golden] : []), outputFiles: [stamp])
    }
  }
}
