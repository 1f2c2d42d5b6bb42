import Foundation
import RecurTestSupport
import Testing

@Suite("An output appears complete or not at all")
struct OutputSafetyTests {
  private let model = TestData.path("keras3/lstm_last.h5")

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
  }

  @Test("an existing file stays unless --force is given") func existing() throws {
    try TestData.withFolder { folder in
      let old = Data("old".utf8)
      try old.write(to: folder.appending(path: "m.pt"))
      let refused = try Tool.run(["convert", model, "m.pt"], in: folder)
      #expect(refused.status == 2)
      #expect(refused.errors.contains("[file.exists]"))
      #expect(try Data(contentsOf: folder.appending(path: "m.pt")) == old)
      #expect(try Tool.run(["convert", model, "m.pt", "--force"], in: folder).status == 0)
      #expect(try Data(contentsOf: folder.appending(path: "m.pt")) != old)
      #expect(try names(folder) == ["m.pt"])
    }
  }

  @Test("the input is never the output, under any name") func sameFile() throws {
    try TestData.withFolder { folder in
      let copy = folder.appending(path: "m.h5")
      try FileManager.default.copyItem(at: URL(filePath: model), to: copy)
      try FileManager.default.linkItem(at: copy, to: folder.appending(path: "m.pt"))
      let before = try Data(contentsOf: copy)
      let result = try Tool.run(["convert", "m.h5", "m.pt", "--force"], in: folder)
      #expect(result.status == 2)
      #expect(result.errors.contains("the same file as the input"))
      #expect(try Data(contentsOf: copy) == before)
    }
  }

  @Test("a symbolic link stays, and what it leads to is replaced") func link() throws {
    try TestData.withFolder { folder in
      try Data("old".utf8).write(to: folder.appending(path: "real.pt"))
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "m.pt"), withDestinationURL: folder.appending(path: "real.pt"))
      #expect(try Tool.run(["convert", model, "m.pt"], in: folder).status == 2)
      #expect(try Tool.run(["convert", model, "m.pt", "--force"], in: folder).status == 0)
      let path = folder.appending(path: "m.pt").path(percentEncoded: false)
      let type = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      #expect(type == .typeSymbolicLink)
      #expect(try Tool.run(["inspect", "real.pt"], in: folder).status == 0)
    }
  }

  @Test("weights and module are never one file, under any name")
  func oneFile() throws {
    try TestData.withFolder { folder in
      for module in ["m.pt", "./m.pt", folder.appending(path: "m.pt").path(percentEncoded: false)] {
        let result = try Tool.run(["convert", model, "m.pt", "--module", module], in: folder)
        #expect(result.status == 2, "\(module)")
        #expect(try names(folder).isEmpty)
      }
    }
  }

  @Test("a full disk leaves the old file and nothing else", arguments: ["m.pt", "m.safetensors"])
  func fullDisk(name: String) throws {
    try TestData.withFolder { folder in
      let old = Data("old".utf8)
      try old.write(to: folder.appending(path: name))
      // ulimit -f limits the size of a file to one block, like a full disk or a quota. The report
      // goes to a pipe, which has no limit.
      let script =
        "(ulimit -f 1; recur convert '\(model)' \(name) --force; echo status $?) 2>&1 | cat"
      let result = try Tool.shell(script, in: folder)
      #expect(result.output.contains("[file.unwritable]"))
      #expect(result.output.hasSuffix("status 2\n"))
      #expect(try Data(contentsOf: folder.appending(path: name)) == old)
      #expect(try names(folder) == [name])
    }
  }

  @Test("a folder that can't be written is said by name") func readOnly() throws {
    try TestData.withFolder { folder in
      for target in ["/proc/m.pt", "missing/m.pt"] {
        let result = try Tool.run(["convert", model, target], in: folder)
        #expect(result.status == 2)
        #expect(result.errors.contains("[file.unwritable]"))
        #expect(result.errors.contains(target))
      }
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("a module that can't be written takes the weights back with it") func module() throws {
    try TestData.withFolder { folder in
      let result = try Tool.run(
        ["convert", model, "m.pt", "--module", "missing/m.py"], in: folder)
      #expect(result.status == 2)
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("an interrupt at any moment leaves nothing or everything") func interrupt() throws {
    try TestData.withFolder { folder in
      let script = """
        for delay in 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.01 0.015 0.02; do
          timeout -s INT $delay recur convert '\(model)' m.pt >/dev/null 2>&1
          ls -A | grep -v '^m.pt$'
          [ -e m.pt ] && { recur inspect m.pt >/dev/null || echo broken; rm m.pt; }
        done; true
        """
      let result = try Tool.shell(script, in: folder)
      #expect(result.output.isEmpty, "\(result.output)")
    }
  }

  @Test("a refused conversion writes nothing") func refused() throws {
    try TestData.withFolder { folder in
      let result = try Tool.run(
        ["convert", TestData.path("keras3/masking_lstm_seq.h5"), "m.pt"], in: folder)
      #expect(result.status == 2)
      #expect(result.errors.contains("[model.unrepresentable]"))
      #expect(result.errors.contains("--module model.py"))
      #expect(try names(folder).isEmpty)
    }
  }

  @Test("a report that can't be printed is a failure") func fullStandardOutput() throws {
    try TestData.withFolder { folder in
      let result = try Tool.shell("recur inspect '\(model)' > /dev/full; echo $?", in: folder)
      #expect(result.output == "2\n")
    }
  }

  @Test("inputs that are no files are refused at once", arguments: ["/dev/zero", ".", "absent.h5"])
  func inputs(path: String) throws {
    let result = try Tool.run(["inspect", path])
    #expect(result.status == 2)
    #expect(result.errors.contains("[file.unreadable]"))
  }

  @Test(
    "hostile files need little memory",
    arguments: Fixture.all.filter { $0.path.hasPrefix("hostile/") })
  func memory(fixture: Fixture) throws {
    let path = TestData.path(fixture.path)
    // 200 MB of addresses are enough for the program with its libraries and stacks, and 64 MB more.
    let script = "ulimit -v 300000; recur inspect '\(path)' >/dev/null 2>&1; echo $?"
    let result = try Tool.shell(script, in: TestData.root)
    #expect(result.output == "\(fixture.status)\n")
  }
}
