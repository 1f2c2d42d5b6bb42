import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Element types of NumPy")
struct NPYTypeTests {
  private func file(_ descriptor: String, _ shape: String, _ data: [UInt8]) -> ByteRegion {
    let header = "{'descr': \(descriptor), 'fortran_order': False, 'shape': \(shape), }\n"
    return TestData.region(
      NPYFile.magic + [1, 0] + Bytes.le16(header.utf8.count) + Array(header.utf8) + data)
  }

  @Test("complex numbers are carried, in both byte orders, and are no weights")
  func complex() throws {
    let parts: [Float] = [1.5, -2]
    let little = parts.map(\.bitPattern).littleEndianBytes
    let big = Array(little[..<4].reversed()) + Array(little[4...].reversed())
    for (descriptor, data) in [("'<c8'", little), ("'>c8'", big)] {
      let region = file(descriptor, "(1,)", data)
      guard case .numbers(let tensor) = try NPYFile.content(region) else {
        Issue.record("not read")
        return
      }
      #expect(tensor.elementType == .complex64)
      #expect(tensor.components() == [1.5, -2])
      #expect(tensor.doubles().allSatisfy { $0.isNaN })
      expectDiagnostic("npy.dtype.unsupported") { try NPYFile.tensor(region) }
    }
    let tensor = try Tensor.zeros(.complex128, shape: [3, 2])
    guard case .numbers(let read) = try NPYFile.content(TestData.region(NPYFile.bytes(of: tensor)))
    else {
      Issue.record("not read")
      return
    }
    #expect(read.isBitEqual(to: tensor))
  }

  @Test(
    "strings, times and opaque bytes are listed",
    arguments: [("<U3", 12), ("|S5", 5), ("|V2", 2), ("<M8[ns]", 8), ("<f16", 16), ("<U0", 0)])
  func unreadable(descriptor: String, width: Int) throws {
    let data = [UInt8](repeating: 1, count: 2 * width)
    guard
      case .unreadable(let type, let shape, let byteCount) =
        try NPYFile.content(file("'\(descriptor)'", "(2,)", data))
    else {
      Issue.record("\(descriptor) was read")
      return
    }
    #expect(type == descriptor && shape == [2] && byteCount == 2 * width)
    expectDiagnostic("npy.dtype.unsupported") {
      try NPYFile.tensor(file("'\(descriptor)'", "(2,)", data))
    }
    expectDiagnostic("tensor.bytes-mismatch") {
      try NPYFile.content(file("'\(descriptor)'", "(2,)", data + [0]))
    }
  }

  @Test("structured arrays and pickled objects are refused by name")
  func refused() {
    let structured = expectDiagnostic("npy.dtype.unsupported") {
      try NPYFile.content(file("[('a', '<f4'), ('b', '<i8')]", "(1,)", []))
    }
    #expect(structured?.message.contains("structured") == true)
    let objects = expectDiagnostic("npy.dtype.unsupported") {
      try NPYFile.content(file("'|O'", "(1,)", []))
    }
    #expect(objects?.message.contains("pickled objects") == true)
  }
}
