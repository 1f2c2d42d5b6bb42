import Recur
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Weights in narrower types")
struct NarrowingTests {
  @Test(
    "rounding is that of PyTorch and NumPy, bit for bit",
    arguments: ["single", "double"], [ElementType.float16, .bfloat16, .float32])
  func rounding(_ name: String, _ type: ElementType) throws {
    let file = try SafetensorsFile(
      TestData.region(TestData.bytes("numbers/narrowing.safetensors")))
    let values = try #require(file.tensors[name])
    let expected = try #require(file.tensors["\(name).\(type)"])
    let rounded = try values.rounded(to: type)
    #expect(values.count > 600)
    for (index, pair) in zip(rounded.doubles(), expected.doubles()).enumerated()
    where pair.0.bitPattern != pair.1.bitPattern {
      Issue.record("\(values.doubles()[index]) became \(pair.0), torch has \(pair.1)")
    }
    #expect(rounded.isBitEqual(to: expected))
  }

  @Test("a transposed view is rounded in place and stays one") func views() throws {
    let tensor = try Tensor.float32([1, 2, 3, 4, 5, 0.1], shape: [2, 3]).transposed()
    let rounded = try tensor.rounded(to: .float16)
    #expect(rounded.shape == [3, 2])
    #expect(rounded.strides == tensor.strides)
    #expect(rounded.storedShape == [2, 3])
    #expect(rounded.doubles() == tensor.doubles().map { ElementType.float16.rounded($0) })
  }

  @Test("float32 to float64 and back changes nothing") func widening() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("mistakes/lstm.h5"))
    let wide = try checkpoint.model.narrowed(to: .float64)
    #expect(wide.findings.isEmpty)
    let back = try wide.model.narrowed(to: .float32)
    #expect(back.findings.isEmpty)
    #expect(checkpoint.replacing(model: back.model).compareWeights(with: checkpoint).isEqual)
    #expect(wide.effect(on: checkpoint.model).allSatisfy { $0.message.contains("by up to 0 ") })
  }
}
