import RecurContainers
import RecurHDF5Writing
import RecurTensors
import Testing

@Suite("Writing HDF5")
struct HDF5WriterTests {
  @Test("a tensor in nested groups is read back") func nested() throws {
    let tensor = try Tensor.float32([1, 2, 3, 4, 5, 6], shape: [2, 3])
    var root = HDF5Node.group()
    root.setAttribute("keras_version", .string("3.15.1", .utf8))
    try root.insert(.dataset(tensor), at: ["a", "b", "kernel"])
    try root.insert(.dataset(tensor.transposed()), at: ["a", "b", "turned"])
    let file = try HDF5File(HDF5Writer.image(of: root).region())
    #expect(file.objects.map(\.path) == ["/", "/a", "/a/b", "/a/b/kernel", "/a/b/turned"])
    let read = try file.tensor(#require(file["/a/b/turned"]))
    #expect(read.isBitEqual(to: tensor.transposed()))
  }
}
