import Foundation
import RecurContainers
import RecurTestSupport
import Testing

@Suite("validate of many files and folders")
struct FleetTests {
  private func copy(_ fixture: String, to name: String, in folder: URL) throws {
    let target = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: URL(filePath: TestData.path(fixture)), to: target)
  }

  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  @Test("each file has a line, one bad file stops no other, and the worst status counts")
  func many() throws {
    let result = try Tool.run([
      "validate", "testdata/keras3/lstm_last.h5", "testdata/broken/bias_missing.h5", "missing.h5",
      "testdata/keras3/lstm_last.keras",
    ])
    #expect(result.status == 2)
    #expect(
      lines(result.output) == [
        "PASS testdata/keras3/lstm_last.h5: keras-h5, Keras 3.15.1, 1 layer with weights, "
          + "128 parameters, 3 of 3 tensors",
        "FAIL testdata/broken/bias_missing.h5", "FAIL missing.h5",
        "PASS testdata/keras3/lstm_last.keras: keras, Keras 3.15.1, 1 layer with weights, "
          + "128 parameters, 3 of 3 tensors",
        "4 files: 2 passed, 2 failed (2 errors, 0 warnings)",
      ])
    #expect(result.errors.contains("error[tensor.missing]"))
    #expect(result.errors.contains("error[file.unreadable]"))
    let judged = ["testdata/broken/bias_missing.h5", "testdata/keras3/lstm_last.h5"]
    #expect(try Tool.run(["validate"] + judged).status == 1)
    #expect(try Tool.run(["validate"] + judged + ["--exit-zero"]).status == 0)
  }

  @Test(
    "folders are walked in order; what is no checkpoint is counted, what claims to be one judged")
  func folders() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "m/b/two.h5", in: folder)
      try copy("keras3/lstm_last.keras", to: "m/a.keras", in: folder)
      try copy("keras3/lstm_last.h5", to: "m/.hidden/x.h5", in: folder)
      try copy("keras3/lstm_last.golden.npz", to: "m/a.golden.npz", in: folder)
      try copy("torch_modules/select_last.json", to: "m/notes.json", in: folder)
      try Data("hello".utf8).write(to: folder.appending(path: "m/readme.txt"))
      try Data().write(to: folder.appending(path: "m/empty.log"))
      try Data("version https://git-lfs.github.com/spec/v1\n".utf8)
        .write(to: folder.appending(path: "m/pointer.pt"))
      let result = try Tool.run(["validate", "m"], in: folder)
      let heads = lines(result.output).map { $0.split(separator: ":")[0] }
      #expect(heads == ["PASS m/a.keras", "FAIL m/pointer.pt", "PASS m/b/two.h5", "3 files"])
      #expect(result.output.hasSuffix("2 passed, 1 failed (1 error, 0 warnings), 4 skipped\n"))
      #expect(result.errors.contains("a Git LFS pointer"))
      #expect(result.status == 2)
      // A file that is named twice is judged once; a single folder gives a list too.
      let twice = try Tool.run(["validate", "m/b", "m/b/two.h5", "./m/b/../b"], in: folder)
      #expect(lines(twice.output).count == 2)
      // A file that is named must be a checkpoint.
      let named = try Tool.run(["validate", "m/b", "m/readme.txt"], in: folder)
      #expect(named.errors.contains("error[file.unrecognized]"))
      #expect(named.status == 2)
    }
  }

  @Test("loops of links end; links to nothing, pipes and odd names are results of their own")
  func loops() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "m/deep/one.h5", in: folder)
      let made = try Tool.shell(
        """
        ln -s .. m/deep/up && ln -s deep m/again && ln -s nothing m/best && ln -s loop m/loop &&
          mkfifo m/pipe.h5 m/pipe && printf x > "$(printf 'm/caf\\351.h5')" &&
          printf 'version https://git-lfs.github.com/spec/v1' > m/weights.npz
        """,
        in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let result = try Tool.run(["validate", "m"], in: folder)
      #expect(result.status == 2)
      #expect(
        lines(result.output).map { $0.split(separator: ":")[0] } == [
          "FAIL m/caf\\xE9.h5", "FAIL m/best", "FAIL m/loop", "FAIL m/pipe.h5",
          "FAIL m/weights.npz", "PASS m/again/one.h5", "6 files",
        ])
      #expect(result.output.hasSuffix("1 passed, 5 failed (5 errors, 0 warnings), 1 skipped\n"))
      for message in [
        "the name is no text in UTF-8", "the link leads to 'nothing', where nothing is",
        "Too many levels of symbolic links", "this is not a regular file", "a Git LFS pointer",
      ] {
        #expect(result.errors.contains(message), "\(message)")
      }
      let json = try lines(Tool.run(["validate", "m", "--format", "ndjson"], in: folder).output)
        .map(JSONSchema.parse).filter { $0["type"]?.string == "result" }
      #expect(json.map { $0["status"]?.integer } == [2, 2, 2, 2, 2, 0])
    }
  }

  @Test("a file that is cut while it is read is one result, and the others are judged")
  func shrinking() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "m/a.h5", in: folder)
      try copy("keras3/lstm_last.h5", to: "m/c.h5", in: folder)
      let header = #"{"x":{"dtype":"F32","shape":[16777216],"data_offsets":[0,67108864]}}"#
      var bytes = Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) })
      bytes += Data(header.utf8)
      for round in 0..<3 {
        try bytes.write(to: folder.appending(path: "m/b.safetensors"))
        let result = try Tool.shell(
          """
          truncate -s \(bytes.count + 67_108_864) m/b.safetensors
          (i=0; while [ $i -lt 400 ]; do
            ls -l /proc/$$/fd | grep -q b.safetensors && break; i=$((i + 1))
          done
          \(round == 2 ? "rm m/b.safetensors" : ": > m/b.safetensors")) & exec recur validate m
          """, in: folder)
        #expect(result.status == 2)
        let heads = lines(result.output).map { $0.split(separator: ":")[0] }
        #expect(heads == ["PASS m/a.h5", "FAIL m/b.safetensors", "PASS m/c.h5", "3 files"])
      }
    }
  }

  @Test("a summary counts one file as it counts many") func counts() throws {
    for (arguments, passed) in [
      (["validate", "testdata/keras3/lstm_last.h5"], 1), (["validate", "missing.h5"], 0),
      (["validate", "testdata/broken/bias_missing.h5"], 0),
      (["validate", "testdata/broken/bias_missing.h5", "--exit-zero"], 0),
      (["inspect", "missing.h5"], 0), (["inspect", "testdata/keras3/lstm_last.h5"], 1),
    ] {
      let result = try Tool.run(arguments + ["--format", "ndjson"])
      let lines = try lines(result.output).map(JSONSchema.parse)
      let summary = try #require(lines.last)
      #expect(summary["files"]?.integer == 1, "\(arguments)")
      #expect(summary["passed"]?.integer == passed && summary["failed"]?.integer == 1 - passed)
      let one = try #require(lines.first { $0["type"]?.string == "result" })
      #expect(one["verdict"]?.string == (passed == 1 ? "PASS" : "FAIL"))
      #expect(one["file"]?.string == arguments[1])
      #expect(one["schema_version"]?.integer == 1)
    }
  }

  @Test("formats that are not read, and arrays without names, are results of their own")
  func foreign() throws {
    try TestData.withFolder { folder in
      for name in [
        "frozen.pb", "tf_checkpoint.index",
        "tf_checkpoint.data-00000-of-00001", "state_dict.pkl", "tfjs/model.json",
        "tfjs/group1-shard1of1.bin",
      ] {
        try copy("foreign/\(name)", to: "m/\(name)", in: folder)
      }
      try copy("keras_field/numbered.npz", to: "m/numbered.npz", in: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "empty"), withIntermediateDirectories: true)
      let result = try Tool.run(["validate", "m", "empty"], in: folder)
      #expect(result.status == 2)
      let judged = lines(result.output).dropLast().map { line in
        line.split(separator: " ")[1].split(separator: ":")[0]
      }
      #expect(
        judged == [
          "m/frozen.pb", "m/numbered.npz", "m/state_dict.pkl", "m/tf_checkpoint.index", "m/tfjs",
          "empty",
        ])
      #expect(result.errors.contains("there is no checkpoint in 'empty'"))
      let none = try Tool.run(["validate", "empty", "--format", "ndjson"], in: folder)
      #expect(none.output.contains("\"file\":\"empty\""))
    }
  }

  @Test("a folder without checkpoints is an error") func none() throws {
    try TestData.withFolder { folder in
      try Data("hello".utf8).write(to: folder.appending(path: "readme.txt"))
      for format in ["text", "json", "junit"] {
        let result = try Tool.run(["validate", ".", "--format", format], in: folder)
        #expect(result.status == 2)
        #expect((result.errors + result.output).contains("file.none-found"))
      }
    }
  }

  @Test("goldens and architectures beside the files are used when they are asked for")
  func neighbours() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "good.h5", in: folder)
      try copy("keras3/lstm_last.golden.npz", to: "good.golden.npz", in: folder)
      try copy("keras3/lstm_last.h5", to: "bad.h5", in: folder)
      try copy("keras3/lstm_unroll_implementation1.golden.npz", to: "bad.golden.npz", in: folder)
      try copy("keras3/lstm_last.h5", to: "alone.h5", in: folder)
      let plain = try Tool.run(["validate", "."], in: folder)
      #expect(plain.status == 0)
      let compared = try Tool.run(["validate", ".", "--goldens"], in: folder)
      #expect(compared.status == 1)
      #expect(compared.errors.contains("error[verify.mismatch]"))
      #expect(
        compared.output.contains(
          "PASS ./good.h5: keras-h5, Keras 3.15.1, 1 layer with "
            + "weights, 128 parameters, 3 of 3 tensors, 1 of 1 output as recorded\n"))
      #expect(compared.output.contains("2 compared with goldens, 2 skipped\n"))
      #expect(try Tool.run(["validate", ".", "--goldens", "--atol", "1"], in: folder).status == 0)
      #expect(
        try Tool.run(["validate", ".", "--golden", "good.golden.npz"], in: folder).status == 64)
    }
    try TestData.withFolder { folder in
      try copy("torch_modules/select_last_both.pt", to: "m.pt", in: folder)
      try copy("torch_modules/select_last_both.json", to: "m.json", in: folder)
      try copy("torch_modules/select_last_both.golden.npz", to: "m.golden.npz", in: folder)
      let assumed = try Tool.run(["validate", "."], in: folder)
      #expect(assumed.errors.contains("pytorch.architecture.assumed"))
      let given = try Tool.run(["validate", ".", "--architectures", "--goldens"], in: folder)
      #expect(given.status == 0)
      #expect(given.errors.isEmpty)
      #expect(given.output.contains("1 of 1 output as recorded"))
    }
  }

  @Test("shards are judged with their index, not by themselves") func shards() throws {
    let result = try Tool.run(
      [
        "validate", "testdata/keras3_sharded", "--architecture",
        "testdata/keras3_sharded/stacked.keras",
        "--format", "ndjson",
      ])
    let files = try lines(result.output).map(JSONSchema.parse)
      .filter { $0["type"]?.string == "result" }.compactMap { $0["file"]?.string }
    #expect(files.contains("testdata/keras3_sharded/stacked.weights.json"))
    #expect(!files.contains("testdata/keras3_sharded/stacked_00000.weights.h5"))
  }

  @Test("files of one name with other weights are told, with the file they are equal to")
  func sameName() throws {
    try TestData.withFolder { folder in
      try copy("keras3/lstm_last.h5", to: "new/model.h5", in: folder)
      try copy("keras3/lstm_last.keras", to: "new/model.keras", in: folder)
      let equal = try Tool.run(["validate", "new", "--same-name"], in: folder)
      #expect(equal.errors.isEmpty)
      // Another training: every weight has the other sign.
      try copy("keras3/lstm_last.h5", to: "old/lstm.h5", in: folder)
      let file = folder.appending(path: "old/lstm.h5")
      var data = try Data(contentsOf: file)
      let listed = try Tool.run(["inspect", "old/lstm.h5", "--format", "json"], in: folder)
      #expect(listed.status == 0)
      let wrong = try Tool.run(
        ["validate", "old/lstm.h5", "--units", "9", "--format", "json"], in: folder)
      let bytes = try #require(
        try JSONSchema.parse(wrong.output)["diagnostics"]?.array?.first?["bytes"]?.array)
      let first = try #require(bytes[0].integer)
      for offset in stride(from: first + 3, to: first + 192, by: 4) { data[offset] ^= 0x80 }
      try data.write(to: file)
      try FileManager.default.copyItem(at: file, to: folder.appending(path: "old/model.h5"))
      // How files are divided among runs must not change what is said of one.
      #expect(try Tool.run(["validate", "new", "old"], in: folder).errors.isEmpty)
      let asked = ["validate", "new", "old", "--same-name"]
      let result = try Tool.run(asked, in: folder)
      #expect(result.status == 0)
      let warnings = lines(result.errors).filter { $0.hasPrefix("warning[fleet.same-name]") }
      #expect(
        warnings == [
          "warning[fleet.same-name]: 'old/model.h5' does not hold the weights of 'new/model.h5', "
            + "which has its name"
        ])
      #expect(result.errors.contains("found: 1 of 3 weights differ, max |diff| "))
      #expect(result.errors.contains("why: it holds the weights of 'old/lstm.h5'"))
      #expect(
        result.errors.contains("fix in Recur: recur compare --weights new/model.h5 old/model.h5"))
      #expect(try Tool.run(asked + ["--strict"], in: folder).status == 1)
      #expect(try Tool.run(asked + ["--strict", "--ignore", "fleet"], in: folder).status == 0)
      // Other layers under one name are no mistake.
      try copy("keras3/lstm_stacked_dense.h5", to: "third/model.h5", in: folder)
      #expect(
        try Tool.run(["validate", "new", "third", "--same-name"], in: folder).errors.isEmpty)
    }
  }

  @Test("a baseline over a folder knows files, and what fails anew is found") func baseline() throws
  {
    try TestData.withFolder { folder in
      try copy("broken/extra_dataset.h5", to: "m/a.h5", in: folder)
      try copy("keras3/lstm_last.h5", to: "m/b.h5", in: folder)
      let written = try Tool.run(
        ["validate", "m", "--write-baseline", "known.json", "--strict"], in: folder)
      #expect(written.status == 0)
      let hidden = try Tool.run(
        ["validate", "m", "--baseline", "known.json", "--strict"], in: folder)
      #expect(hidden.status == 0)
      #expect(hidden.output.contains("not shown: 1 finding in the baseline\n2 files: 2 passed"))
      try copy("broken/extra_dataset.h5", to: "m/c.h5", in: folder)
      let found = try Tool.run(
        ["validate", "m", "--baseline", "known.json", "--strict"], in: folder)
      #expect(found.status == 1)
      #expect(found.output.contains("FAIL m/c.h5"))
    }
  }
}
