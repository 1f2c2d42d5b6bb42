import Recur
import RecurInference
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Passes in Double and in Float at the same time")
struct PairedPassesTests {
  @Test(
    "outputs and states have the bits of two passes after each other",
    arguments: ["keras3/stateful_lstm", "keras3/lstm_stacked_dense", "keras3/convolutions"])
  func bits(name: String) throws {
    let path = TestData.path("\(name).h5")
    let checkpoint = try Checkpoint(opening: path)
    let model = checkpoint.model
    let golden = try GoldenFile(
      ByteRegion(.opening(TestData.path("\(name).golden.npz"), nil)), path: path)
    let count = golden.inputs.count / max(1, golden.inputs.count / model.inputs.count)
    var (both, bothInFloat) = (RecurrentState(), RecurrentState())
    var (one, other) = (RecurrentState(), RecurrentState())
    for call in 0..<golden.inputs.count / count {
      let inputs = Array(golden.inputs[call * count..<(call + 1) * count])
      let paired = try model.runInDoubleAndFloat(inputs, state: &both, floatState: &bothInFloat)
      let wanted = try model.run(inputs, state: &one)
      let rounded = try model.runInFloat(inputs, state: &other)
      for (output, expected) in zip(paired.double + paired.float, wanted + rounded) {
        #expect(output.elementType == expected.elementType)
        #expect(output.doubles().map(\.bitPattern) == expected.doubles().map(\.bitPattern))
      }
      #expect(paired.double.count == wanted.count && paired.float.count == rounded.count)
      #expect("\(both) \(bothInFloat)" == "\(one) \(other)")
    }
  }

  @Test("an input that does not fit is refused with the model's own error") func refusal() throws {
    let model = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5")).model
    var (state, floatState) = (RecurrentState(), RecurrentState())
    expectDiagnostic("input.rank") {
      try model.runInDoubleAndFloat(
        [.float32([1, 2], shape: [1, 2])], state: &state, floatState: &floatState)
    }
  }
}
