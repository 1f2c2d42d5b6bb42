import Foundation
import RecurTestSupport
import Testing

@Suite("The command line")
struct CommandTests {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("a fixture ends with the listed status, in text and in JSON", arguments: Fixture.all)
  func status(fixture: Fixture) throws {
    let golden = fixture.golden.map { ["--golden", TestData.path($0)] } ?? []
    let model = fixture.architecturePath.map { ["--architecture", $0] } ?? []
    let arguments = [fixture.command, TestData.path(fixture.path)] + golden + model
    let text = try Tool.run(arguments)
    #expect(Int(text.status) == fixture.status, "\(text.errors)")
    let report = try json(try Tool.run(arguments + ["--format", "json"]).output)
    #expect(report["status"] as? Int == fixture.status)
    #expect(report["command"] as? String == fixture.command)
    for code in fixture.expects { #expect(text.errors.contains("[\(code)]")) }
  }

  @Test("inspect lists layers and tensors") func inspect() throws {
    let result = try Tool.run(["inspect", "testdata/keras3/lstm_last.h5"])
    #expect(
      result.output.hasPrefix(
        "testdata/keras3/lstm_last.h5: Keras HDF5 model, 3 tensors, 512 bytes\n"))
    #expect(
      result.output.contains("LSTM        units=4 activation=tanh recurrent_activation=sigmoid"))
    #expect(result.errors.isEmpty)
  }

  @Test("summary shows free dimensions by name and given ones as numbers") func summary() throws {
    let free = try Tool.run(["summary", "testdata/keras3/variable_length.h5"])
    #expect(free.output.contains("[batch, timesteps, 4]"))
    let fixed = try Tool.run(
      ["summary", "testdata/keras3/variable_length.h5", "--input-shape", "1,10,3"])
    #expect(fixed.output.contains("[1, 10, 4]"))
    let wrong = try Tool.run(
      ["summary", "testdata/keras3/variable_length.h5", "--input-shape", "1,10,128"])
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("expected: [batch, timesteps, 3]"))
  }

  @Test("validate says where, how far and what would pass") func validate() throws {
    let result = try Tool.run([
      "validate", "testdata/keras3/lstm_last.h5", "--golden",
      "testdata/keras3/lstm_unroll_implementation1.golden.npz",
    ])
    #expect(result.status == 1)
    #expect(result.output.hasSuffix("FAIL\n"))
    #expect(result.errors.contains("error[verify.mismatch]"))
    #expect(result.errors.contains("note: first: batch 0, unit 0: recorded "))
    #expect(result.errors.contains("would pass, and nothing smaller"))
    let line = try #require(result.errors.split(separator: "\n").first { $0.contains("--atol") })
    let atol = try #require(line.split(separator: " ").dropFirst(2).first.map(String.init))
    let again = try Tool.run([
      "validate", "testdata/keras3/lstm_last.h5", "--golden",
      "testdata/keras3/lstm_unroll_implementation1.golden.npz", "--atol", atol,
    ])
    #expect(again.status == 0)
  }

  @Test("declared sizes are held against the first recurrent layer") func sizes() throws {
    let file = "testdata/keras3/lstm_stacked_dense.h5"
    #expect(try Tool.run(["validate", file, "--units", "4", "--input-size", "3"]).status == 0)
    let wrong = try Tool.run(["validate", file, "--units", "64"])
    #expect(wrong.status == 1)
    #expect(
      wrong.errors.contains("'lstm' has 4 units, input size 3; the command line declares 64 units"))
  }

  @Test("weights are judged with the architecture of another file") func architecture() throws {
    try TestData.withFolder { folder in
      let model = TestData.path("keras3/masked_functional_stack.h5")
      for name in ["w.pt", "w.safetensors"] {
        let converted = try Tool.run(
          ["convert", model, name, "--module", name + ".py"], in: folder)
        #expect(converted.status == 0, "\(converted.errors)")
        let arguments = ["validate", name, "--architecture", model, "--golden"]
        let good = TestData.path("keras3/masked_functional_stack.golden.npz")
        #expect(try Tool.run(arguments + [good], in: folder).status == 0)
        // Without an architecture the modules are listed without connections.
        let alone = try Tool.run(["validate", name], in: folder)
        #expect(alone.status == 0)
        let run = try Tool.run(["validate", name, "--golden", good], in: folder)
        #expect([1, 2].contains(run.status))
        #expect(
          run.errors.contains("[pytorch.architecture.assumed]")
            || run.errors.contains("[pytorch.modules.inferred]"))
      }
      let other = try Tool.run(
        ["validate", "w.pt", "--architecture", TestData.path("keras3/lstm_last.h5")], in: folder)
      #expect(other.status == 1)
      #expect(other.errors.contains("[tensor.missing]"))
    }
  }

  @Test("run writes what validate computed") func run() throws {
    try TestData.withFolder { folder in
      let golden = TestData.path("keras3/stateful_lstm.golden.npz")
      let model = TestData.path("keras3/stateful_lstm.h5")
      let first = try Tool.run(["run", model, "--input", golden, "-o", "y.npz"], in: folder)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.contains("out_1 [2, 4]"))
      let listed = try Tool.run(["inspect", "y.npz"], in: folder)
      // The output of the engine is float32; that of the reference would be float64.
      #expect(listed.output.contains("out_0  [2, 4]  float32"))
      #expect(
        try Tool.run(["run", model, "--input", golden, "-o", "y.npz"], in: folder).status == 2)
      #expect(
        try Tool.run(["run", model, "--input", golden, "-o", "y.npz", "--force"], in: folder)
          .status == 0)
    }
  }

  @Test("every code can be explained, and an unknown one is not") func explain() throws {
    let list = try Tool.run(["explain", "--list"])
    #expect(list.output.contains("verify.mismatch"))
    #expect(try Tool.run(["explain", "verify.mismatch"]).status == 0)
    let unknown = try Tool.run(["explain", "verify.mismatc"])
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("did you mean 'verify.mismatch'?"))
  }

  @Test("an area lists its codes, and an explanation has an example") func explainArea() throws {
    let area = try Tool.run(["explain", "golden"])
    #expect(area.status == 0)
    #expect(
      area.output.split(separator: "\n").map { $0.split(separator: " ").first }
        == ["golden.incomplete", "golden.partial", "golden.self-recorded", "golden.weak"])
    let one = try json(try Tool.run(["explain", "file.empty", "--format", "json"]).output)
    let explanation = try #require(one["explanation"] as? [String: String])
    #expect(explanation.keys.sorted() == ["cause", "code", "example", "fix", "meaning"])
    let text = try Tool.run(["explain", "file.empty"]).output
    #expect(text.contains("\n  example\n    $ : > model.h5\n    $ recur inspect model.h5\n"))
    #expect(text.contains("\n    error[file.empty]: the file is empty\n"))
    let unknown = try Tool.run(["explain", "tensor.shape"])
    #expect(unknown.errors.contains("did you mean 'tensor.shape-mismatch'?"))
  }

  @Test("completion of explain offers every code", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) throws {
    let script = try Tool.run(["--generate-completion-script", shell]).output
    for code in try ExplainedCode.all().map(\.code) { #expect(script.contains(code), "\(code)") }
  }

  @Test("formats lists what can be done with each") func formats() throws {
    let formats = try #require(
      try json(try Tool.run(["formats", "--format", "json"]).output)["formats"] as? [[String: Any]])
    let writable = formats.filter { $0["write"] as? Bool == true }.compactMap {
      $0["id"] as? String
    }
    #expect(
      writable == [
        "keras", "keras-h5", "keras-weights", "keras2-h5", "pytorch", "npz", "safetensors",
        "mlx-safetensors", "mlx-npz", "onnx", "mlpackage", "rtneural", "nam", "state-dict-json",
      ])
  }

  @Test("--to names the format, whatever the ending; a module belongs to a state dict")
  func conversionTo() throws {
    try TestData.withFolder { folder in
      let input = TestData.path("keras3/lstm_last.h5")
      let output = folder.appending(path: "model.h5").path(percentEncoded: false)
      let written = try Tool.run(
        ["convert", input, output, "--to", "keras2-h5", "--format", "json"])
      #expect(written.status == 0)
      #expect(try json(written.output)["format"] as? String == "keras2-h5")
      let summary = try Tool.run(["inspect", output])
      #expect(summary.output.contains("producer: Keras 2.15.0"))
      let unknown = try Tool.run(["convert", input, output, "--to", "keras4", "--force"])
      #expect(unknown.status == 2)
      #expect(unknown.errors.contains("error[file.format-unknown]"))
      let module = folder.appending(path: "model.py").path(percentEncoded: false)
      let both = try Tool.run(["convert", input, output, "--force", "--module", module])
      #expect(both.status == 2)
      #expect(both.errors.contains("a module is Python code for a state dict"))
    }
  }

  @Test(
    "wrong usage ends with 64",
    arguments: [
      ["validate"], ["nonsense"], ["explain"],
      ["validate", "x", "--atol", "-1"], ["summary", "x", "--input-shape", "1,b"],
    ])
  func usage(arguments: [String]) throws {
    #expect(try Tool.run(arguments).status == 64)
  }

  @Test(
    "help names every command and teaches by example",
    arguments: [
      "inspect", "summary",
      "validate", "convert", "run", "bench", "formats", "explain",
    ])
  func help(command: String) throws {
    let general = try Tool.run(["--help"])
    #expect(general.status == 0)
    #expect(general.output.contains("  \(command)"))
    let own = try Tool.run([command, "--help"])
    #expect(own.output.contains("EXAMPLES") || command == "formats")
  }
}
