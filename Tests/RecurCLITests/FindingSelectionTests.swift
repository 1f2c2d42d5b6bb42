import Foundation
import RecurContainers
import RecurTestSupport
import Testing

@Suite("What is reported, and how the process ends")
struct FindingSelectionTests {
  /// A model that holds, with the warning `tensor.unused`.
  private let warned = "testdata/broken/extra_dataset.h5"
  /// A model that can't be built: `tensor.missing`.
  private let stopped = "testdata/broken/bias_missing.h5"

  private func validate(_ arguments: String..., in folder: URL? = nil) throws -> Tool.Result {
    try Tool.run(["validate"] + arguments, in: folder)
  }

  /// A folder with a file whose weights are not finite: two errors that stop nothing.
  private func withNaN<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try TestData.withFolder { folder in
      try HostileModel.bytes(["fc"]).write(to: folder.appending(path: "nan.safetensors"))
      return try body(folder)
    }
  }

  @Test("codes and areas are ignored and selected, and it is said how many") func selection() throws
  {
    for arguments in [
      ["--ignore", "tensor.unused"], ["--ignore", "tensor"], ["--ignore", "keras,tensor.*"],
      ["--select", "keras.layer"], ["--ignore", "keras", "--ignore", "tensor.unused"],
    ] {
      let result = try Tool.run(["validate", warned, "--strict"] + arguments)
      #expect(result.status == 0, "\(arguments)")
      #expect(result.errors.isEmpty)
      #expect(result.output.contains("not shown: 1 finding ignored\nPASS, "))
    }
    let selected = try validate(warned, "--select", "tensor.unused")
    #expect(selected.errors.contains("warning[tensor.unused]"))
    try withNaN { folder in
      #expect(try validate("nan.safetensors", in: folder).status == 1)
      let ignored = try validate("nan.safetensors", "--ignore", "tensor.not-finite", in: folder)
      #expect(ignored.status == 0)
      #expect(ignored.output.contains("\nREAD, 2 of 2 tensors"))
    }
  }

  @Test("an area ends at a dot, and what does not exist is refused with the nearest name")
  func areas() throws {
    let cases = [
      ("tensor.unuse", "did you mean 'tensor.unused'?"), ("tenso", "did you mean 'tensor'?"),
      ("keras.laye", "did you mean 'keras.layer'?"), ("qqqqqqqqqqq", "recur explain --list"),
      ("", "a code belongs there"),
    ]
    for (name, hint) in cases {
      let result = try validate(warned, "--ignore", name)
      #expect(result.status == 64, "\(name)")
      #expect(result.errors.contains(hint), "\(result.errors)")
    }
  }

  @Test("what stops the work is reported and keeps its status, whatever is ignored") func stops()
    throws
  {
    let plain = try validate(stopped)
    for arguments in [
      ["--ignore", "tensor"], ["--select", "keras"], ["--ignore", "tensor", "--strict"],
    ] {
      let result = try Tool.run(["validate", stopped] + arguments)
      #expect(result.status == plain.status)
      #expect(result.errors.contains("error[tensor.missing]"))
      #expect(
        result.errors.contains("note: it stopped the work, so --select and --ignore don't apply"))
    }
    let unreadable = try validate("missing.h5", "--ignore", "file")
    #expect(unreadable.status == 2)
    #expect(unreadable.errors.contains("error[file.unreadable]"))
    #expect(try validate("missing.h5", "--exit-zero").status == 2)
  }

  @Test("--strict makes warnings errors, and convert then writes nothing") func strict() throws {
    #expect(try validate(warned).status == 0)
    let strict = try validate(warned, "--strict")
    #expect(strict.status == 1)
    #expect(strict.output.hasSuffix("FAIL\n"))
    #expect(strict.errors.contains("error[tensor.unused]"))
    #expect(strict.errors.contains("note: a warning, which --strict makes an error"))
    #expect(try Tool.run(["summary", warned, "--strict"]).status == 1)
    #expect(try Tool.run(["summary", warned]).status == 0)
    try TestData.withFolder { folder in
      let model = TestData.path("broken/extra_dataset.h5")
      let old = TestData.path("keras_2_2_4/embedding_lstm.h5")
      // One warning is found while reading, another while writing.
      for (input, output, code) in [
        (model, "m.pt", "tensor"), (old, "m.keras", "keras.hard-sigmoid"),
      ] {
        let refused = try Tool.run(["convert", input, output, "--strict"], in: folder)
        #expect(refused.status == 1)
        #expect(
          refused.errors.contains("error[convert.warnings]: nothing was written: 1 warning counts"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
        let accepted = try Tool.run(
          ["convert", input, output, "--strict", "--ignore", code], in: folder)
        #expect(accepted.status == 0, "\(accepted.errors)")
        try FileManager.default.removeItem(at: folder.appending(path: output))
      }
    }
  }

  @Test("--exit-zero forgives what does not hold") func exitZero() throws {
    try withNaN { folder in
      let result = try validate("nan.safetensors", "--exit-zero", in: folder)
      #expect(result.status == 0)
      #expect(result.output.hasSuffix("FAIL\n"))
      #expect(result.errors.contains("error[tensor.not-finite]"))
    }
    #expect(try validate(warned, "--strict", "--exit-zero").status == 0)
  }

  @Test("a baseline hides what it lists and nothing else") func baseline() throws {
    try withNaN { folder in
      let written = try validate("nan.safetensors", "--write-baseline", "known.json", in: folder)
      #expect(written.status == 0)
      let file = folder.appending(path: "known.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let json = try JSONSchema.parse(text)
      #expect(try JSONSchema("baseline.json").problems(json).isEmpty)
      #expect(json["findings"]?.array?.count == 4)
      #expect(!text.contains("not finite") && !text.contains("bytes"))
      // Writing it again gives the same bytes.
      _ = try validate("./nan.safetensors", "--write-baseline", "again.json", in: folder)
      #expect(try String(contentsOf: folder.appending(path: "again.json"), encoding: .utf8) == text)

      let hidden = try validate(
        "nan.safetensors", "--baseline", "known.json", "--strict", in: folder)
      #expect(hidden.status == 0)
      #expect(hidden.errors.isEmpty)
      #expect(hidden.output.contains("not shown: 4 findings in the baseline"))
      // Another module is another finding.
      try HostileModel.bytes(["fc", "new"]).write(to: folder.appending(path: "nan.safetensors"))
      let more = try validate("nan.safetensors", "--baseline", "known.json", in: folder)
      #expect(more.status == 1)
      #expect(more.errors.contains("nan.safetensors:new.weight"))
      #expect(!more.errors.contains("nan.safetensors:fc.weight"))
      // Findings in the baseline that are gone are reported.
      try HostileModel.bytes(["other"]).write(to: folder.appending(path: "nan.safetensors"))
      let stale = try validate(
        "nan.safetensors", "--baseline", "known.json", "--ignore", "tensor.not-finite", in: folder)
      #expect(
        stale.errors.contains("note[baseline.stale]: 2 findings of the baseline were not found"))
      #expect(stale.status == 0)
    }
  }

  @Test("a baseline knows files that can't be opened, and no other file") func baselineStops()
    throws
  {
    try TestData.withFolder { folder in
      let file = TestData.path("broken/bias_missing.h5")
      let written = try validate(file, "--write-baseline", "known.json", in: folder)
      #expect(written.status == 0)
      let again = try validate(file, "--baseline", "known.json", in: folder)
      #expect(again.status == 0)
      #expect(again.output.contains("KNOWN"))
      let other = try validate(
        TestData.path("broken/json_broken.h5"), "--baseline", "known.json", in: folder)
      #expect(other.status == 2)
    }
  }

  @Test(
    "a broken baseline is an error",
    arguments: [
      "", "{", "[]", "{\"recur_baseline\": 2, \"findings\": []}", "{\"recur_baseline\": 1}",
      "{\"recur_baseline\": 1, \"findings\": [{\"code\": \"x\"}]}",
      "{\"recur_baseline\": 1, \"findings\": [{\"code\":\"x\",\"file\":\"y\",\"count\":-1}]}",
    ])
  func brokenBaseline(text: String) throws {
    try TestData.withFolder { folder in
      try Data(text.utf8).write(to: folder.appending(path: "known.json"))
      let model = TestData.path("keras3/lstm_last.h5")
      let result = try validate(model, "--baseline", "known.json", in: folder)
      #expect(result.status == 2)
      #expect(result.errors.contains("known.json"))
      #expect(try validate(model, "--baseline", "missing.json", in: folder).status == 2)
    }
  }
}
