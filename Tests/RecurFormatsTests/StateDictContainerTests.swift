import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

@Suite("State dicts in .pt, .safetensors, shards and .npz")
struct StateDictContainerTests {
  @Test("every element type of torch is written to .pt as it is")
  func everyType() throws {
    let source = TestData.path("numbers/element_types.pt")
    try TestData.withFolder { folder in
      let path = folder.appending(path: "out.pt").path(percentEncoded: false)
      _ = try Checkpoint(opening: source).convert(to: path)
      let (one, other) = (
        try StateDict.read(FileProbe(path: source)).tensors,
        try StateDict.read(FileProbe(path: path)).tensors
      )
      #expect(one.names == other.names && one.names.count == 20)
      #expect(Set(one.entries.map(\.tensor.elementType)) == Set(ElementType.allCases))
      for (name, tensor) in one.entries {
        #expect(try #require(other[name]).isBitEqual(to: tensor), "\(name)")
      }
    }
  }

  @Test("what NumPy has no type for is widened exactly, and said")
  func widened() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "out.npz").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: TestData.path("numbers/element_types.pt"))
      let conversion = try checkpoint.convert(to: path)
      let notes = conversion.diagnostics.filter { $0.code.rawValue == "tensor.widened" }
      #expect(notes.count == 6)
      let written = try StateDict.read(FileProbe(path: path)).tensors
      let original = try StateDict.read(FileProbe(path: checkpoint.path)).tensors
      for (name, tensor) in original.entries {
        let other = try #require(written[name])
        #expect(other.components() == tensor.components())
        let isWidened = tensor.elementType == .bfloat16 || name.hasPrefix("float8")
        #expect(other.elementType == (isWidened ? .float32 : tensor.elementType))
      }
    }
  }

  @Test(
    "what was mapped from what is kept, and what the source said of itself",
    arguments: ["pt", "safetensors", "npz"])
  func metadata(ending: String) throws {
    try TestData.withFolder { folder in
      let first = folder.appending(path: "first.safetensors").path(percentEncoded: false)
      let second = folder.appending(path: "second.\(ending)").path(percentEncoded: false)
      var tensors = TensorTable()
      try tensors.append("weight", .float32([1, 2], shape: [1, 2]))
      try tensors.append("bias", .float32([3], shape: [1]))
      var sink = MemorySink()
      try SafetensorsFormat(PyTorchStateDicts()).encode(
        StateDict(tensors: tensors, metadata: [("zeta", "1"), ("alpha", "é")]), into: &sink)
      try Data(sink.bytes).write(to: URL(filePath: first))
      _ = try Checkpoint(opening: first).convert(to: second)
      let read = try Checkpoint(opening: second).metadata
      #expect(
        read.prefix(5).map(\.name) == ["format", "zeta", "alpha", "recur.source", "recur.producer"])
      #expect(read[2].value == "é" && read[3].value == "first.safetensors")
      #expect(read.contains { $0.name == "recur.tensor.weight" })
      let facts = try Checkpoint.inspect(second).facts
      #expect(facts.contains { $0.name == "recur.source" && $0.value == "first.safetensors" })
    }
  }

  @Test("an archive's comment that is too small says how much was left out")
  func shortened() throws {
    var tensors = TensorTable()
    try tensors.append("a", .float32([1], shape: [1]))
    let metadata = (0..<2_000).map { ("name \($0)", String(repeating: "x", count: 50)) }
    var sink = MemorySink()
    try NPZFormat(PyTorchStateDicts()).encode(
      StateDict(tensors: tensors, metadata: metadata), into: &sink)
    let probe = FileProbe(path: "x.npz", bytes: TestData.region(sink.bytes))
    let read = try StateDict.read(probe).metadata
    #expect(read.last?.name == "recur.shortened")
    #expect(read.dropLast().map(\.name) == metadata.prefix(read.count - 1).map(\.0))
    #expect(read.count > 900 && read.count < 1_100)
    #expect(read.last?.value.hasPrefix("\(2_001 - read.count) of 2000 entries") == true)
  }

  @Test("an archive of recorded inputs and outputs is no model, and said to be that")
  func golden() {
    let path = TestData.path("keras3/lstm_last.golden.npz")
    let names = (try? NPZArchive(ByteRegion(ByteStorage(mapping: path))).names) ?? []
    let isPlain = names.allSatisfy { $0.hasPrefix("in_") || $0.hasPrefix("out_") }
    if isPlain {
      expectDiagnostic("npz.no-weights") { try Checkpoint(opening: path) }
    }
    expectDiagnostic("npz.no-weights") {
      try TestData.withFolder { folder in
        var sink = MemorySink()
        try NPZArchive.write(
          [("in_0", .float32([1], shape: [1])), ("out_0", .float32([1], shape: [1]))], to: &sink)
        let url = folder.appending(path: "golden.npz")
        try Data(sink.bytes).write(to: url)
        return try Checkpoint(opening: url.path(percentEncoded: false))
      }
    }
  }

  @Test("strings in an archive are listed, and refused where a layer needs them")
  func strings() throws {
    let header = "{'descr': '<U1', 'fortran_order': False, 'shape': (2, 2), }\n"
    let count = [UInt16(header.utf8.count)].littleEndianBytes
    let array =
      NPYFile.magic + [1, 0] + count + Array(header.utf8) + [UInt8](repeating: 0, count: 16)
    try TestData.withFolder { folder in
      var writer = ZipWriter()
      var sink = MemorySink()
      try writer.append("weight.npy", ByteRegion(ByteStorage(copying: array)), to: &sink)
      let bias = try NPYFile.bytes(of: .float32([1, 2], shape: [2]))
      try writer.append("bias.npy", ByteRegion(ByteStorage(copying: bias)), to: &sink)
      try writer.finish(to: &sink)
      let url = folder.appending(path: "names.npz")
      try Data(sink.bytes).write(to: url)
      let path = url.path(percentEncoded: false)
      let tensors = try Checkpoint.inspect(path).tensors
      #expect(tensors.map(\.type) == ["float32", "<U1"])
      #expect(tensors.last?.shape == [2, 2] && tensors.last?.byteCount == 16)
    }
  }

  private func write(_ tensors: [(String, Tensor)], to url: URL) throws {
    var table = TensorTable()
    for (name, tensor) in tensors { try table.append(name, tensor) }
    var sink = MemorySink()
    try SafetensorsFormat(PyTorchStateDicts()).encode(StateDict(tensors: table), into: &sink)
    try Data(sink.bytes).write(to: url)
  }

  /// An index of `map` beside two files: `a` with `weight`, `b` with `bias`.
  private func shards<Result>(
    _ map: [(String, String)], _ body: (String) throws -> Result
  ) throws -> Result {
    try TestData.withFolder { folder in
      try write(
        [("weight", .float32([1, 2], shape: [1, 2]))], to: folder.appending(path: "a.safetensors"))
      try write([("bias", .float32([3], shape: [1]))], to: folder.appending(path: "b.safetensors"))
      let members = map.map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")
      let index = folder.appending(path: "model.safetensors.index.json")
      try Data("{\"metadata\": {\"total_size\": 12}, \"weight_map\": {\(members)}}".utf8)
        .write(to: index)
      return try body(index.path(percentEncoded: false))
    }
  }

  @Test("a model in several files is one state dict")
  func readsShards() throws {
    try shards([("bias", "b.safetensors"), ("weight", "a.safetensors")]) { path in
      let inspection = try Checkpoint.inspect(path)
      #expect(inspection.tensors.map(\.name) == ["bias", "weight"])
      #expect(inspection.facts.map(\.value) == ["b.safetensors, a.safetensors", "12"])
      let stateDict = try StateDict.read(FileProbe(path: path))
      #expect(stateDict.tensors["weight"]?.doubles() == [1, 2])
      #expect(try Checkpoint(opening: path).model.weightedNodes.count == 1)
    }
  }

  @Test(
    "an index that does not fit its files is refused with the place",
    arguments: [
      ("safetensors.shard.missing", [("weight", "a.safetensors"), ("bias", "c.safetensors")]),
      ("safetensors.index.invalid", [("weight", "a.safetensors"), ("bias", "../b.safetensors")]),
      ("safetensors.index.invalid", [("weight", "a.safetensors"), ("bias", ".safetensors")]),
      ("safetensors.index.invalid", [("weight", "b.safetensors"), ("bias", "b.safetensors")]),
      ("safetensors.index.invalid", [("other", "a.safetensors"), ("bias", "b.safetensors")]),
    ])
  func brokenIndex(code: String, map: [(String, String)]) throws {
    let diagnostic = try shards(map) { path in
      expectDiagnostic(code) { try StateDict.read(FileProbe(path: path)) }
    }
    #expect(diagnostic?.location.file != nil)
  }
}
