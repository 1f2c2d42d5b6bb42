import Foundation
import RecurTestSupport
import Testing

/// Whatever is printed as a fix leads on: to what was asked for, or to a refusal that is final.
@Suite("Fixes lead somewhere")
struct WayOutTests {
  /// Where a chain of fixes ended.
  private enum End: Equatable {
    case done
    case final
    /// A fix leads back to a command that was given before.
    case circle([String])
    /// A fix that is no command, or names a file that nobody has.
    case broken([String])
  }

  /// What stands for files that only the reader of a fix has.
  private static let placeholders = ["OTHER", "model.h5", "WEIGHTS.h5", "MODEL.json"]

  /// Every fixture but those whose containers are broken, by folder.
  private static let folders =
    Set(Fixture.all.map { $0.path.prefix { $0 != "/" } }.map(String.init))
    .subtracting(["hostile"]).sorted() + ["mistakes", "pytorch", "questions", "readings"]

  /// What a user does with a file: commands, with the file and what belongs to it in quotes.
  private static func commands(_ folder: String) throws -> [String] {
    func quoted(_ path: String) -> String { "'\(TestData.path(path))'" }
    let fixtures = Fixture.all.filter { $0.path.hasPrefix(folder + "/") }
    var commands: [String] = []
    var files = fixtures.map { fixture in
      let given = fixture.architecture.map { " --architecture \(quoted($0))" } ?? ""
      let golden = fixture.golden.map { " --golden \(quoted($0))" } ?? ""
      let file = quoted(fixture.path)
      commands.append("recur \(fixture.command) \(file)" + (given + golden))
      return (file, given)
    }
    if fixtures.isEmpty {
      let names = try FileManager.default.contentsOfDirectory(atPath: TestData.path(folder))
        .sorted()
      for name in names where !name.hasSuffix(".json") && !name.hasSuffix(".npy") {
        guard !name.hasSuffix(".npz") else { continue }
        let stem = name.prefix { $0 != "." }
        let file = quoted("\(folder)/\(name)")
        files.append((file, ""))
        let golden = "\(folder)/\(stem).golden.npz"
        if FileManager.default.fileExists(atPath: TestData.path(golden)) {
          commands.append("recur validate \(file) --golden \(quoted(golden))")
          commands.append("recur diagnose \(file) --golden \(quoted(golden))")
        }
      }
    }
    for (file, given) in files {
      commands += [
        "recur convert \(file) out.keras\(given)",
        "recur convert \(file) out.pt --module out.py\(given)",
        "recur convert --tensors \(file) out.npz",
      ]
    }
    return commands
  }

  /// Follows every fix of a command, each from where the command left the folder.
  private func follow(_ command: String, after path: [String], in folder: URL) throws -> [End] {
    let path = path + [command]
    let result = try Tool.shell(command, in: folder)
    guard result.status <= 2 else { return [.broken(path + [result.errors])] }
    if result.status == 0 { return [.done] }
    let fixes = result.errors.split(separator: "\n").compactMap { line -> String? in
      let prefix = "  fix in Recur: recur "
      return line.hasPrefix(prefix) ? "recur " + line.dropFirst(prefix.count) : nil
    }
    guard !fixes.isEmpty else { return [result.errors.contains("error[") ? .final : .broken(path)] }
    var ends: [End] = []
    for fix in fixes {
      let words = fix.split(separator: " ").map(String.init)
      if Self.placeholders.contains(where: words.contains) {
        ends.append(.final)
      } else if path.contains(fix) || path.count > 5 {
        ends.append(.circle(path + [fix]))
      } else {
        ends += try TestData.withFolder { copy in
          for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            try FileManager.default.copyItem(
              at: folder.appending(path: name), to: copy.appending(path: name))
          }
          return try follow(fix, after: path, in: copy)
        }
      }
    }
    return ends
  }

  @Test("until the work is done or the refusal is final", arguments: folders)
  func leads(_ folder: String) throws {
    for command in try Self.commands(folder) {
      let ends = try TestData.withFolder { try follow(command, after: [], in: $0) }
      for end in ends {
        #expect(end == .done || end == .final, "\(command)")
      }
    }
  }
}
