import Foundation
import RecurTestSupport
import Testing

/// A page of the documentation whose console blocks are commands and what they print.
struct MarkdownPage {
  /// One fenced block: its language and its lines.
  struct Block {
    let language: String
    let lines: [String]
    var text: String { lines.joined(separator: "\n") + "\n" }

    /// The text of the block after its commands, the lines after `$ `, are run in `folder`.
    func printed(in folder: URL) throws -> String {
      var printed = ""
      for line in lines where line.hasPrefix("$ ") {
        let result = try Tool.shell(String(line.dropFirst(2)), in: folder)
        printed += line + "\n" + result.output + result.errors
      }
      return printed
    }
  }

  let url: URL
  let text: String

  /// Opens a page by its path in the project.
  init(_ path: String) throws {
    url = TestData.root.appending(path: path)
    text = try String(contentsOf: url, encoding: .utf8)
  }

  var blocks: [Block] {
    var blocks: [Block] = []
    var open: (language: String, lines: [String])?
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(Block(language: block.language, lines: block.lines))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), [])
        }
      } else {
        open?.lines.append(line)
      }
    }
    return blocks
  }

  /// Runs the console blocks in a copy of folders of testdata, in the first folder, and compares
  /// the output with the page; with RECORD_SNAPSHOTS=1 the page is written anew.
  func checkCommands(in folders: [String]) throws {
    let consoles = blocks.filter { $0.language == "console" }
    #expect(!consoles.isEmpty)
    var page = text
    try TestData.withFolder { root in
      for name in folders {
        try FileManager.default.copyItem(
          at: URL(filePath: TestData.path(name)), to: root.appending(path: name))
      }
      let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
      for block in consoles {
        let printed = try block.printed(in: root.appending(path: folders[0]))
        if isRecording {
          page = page.replacing("```console\n" + block.text, with: "```console\n" + printed)
        } else {
          #expect(block.text == printed)
        }
      }
    }
    if page != text {
      try page.write(to: url, atomically: true, encoding: .utf8)
      Issue.record("\(url.lastPathComponent) was written anew; read it and run the tests again")
    }
  }
}
