import Foundation
import RecurTestSupport

/// The Swift sources of the package as words.
///
/// Only words are read: a file uses another one if it contains the name of a type that only that
/// file declares.
struct SourceTree {
  /// The sources of this package, read once.
  static let own = SourceTree()

  /// The files by their path below `Sources`.
  let files: [String: SourceFile]

  private init() {
    let root = TestData.root.appending(path: "Sources")
    var files: [String: SourceFile] = [:]
    let paths = FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
    for case let path as String in paths ?? FileManager.DirectoryEnumerator()
    where path.hasSuffix(".swift") {
      guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else {
        continue
      }
      files[path] = SourceFile(path: path, text: text)
    }
    self.files = files
  }

  /// The smallest circle found of parts that use each other; empty when there is none.
  func circle(by part: (SourceFile) -> String) -> [String] {
    var owners: [String: String] = [:]
    for file in files.values {
      // A name that two files declare says nothing about who uses whom.
      for type in file.types { owners[type] = owners[type] == nil ? file.path : "" }
    }
    var uses: [String: Set<String>] = [:]
    for file in files.values {
      for word in file.words {
        guard let owner = owners[word].flatMap({ files[$0] }), part(owner) != part(file) else {
          continue
        }
        uses[part(file), default: []].insert(part(owner))
      }
    }
    // A part that uses no remaining part is removed. Parts that remain are in a circle or lead to
    // one.
    var left = uses
    while true {
      let rest = left.mapValues { $0.filter { left[$0] != nil } }.filter { !$0.value.isEmpty }
      if rest.count == left.count { return rest.keys.sorted() }
      left = rest
    }
  }
}

/// One file of the sources.
struct SourceFile {
  /// The path below `Sources`.
  let path: String
  let text: String
  /// The text without comments and without the contents of strings.
  let code: String
  /// Every word of the code.
  let words: Set<String>
  /// The types that the file declares.
  let types: [String]
  /// Every `switch` of the code.
  let switches: [Switch]

  /// The arms of one `switch`.
  struct Switch {
    /// The names of the cases, in source order.
    var cases: [String] = []
    var hasDefault = false
  }

  init(path: String, text: String) {
    self.path = path
    self.text = text
    var code = text.replacing(/"""(?:.|\n)*?"""/, with: "\"\"")
    code.replace(/"(?:\\.|[^"\\\n])*"/, with: "\"\"")
    code.replace(/\/\*(?:.|\n)*?\*\//, with: "")
    code.replace(/\/\/[^\n]*/, with: "")
    self.code = code
    words = Set(code.matches(of: /\b\w+\b/).map { String($0.0) })
    let declaration = /(?:struct|class|enum|protocol|actor|typealias)\s+([A-Z]\w*)/
    types = code.matches(of: declaration).map { String($0.1) }
    switches = Self.switches(code)
  }

  /// The name without `.swift`.
  var name: String { String(path.split(separator: "/").last?.dropLast(6) ?? "") }
  var target: String { String(path.split(separator: "/")[0]) }
  var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

  /// The arms of a `switch` have the indentation of the `switch` itself.
  private static func switches(_ code: String) -> [Switch] {
    var (found, open): ([Switch], [(indent: Int, block: Switch)]) = ([], [])
    var arm: (indent: Int, text: String)?
    for line in code.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.drop { $0 == " " }
      let indent = line.count - words.count
      if var pending = arm {
        // The pattern of an arm ends at its colon.
        pending.text += words
        arm = words.contains(":") ? nil : pending
        open[open.count - 1].block.cases += names(pending.text)
        continue
      }
      if words.hasPrefix("}"), let last = open.last, last.indent == indent {
        found.append(last.block)
        open.removeLast()
      }
      if words.contains(/\bswitch\b.*\{$/) { open.append((indent, Switch())) }
      guard let last = open.indices.last, open[last].indent == indent else { continue }
      if words.hasPrefix("default") { open[last].block.hasDefault = true }
      if words.hasPrefix("case ") {
        open[last].block.cases += names(String(words))
        if !words.contains(":") { arm = (indent, "") }
      }
    }
    return found
  }

  private static func names(_ arm: String) -> [String] {
    let head = arm.prefix { $0 != ":" }
    return head.matches(of: /(?:^case |, |^)\.(\w+)/).map { String($0.1) }
  }
}
