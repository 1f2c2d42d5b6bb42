import Recur
import RecurTensors
import RecurTestSupport
import Testing

/// Cells of AllenNLP; outputs are those of a copy of its equations in torch (`testdata/README.md`).
@Suite("AllenNLP's cells are told by the names of their linear modules")
struct AllenNLPDialectTests {
  @Test("a cell without a highway computes what was recorded")
  func plain() throws {
    let checkpoint = try NeighbourReading.open("torch/allennlp_augmented_plain.th")
    #expect(try NeighbourReading.matches(checkpoint, "torch/allennlp_augmented_plain"))
    #expect(!checkpoint.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
  }

  @Test("a highway is refused by name")
  func highway() throws {
    let finding = expectDiagnostic("model.unrepresentable") {
      try NeighbourReading.open("torch/allennlp_augmented.th")
    }
    #expect(finding?.message.contains("highway") == true)
  }
}
