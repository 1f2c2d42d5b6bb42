import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

@Suite("State dicts are read without executing their pickle")
struct PyTorchReaderTests {
  /// An archive as torch.save makes it, with the given pickle and one storage of four floats.
  private func read(_ body: (inout PickleWriter) -> Void) throws -> StateDict {
    var pickle = PickleWriter()
    body(&pickle)
    pickle.emit(.stop)
    var sink = MemorySink()
    var writer = ZipWriter(alignment: 64)
    let floats = [Float(1), 2, 3, 4].map(\.bitPattern).littleEndianBytes
    for (name, content) in [
      ("x/data.pkl", pickle.bytes), ("x/data/0", floats), ("x/version", Array("3\n".utf8)),
    ] {
      try writer.append(name, TestData.region(content), to: &sink)
    }
    try writer.finish(to: &sink)
    return try StateDict.read(FileProbe(path: "x.pt", bytes: TestData.region(sink.bytes)))
  }

  /// `{"w": _rebuild_tensor_v2(storage, offset, shape, strides, False, {})}`.
  private func tensor(_ shape: [Int], strides: [Int], offset: Int = 0) throws -> Tensor? {
    try read { pickle in
      pickle.emit(.emptyDictionary)
      pickle.string("w")
      pickle.call("torch._utils", "_rebuild_tensor_v2") { pickle in
        pickle.tuple { pickle in
          pickle.string("storage")
          pickle.global("torch", "FloatStorage")
          pickle.string("0")
          pickle.string("cpu")
          pickle.integer(4)
        }
        pickle.emit(.binPersistent)
        pickle.integer(offset)
        pickle.tuple { pickle in shape.forEach { pickle.integer($0) } }
        pickle.tuple { pickle in strides.forEach { pickle.integer($0) } }
        pickle.bool(false)
        pickle.emit(.emptyDictionary)
      }
      pickle.emit(.setItem)
    }.tensors["w"]
  }

  @Test("offset and strides are honoured") func views() throws {
    #expect(try tensor([2, 2], strides: [2, 1])?.doubles() == [1, 2, 3, 4])
    #expect(try tensor([2, 2], strides: [1, 2])?.doubles() == [1, 3, 2, 4])
    #expect(try tensor([2], strides: [2], offset: 1)?.doubles() == [2, 4])
    #expect(try tensor([3, 2], strides: [0, 1])?.doubles() == [1, 2, 1, 2, 1, 2])
    #expect(try tensor([1], strides: [.max], offset: 3)?.doubles() == [4])
    #expect(try tensor([0, 2], strides: [2, 1], offset: 9)?.doubles() == [])
  }

  @Test("a view that leaves its storage is refused") func outside() {
    expectDiagnostic("tensor.bytes-mismatch") { try tensor([2, 2], strides: [2, 1], offset: 1) }
    expectDiagnostic("tensor.bytes-mismatch") { try tensor([2], strides: [-1], offset: 3) }
    expectDiagnostic("tensor.bytes-mismatch") { try tensor([1 << 40, 1 << 40], strides: [1, 1]) }
  }

  @Test("a stride of zero can't make terabytes of sixteen bytes") func expansion() {
    expectDiagnostic("bytes.limit-exceeded") { try tensor([1 << 40], strides: [0]) }
  }

  @Test("a parameter that holds itself is refused, not followed") func cycle() {
    expectDiagnostic("pickle.callable.refused") {
      try read { pickle in
        pickle.emit(.emptyDictionary)
        pickle.string("w")
        pickle.global("torch._utils", "_rebuild_parameter")
        pickle.emit(.emptyList)
        pickle.emit(.memoize)
        pickle.emit(.reduce)
        pickle.emit(.memoize)
        pickle.recall(0)
        pickle.recall(1)
        pickle.emit(.append)
        pickle.emit(.pop)
        pickle.emit(.setItem)
      }
    }
  }

  @Test("what the pickle would call is named and not called") func callable() {
    let diagnostic = expectDiagnostic("pickle.callable.refused") {
      try read { pickle in
        pickle.emit(.emptyDictionary)
        pickle.string("w")
        pickle.call("os", "system") { $0.string("echo no") }
        pickle.emit(.setItem)
      }
    }
    #expect(diagnostic?.message.contains("'os.system'") == true)
    #expect(diagnostic?.location.object == "x/data.pkl")
  }
}
