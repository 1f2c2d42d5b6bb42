package import Foundation
package import RecurTensors

/// The files under `testdata/` and the temporary folders tests write to.
package enum TestData {
  /// The root of the project.
  package static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The path of a file under `testdata/`.
  package static func path(_ relative: String) -> String {
    root.appending(path: "testdata/" + relative).path(percentEncoded: false)
  }

  /// The bytes of a file under `testdata/`.
  package static func bytes(_ relative: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: path(relative))))
  }

  /// `bytes` as the region of a file.
  package static func region(_ bytes: [UInt8]) -> ByteRegion {
    ByteRegion(ByteStorage(copying: bytes, isFileImage: true))
  }

  /// Calls `body` with an empty folder that is removed afterwards.
  package static func withFolder<Result>(
    _ body: (URL) throws -> Result
  ) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "recur-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}

/// Published checkpoints that are not part of the project.
package enum PublishedFiles {
  /// The folder that `RECUR_WILD` names, or nil: tests of published files are skipped then.
  package static let folder = ProcessInfo.processInfo.environment["RECUR_WILD"]
}
