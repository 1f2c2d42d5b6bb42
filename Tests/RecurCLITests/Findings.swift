import Foundation
import RecurTestSupport
import Testing

/// The diagnostics of one run of the command, as `--format json` gives them.
struct Findings: Decodable {
  struct Finding: Decodable {
    struct Fix: Decodable {
      let place: String
      let code: String
    }

    let code: String
    let severity: String
    let message: String
    let file: String?
    let expected: String?
    let found: String?
    let reason: String?
    let hint: String?
    let fixes: [Fix]
    let notes: [String]

    /// The lines of the fixes for one program.
    func fixes(in place: String) -> [String] { fixes.filter { $0.place == place }.map(\.code) }
  }

  let status: Int
  let diagnostics: [Finding]

  /// The findings with one code.
  subscript(code: String) -> [Finding] { diagnostics.filter { $0.code == code } }

  /// Runs the command in `testdata/mistakes`.
  static func of(_ arguments: String...) throws -> Findings {
    try of(arguments, in: URL(filePath: TestData.path("mistakes")))
  }

  /// Runs the command in a folder.
  static func of(_ arguments: [String], in folder: URL) throws -> Findings {
    let result = try Tool.run(arguments + ["--format", "json"], in: folder)
    return try JSONDecoder().decode(Findings.self, from: Data(result.output.utf8))
  }
}
