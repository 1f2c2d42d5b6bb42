import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Pickle writer")
struct PickleWriterTests {
  private func graph(_ body: (inout PickleWriter) -> Void) throws -> PickleGraph {
    var writer = PickleWriter()
    body(&writer)
    writer.emit(.stop)
    let result = try PickleMachine.read(TestData.region(writer.bytes))
    #expect(result.count == writer.bytes.count)
    return result.graph
  }

  @Test(
    "integers of every width are read back",
    arguments: [
      0, 1, 255, 256, 65_535, 65_536, -1, -128, -129, Int(Int32.max), Int(Int32.max) + 1,
      Int(Int32.min), Int(Int32.min) - 1, 1 << 32, .max, .min,
    ])
  func integers(value: Int) throws {
    let graph = try graph { $0.integer(value) }
    #expect(graph.integer(graph.root) == value)
  }

  @Test("strings are read back byte by byte", arguments: ["", "a", "é", "e\u{301}", "🙂\0\n"])
  func strings(text: String) throws {
    let graph = try graph { $0.string(text) }
    #expect(graph.string(graph.root).map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test("a string longer than 65 535 bytes is read back")
  func longString() throws {
    let text = String(repeating: "é", count: 100_000)
    let graph = try graph { $0.string(text) }
    #expect(graph.string(graph.root) == text)
  }

  @Test("Booleans are read back", arguments: [true, false])
  func booleans(value: Bool) throws {
    let graph = try graph { $0.bool(value) }
    guard case .bool(value) = graph[graph.root] else {
      Issue.record("\(graph[graph.root])")
      return
    }
  }

  @Test("tuples, globals and calls are read back")
  func call() throws {
    let graph = try graph { writer in
      writer.call("torch", "Size") { writer in
        writer.tuple { writer in
          writer.integer(2)
          writer.integer(300)
        }
      }
    }
    let call = try #require(graph.call(graph.root))
    #expect(call.states.isEmpty && call.items.isEmpty)
    #expect(graph.globalName(call.function) == "torch.Size")
    let outer = try #require(graph.elements(call.arguments))
    let inner = try #require(graph.elements(outer[0]))
    #expect(inner.map { graph.integer($0) } == [2, 300])
  }

  @Test("a pickle begins with protocol 2")
  func beginning() {
    #expect(PickleWriter().bytes == [0x80, 2])
  }
}
