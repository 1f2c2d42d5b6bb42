import Foundation
import RecurTestSupport
import Testing

@Suite("The verdict says what it covers")
struct CoverageCommandTests {
  private func validate(_ arguments: String...) throws -> Tool.Result {
    try Tool.run(["validate"] + arguments)
  }

  private func lastLine(_ result: Tool.Result) -> String? {
    result.output.split(separator: "\n").last.map(String.init)
  }

  @Test("a model that was checked passes with the number of its tensors")
  func passes() throws {
    let result = try validate("testdata/keras3/lstm_last.h5")
    #expect(result.status == 0)
    #expect(lastLine(result) == "PASS, 3 of 3 tensors")
  }

  @Test("what can't be run is read, and does not pass")
  func weightsAlone() throws {
    let result = try validate("testdata/pytorch/containers.pt")
    #expect(result.status == 0)
    #expect(
      lastLine(result) == "READ, 6 of 12 tensors: shapes and numbers, nothing was run")
    let fleet = try validate("testdata/pytorch/containers.pt", "testdata/keras3/lstm_last.h5")
    #expect(fleet.output.hasPrefix("READ testdata/pytorch/containers.pt: pytorch, PyTorch, "))
    #expect(fleet.output.contains("2 files: 1 passed, 1 read and not run, 0 failed"))
  }

  @Test("a file without a recurrent module says so, and fails when it is to be strict")
  func nothing() throws {
    let file = "testdata/pytorch/perceptron.pt"
    let result = try validate(file)
    #expect(result.status == 0)
    #expect(result.errors.contains("warning[model.nothing-recognized]: no recurrent module"))
    #expect(lastLine(result)?.hasPrefix("READ, 4 of 4 tensors") == true)
    let strict = try validate(file, "--strict")
    #expect(strict.status == 1)
    #expect(lastLine(strict) == "FAIL")
    let json = try validate(file, "--format", "json")
    #expect(json.output.contains("\"verdict\": \"READ\""))
    #expect(json.output.contains("\"covered\": 4"))
    #expect(json.output.contains("\"total\": 4"))
  }

  @Test("an entry that is left out stops a strict conversion")
  func strict() throws {
    try TestData.withFolder { folder in
      let output = folder.appending(path: "x.safetensors").path
      let plain = try Tool.run(["convert", "testdata/pytorch/plain_numbers.pt", output])
      #expect(plain.status == 0)
      #expect(plain.errors.contains("warning[pytorch.entry.skipped]: 'alpha' is the number 0.25"))
      let strict = try Tool.run(
        ["convert", "testdata/pytorch/plain_numbers.pt", output, "--force", "--strict"])
      #expect(strict.status == 1)
      #expect(strict.errors.contains("error[convert.warnings]"))
    }
  }

  @Test("a folder that is one model of another format is named, also among others")
  func folders() throws {
    let named = try validate("testdata/foreign/distributed")
    #expect(named.status == 2)
    #expect(
      named.errors.contains("error[file.other-format]: this is a distributed checkpoint of torch"))
    let walked = try validate("testdata/foreign")
    #expect(walked.status == 2)
    // A folder that is one model of a format that is read is one result.
    #expect(walked.output.contains("READ testdata/foreign/saved_model: saved-model"))
    #expect(walked.output.contains("FAIL testdata/foreign/distributed"))
    #expect(walked.output.contains("PASS testdata/foreign/model.mlpackage: mlpackage"))
  }
}
