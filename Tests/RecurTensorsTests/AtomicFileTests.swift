import Foundation
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Atomic file")
struct AtomicFileTests {
  private func path(_ name: String, in folder: URL) -> String {
    folder.appending(path: name).path(percentEncoded: false)
  }

  private func content(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { [UInt8]($0) }
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
  }

  @Test("a file appears when it is committed, and not before")
  func commit() throws {
    try TestData.withFolder { folder in
      let target = path("model.pt", in: folder)
      var file = try AtomicFile(replacing: target)
      try file.write([1, 2, 3])
      try file.write([UInt8]())
      try file.write(ByteRegion(ByteStorage(copying: [4, 5])))
      #expect(content(target) == nil)
      try file.commit()
      #expect(content(target) == [1, 2, 3, 4, 5])
      #expect(try names(in: folder) == ["model.pt"])
    }
  }

  @Test("a committed file takes the place of the old one, whole")
  func replace() throws {
    try TestData.withFolder { folder in
      let target = path("model.pt", in: folder)
      try Data("something much longer".utf8).write(to: URL(filePath: target))
      var file = try AtomicFile(replacing: target)
      try file.write([7])
      #expect(content(target) == Array("something much longer".utf8))
      try file.commit()
      #expect(content(target) == [7])
      #expect(try names(in: folder) == ["model.pt"])
    }
  }

  @Test("a dropped file leaves nothing behind and the old file as it was")
  func dropped() throws {
    try TestData.withFolder { folder in
      let target = path("model.pt", in: folder)
      do {
        var file = try AtomicFile(replacing: target)
        try file.write([1, 2, 3])
      }
      #expect(try names(in: folder) == [])
      try Data([9]).write(to: URL(filePath: target))
      do {
        var file = try AtomicFile(replacing: target)
        try file.write([1, 2, 3])
      }
      #expect(content(target) == [9])
      #expect(try names(in: folder) == ["model.pt"])
    }
  }

  @Test("the old file's mode is kept", arguments: [0o600, 0o640, 0o444])
  func mode(_ mode: Int) throws {
    try TestData.withFolder { folder in
      let target = path("model.pt", in: folder)
      try Data([9]).write(to: URL(filePath: target))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: target)
      var file = try AtomicFile(replacing: target)
      try file.write([1])
      try file.commit()
      let attributes = try FileManager.default.attributesOfItem(atPath: target)
      #expect(attributes[.posixPermissions] as? Int == mode)
      #expect(content(target) == [1])
    }
  }

  @Test("a reader that mapped the old file still sees it after the commit")
  func mappedReader() throws {
    try TestData.withFolder { folder in
      let target = path("model.pt", in: folder)
      try Data([1, 2, 3]).write(to: URL(filePath: target))
      let reader = ByteRegion(try ByteStorage(mapping: target))
      var file = try AtomicFile(replacing: target)
      try file.write([9])
      try file.commit()
      #expect(reader.bytes() == [1, 2, 3])
    }
  }

  @Test("what was written can be read back before the commit")
  func readBack() throws {
    try TestData.withFolder { folder in
      var file = try AtomicFile(replacing: path("model.pt", in: folder))
      expectDiagnostic("file.empty") { try file.readBack() }
      try file.write([1, 2, 3])
      #expect(try file.readBack().bytes() == [1, 2, 3])
      #expect(try names(in: folder) == [])
    }
  }

  @Test("of two writers of one target, the later commit wins and no neighbour stays")
  func twoWriters() throws {
    try TestData.withFolder { folder in
      let target = path("model.pt", in: folder)
      var one = try AtomicFile(replacing: target)
      var other = try AtomicFile(replacing: target)
      try one.write([1])
      try other.write([2])
      try other.commit()
      #expect(content(target) == [2])
      try one.commit()
      #expect(content(target) == [1])
      #expect(try names(in: folder) == ["model.pt"])
    }
  }

  @Test("a folder that does not exist can't be written to")
  func missingFolder() throws {
    try TestData.withFolder { folder in
      let target = path("none/model.pt", in: folder)
      let diagnostic = expectDiagnostic("file.unwritable") { try AtomicFile(replacing: target) }
      #expect(diagnostic?.message == "can't create: No such file or directory")
      #expect(diagnostic?.location.file == target)
    }
  }

  @Test("a folder below a file can't be written to")
  func fileAsFolder() throws {
    try TestData.withFolder { folder in
      try Data([9]).write(to: folder.appending(path: "file"))
      expectDiagnostic("file.unwritable") {
        try AtomicFile(replacing: path("file/model.pt", in: folder))
      }
      #expect(content(path("file", in: folder)) == [9])
    }
  }

  @Test("a folder that takes no files can't be written to")
  func readOnlyFolder() throws {
    #if os(Linux)
      // In this folder not even root can make files.
      expectDiagnostic("file.unwritable") { try AtomicFile(replacing: "/proc/model.pt") }
    #endif
  }

  @Test("a target that is a folder is refused at the commit, and nothing stays")
  func folderAsTarget() throws {
    try TestData.withFolder { folder in
      let target = path("taken", in: folder)
      try FileManager.default.createDirectory(
        atPath: target, withIntermediateDirectories: false)
      var file = try AtomicFile(replacing: target)
      try file.write([1])
      do throws(CheckpointError) {
        try file.commit()
        Issue.record("a folder was replaced")
      } catch {
        #expect(error.diagnostic.code == .fileUnwritable)
      }
      #expect(try names(in: folder) == ["taken"])
    }
  }
}
