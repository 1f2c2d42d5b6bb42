import Foundation
import Recur
import RecurFormats
import RecurModel
import RecurTestSupport
import Testing

/// Rows of a batch that take elements of their own, and elements put at known positions
/// (`testdata/generators/gen_onnx_rows.py`).
@Suite("Rows and positions of ONNX")
struct ONNXRowTests {
  private static func path(_ name: String) -> String { TestData.path("onnx/rows/\(name)") }

  @Test(
    "a model computes what ONNX Runtime recorded",
    arguments: [
      "reversed_time_first", "reversed_batch_first", "last_by_pairs", "last_by_pairs_time_first",
      "last_in_joined_rows", "last_in_joined_columns", "final_states_merged", "sum_of_batch",
      "counted_timesteps", "placed", "one_hot",
    ])
  func golden(name: String) throws {
    let checkpoint = try Checkpoint(opening: Self.path("\(name).onnx"))
    let verification = try checkpoint.verify(golden: Self.path("\(name).golden.npz"))
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons {
      #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
    }
  }

  @Test(
    "a model whose rows stay apart is a model of Keras, and one of ONNX again",
    arguments: [
      "reversed_time_first", "reversed_batch_first", "last_by_pairs", "last_by_pairs_time_first",
      "last_in_joined_rows", "last_in_joined_columns", "final_states_merged", "one_hot",
    ], ["keras", "onnx"])
  func converted(name: String, format: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.\(format)").path(percentEncoded: false)
      _ = try Checkpoint(opening: Self.path("\(name).onnx")).convert(to: path)
      let verification = try Checkpoint(opening: path).verify(
        golden: Self.path("\(name).golden.npz"))
      #expect(verification.matches)
    }
  }

  @Test("one element of every row is taken along its row, and nothing is computed across the batch")
  func rows() throws {
    for name in ["last_by_pairs", "last_in_joined_rows", "last_in_joined_columns"] {
      let model = try Checkpoint(opening: Self.path("\(name).onnx")).model
      let axes = model.nodes.compactMap { node -> Int? in
        guard case .gathering(let layer) = node.layer else { return nil }
        return layer.axis
      }
      #expect(axes == [1], "\(name)")
    }
  }

  @Test(
    "what Keras would compute across the batch is refused where it stands",
    arguments: [
      ("sum_of_batch", "Sum(axis 0, 1)"), ("counted_timesteps", "CumSum(axis 0, exclusive)"),
    ])
  func acrossTheBatch(name: String, title: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.keras").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: Self.path("\(name).onnx"))
      let refusal = expectDiagnostic("model.unrepresentable") { try checkpoint.convert(to: path) }
      #expect(refusal?.message.contains("\(title), computes across axis 0") == true)
      #expect(refusal?.location.object != nil)
      #expect(refusal?.location.bytes != nil)
    }
  }

  @Test("every finding of a refused conversion is one of the model, and none of the file written")
  func findings() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.keras").path(percentEncoded: false)
      let checkpoint = try Checkpoint(opening: TestData.path("onnx/loops/extents.onnx"))
      let error = #expect(throws: CheckpointError.self) { try checkpoint.convert(to: path) }
      let errors = error?.diagnostics.filter { $0.severity == .error } ?? []
      #expect(Set(errors.map(\.code.rawValue)) == ["model.unrepresentable"])
      #expect(errors.contains { $0.message.contains("Tril(0), computes across axis 0") })
    }
  }

  @Test("elements at known positions are taken from where they are, and none is compared")
  func placed() throws {
    let model = try Checkpoint(opening: Self.path("placed.onnx")).model
    let sums = model.nodes.filter {
      if case .reduction = $0.layer { true } else { false }
    }
    // Two updates of one element are still found for every element, and added up.
    #expect(sums.count == 1)
  }
}
