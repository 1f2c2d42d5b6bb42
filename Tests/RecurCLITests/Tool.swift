import Foundation
import RecurTestSupport

/// The command, as a user runs it.
enum Tool {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The binary, beside the test bundle.
  static let path: String = {
    let candidates = [
      URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
      Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
      TestData.root.appending(path: ".build/release"),
      TestData.root.appending(path: ".build/debug"),
    ]
    for folder in candidates {
      let path = folder.appending(path: "recur").path(percentEncoded: false)
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    fatalError("the binary 'recur' is not beside the tests")
  }()

  /// Runs `recur` with `arguments` in `folder`.
  static func run(_ arguments: [String], in folder: URL? = nil) throws -> Result {
    try launch(path, arguments, in: folder)
  }

  /// Runs a shell script in `folder`, with `recur` on its path.
  static func shell(_ script: String, in folder: URL) throws -> Result {
    try launch("/bin/sh", ["-c", script], in: folder)
  }

  private static func launch(
    _ executable: String, _ arguments: [String], in folder: URL?
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = folder ?? TestData.root
    var environment = ProcessInfo.processInfo.environment
    let tools = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    environment["PATH"] = tools + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    // Output goes to files and not to pipes, because nobody has to read files while the process
    // runs.
    return try TestData.withFolder { scratch in
      let streams = ["out", "err"].map { scratch.appending(path: $0) }
      for stream in streams { try Data().write(to: stream) }
      process.standardOutput = try FileHandle(forWritingTo: streams[0])
      process.standardError = try FileHandle(forWritingTo: streams[1])
      try process.run()
      process.waitUntilExit()
      let texts = try streams.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
      let died = process.terminationReason == .uncaughtSignal
      return Result(
        status: process.terminationStatus + (died ? 128 : 0), output: texts[0], errors: texts[1])
    }
  }
}
