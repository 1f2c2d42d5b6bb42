import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Messages of Protocol Buffers are written")
struct ProtobufMessageTests {
  private func bytes(_ message: ProtobufMessage) throws -> [UInt8] {
    var sink = MemorySink()
    try message.write(to: &sink)
    #expect(sink.bytes.count == message.byteCount)
    return sink.bytes
  }

  @Test("the bytes are those of the encoding's own examples")
  func examples() throws {
    // protobuf.dev/programming-guides/encoding: Test1 { a: 150 }, Test2 { b: "testing" }, and a
    // Test1 inside of a Test3.
    var one = ProtobufMessage()
    one.integer(1, 150)
    #expect(try bytes(one) == [0x08, 0x96, 0x01])
    var text = ProtobufMessage()
    text.text(2, "testing")
    #expect(try bytes(text) == [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    var outer = ProtobufMessage()
    outer.message(3, one)
    #expect(try bytes(outer) == [0x1A, 3, 0x08, 0x96, 0x01])
  }

  @Test("what is written is read back, also negative numbers and long fields")
  func roundTrip() throws {
    let tensor = try Tensor.float32([1, 2, 3, 4, 5, 6], shape: [2, 3])
    var message = ProtobufMessage()
    message.integer(1, -2)
    message.integer(20, Int.max)
    message.float(2, 0.25)
    message.elements(9, tensor.transposed())
    message.bytes(300, [UInt8](repeating: 7, count: 200))
    var reader = ProtobufReader(TestData.region(try bytes(message)))
    #expect(try reader.next()?.integer() == -2)
    #expect(try reader.next()?.integer() == .max)
    #expect(try reader.next()?.float() == 0.25)
    let elements = try #require(try reader.next()).bytes()
    #expect(try Tensor(elements, .float32, shape: [3, 2]).floats() == [1, 4, 2, 5, 3, 6])
    let long = try #require(try reader.next())
    #expect(long.number == 300)
    #expect(try long.bytes().bytes() == [UInt8](repeating: 7, count: 200))
    #expect(try reader.next().map(\.number) == nil)
  }
}
