import Foundation
import RecurContainers
import RecurTestSupport
import Testing

@Suite("A model begins behind its text on the command line")
struct StartCommandTests {
  private static let model = TestData.path("keras_field/text_hashed.keras")

  @Test("the option that is printed works in every command that opens a model")
  func everyCommand() throws {
    let hint = try Tool.run(["validate", Self.model]).errors
    let option = try #require(hint.firstMatch(of: /help: .*: (--start-at) (\w+)/))
    let start = [String(option.1), String(option.2)]
    let golden = TestData.path("keras_field/text_hashed.start.golden.npz")
    let validated = try Tool.run(["validate", Self.model, "--golden", golden] + start)
    #expect(validated.status == 0 && validated.output.contains("PASS, "), "\(validated.errors)")
    let summary = try Tool.run(["summary", Self.model] + start)
    #expect(summary.output.contains("embedding_input"))
    let run = try Tool.run(["run", Self.model, "--input", golden] + start)
    #expect(run.status == 0, "\(run.errors)")
    try TestData.withFolder { folder in
      let converted = try Tool.run(
        ["convert", Self.model, "model.pt", "--module", "model.py"] + start, in: folder)
      #expect(converted.status == 0, "\(converted.errors)")
      #expect(converted.output.contains("embedding.weight"))
    }
  }

  @Test(
    "a recording of numbers holds for a model of text whose vocabulary is in the file",
    arguments: [("text_keras3", "tokens"), ("text_tf_keras", "embedding")])
  func numbers(name: String, layer: String) throws {
    let file = TestData.path("keras_field/\(name).keras")
    let golden = TestData.path("keras_field/\(name).start.golden.npz")
    #expect(try Tool.run(["validate", file, "--golden", golden]).status == 0)
    #expect(try Tool.run(["validate", file, "--golden", golden, "--start-at", layer]).status == 0)
  }

  @Test("a recording of numbers for another model of text is refused with the layer to begin at")
  func refusedNumbers() throws {
    let golden = TestData.path("keras_field/text_hashed.start.golden.npz")
    let refused = try Tool.run(["validate", Self.model, "--golden", golden])
    #expect(refused.status == 2 && refused.errors.contains("[model.layer.opaque]"))
    #expect(refused.errors.contains("--start-at embedding"), "\(refused.errors)")
  }

  @Test("without the option the model can't be run, and is listed all the same")
  func whole() throws {
    let golden = TestData.path("keras_field/text_hashed.start.golden.npz")
    let run = try Tool.run(["run", Self.model, "--input", golden])
    #expect(run.status == 2 && run.errors.contains("[model.layer.opaque]"), "\(run.errors)")
    #expect(try Tool.run(["summary", Self.model]).output.contains("Input of text"))
  }
}
