import Foundation
import RecurTestSupport

/// What `recur explain --list --format json` says about one code.
struct ExplainedCode: Decodable {
  let code: String
  let meaning: String
  let cause: String
  let fix: String
  let example: String

  /// The commands of the example, without their `$ `.
  var commands: [String] {
    example.split(separator: "\n").filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
  }

  /// Every code.
  static func all() throws -> [ExplainedCode] {
    struct Report: Decodable { let codes: [ExplainedCode] }
    let result = try Tool.run(["explain", "--list", "--format", "json"])
    return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).codes
  }
}
