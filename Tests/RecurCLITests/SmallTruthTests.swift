import Foundation
import RecurContainers
import RecurTestSupport
import Testing

@Suite("What the command line says of small things")
struct SmallTruthTests {
  private func findings(_ arguments: [String], in folder: URL? = nil) throws -> [JSONValue] {
    let result = try Tool.run(arguments + ["--format", "ndjson"], in: folder)
    return try result.output.split(separator: "\n").map { try JSONSchema.parse(String($0)) }
      .filter { $0["type"]?.string == "diagnostic" }
  }

  @Test("numbers may be negative") func negative() throws {
    let padded = try Tool.run([
      "run", "testdata/questions/tokens.h5", "--input", "testdata/questions/tokens_flat.npy",
      "--pad", "post", "--pad-value", "-1",
    ])
    #expect(padded.status != 64, "\(padded.errors)")
    let units = try Tool.run(["validate", "testdata/keras3/lstm_last.h5", "--units", "-3"])
    #expect(units.status == 1 && units.errors.contains("declares -3 units"))
    for (option, value, message) in [
      ("--atol", "-0.5", "--atol is -0.5"), ("--rtol", "-1e-3", "--rtol is -0.001"),
      ("--atol", "-inf", "--atol is -inf"),
    ] {
      let result = try Tool.run([
        "validate", "testdata/keras3/lstm_last.h5", option, value, "--golden",
        "testdata/keras3/lstm_last.golden.npz",
      ])
      #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    }
    let shape = try Tool.run([
      "summary", "testdata/keras3/lstm_last.h5", "--input-shape", "-1,6,3",
    ])
    #expect(!shape.errors.contains("Missing value"))
  }

  @Test("every finding about a file names it, also one without a place in it") func files() throws {
    try TestData.withFolder { folder in
      let projected = TestData.path("readings/projected.safetensors")
      let expected = [
        ("model.unrepresentable", projected, ["convert", projected, "o.keras"]),
        (
          "pytorch.inputs.undeclared", TestData.path("recorded/lstm.pt"),
          ["convert", TestData.path("recorded/lstm.pt"), "o.keras"]
        ),
        (
          "convert.warnings", TestData.path("readings/last_timestep.safetensors"),
          [
            "convert", TestData.path("readings/last_timestep.safetensors"), "o.keras", "--strict",
            "--timesteps", "last",
          ]
        ),
        (
          "input.count", TestData.path("recorded/lstm.pt"),
          [
            "run", TestData.path("recorded/lstm.pt"), "--inputs", "x,h_0,c_0", "--input",
            TestData.path("recorded/x.npy"),
          ]
        ),
      ]
      for (code, file, command) in expected {
        let found = try findings(command, in: folder).filter { $0["code"]?.string == code }
        #expect(!found.isEmpty, "\(code)")
        #expect(found.allSatisfy { $0["file"]?.string == file }, "\(code)")
      }
    }
  }

  @Test("a fix repeats the command, and a path that begins with a dash is a path") func commands()
    throws
  {
    try TestData.withFolder { folder in
      let weights = TestData.path("readings/last_timestep.safetensors")
      try FileManager.default.copyItem(
        at: URL(filePath: weights), to: folder.appending(path: "-dash.safetensors"))
      let refused = try Tool.run(["convert", "--", "-dash.safetensors", "o.keras"], in: folder)
      #expect(refused.errors.contains("recur convert ./-dash.safetensors o.keras --timesteps last"))
      let several = TestData.path("pytorch/model_and_ema.pt")
      let key = try Tool.run(["validate", several, "--key", "nothing"], in: folder)
      #expect(
        key.errors.contains("fix in Recur: recur validate \(several) --key ema\n"), "\(key.errors)")
    }
  }

  @Test("an error about a sequence brings no second one about its mask") func mask() throws {
    let inputs = ["x_12", "x_10"].flatMap { ["--input", "testdata/questions/\($0).npy"] }
    let found = try findings(["run", "testdata/questions/declared.h5", "--pad", "post"] + inputs)
    #expect(found.compactMap { $0["code"]?.string } == ["input.timesteps"])
  }

  @Test("every place in a file names the file") func places() throws {
    try TestData.withFolder { folder in
      let commands = [
        ["convert", TestData.path("recorded/lstm.pt"), "o.keras", "--inputs", "x"],
        ["convert", TestData.path("keras3/masking_lstm_dense.h5"), "o.pt"],
        [
          "diagnose", TestData.path("keras3/lstm_last.h5"), "--golden-input",
          TestData.path("recorded/x.npy"), "--golden-output", TestData.path("recorded/y.npy"),
        ],
        [
          "diagnose", TestData.path("recorded/lstm.pt"), "--golden",
          TestData.path("declared/weight_drop_copy.golden.npz"),
        ],
        [
          "validate", TestData.path("recorded/lstm.pt"), "--golden",
          TestData.path("torch_modules/select_last.golden.npz"),
        ],
        ["validate", TestData.path("broken")],
        ["inspect", TestData.path("broken/bias_missing.h5")],
      ]
      var places = 0
      for command in commands {
        for finding in try findings(command, in: folder) {
          let isPlaced = finding["object"]?.isNull == false || finding["bytes"]?.isNull == false
          places += isPlaced ? 1 : 0
          #expect(
            !isPlaced || finding["file"]?.string != nil,
            "\(command[0]): \(finding["code"]?.string ?? "")")
        }
      }
      #expect(places > 20)
      let merged = try findings(commands[0] + ["--force"], in: folder).first {
        $0["code"]?.string == "model.bias.merged"
      }
      #expect(merged?["file"]?.string == TestData.path("recorded/lstm.pt"))
    }
  }

  @Test("the architecture of a model of any format is a declaration in torch's names")
  func declaration() throws {
    let result = try Tool.run([
      "inspect", "testdata/keras3/lstm_last.h5", "--emit-architecture",
    ])
    #expect(result.status == 0)
    #expect(result.output.contains("\"type\":\"nn.LSTM\""))
    try TestData.withFolder { folder in
      let weights = folder.appending(path: "w.safetensors").path(percentEncoded: false)
      let declared = folder.appending(path: "a.json").path(percentEncoded: false)
      try Data(result.output.utf8).write(to: URL(filePath: declared))
      let source = TestData.path("keras3/lstm_last.h5")
      #expect(try Tool.run(["convert", source, weights, "--force"]).status == 0)
      let checked = try Tool.run([
        "validate", weights, "--architecture", declared, "--golden",
        TestData.path("keras3/lstm_last.golden.npz"),
      ])
      #expect(checked.status == 0, "\(checked.output)")
    }
  }

  @Test("NO_COLOR and FORCE_COLOR hold unless --color says otherwise") func colours() throws {
    try TestData.withFolder { folder in
      for (environment, option, isColored) in [
        ("", "", false), ("FORCE_COLOR=1", "", true), ("NO_COLOR=1 FORCE_COLOR=1", "", false),
        ("FORCE_COLOR=", "", false), ("NO_COLOR=1", "--color always", true),
        ("FORCE_COLOR=1", "--color never", false),
      ] {
        let result = try Tool.shell(
          "env -u NO_COLOR -u FORCE_COLOR \(environment) recur inspect nothing \(option)",
          in: folder)
        #expect(result.status == 2)
        #expect(
          result.errors.contains("\u{1B}[") == isColored, "\(environment) \(option)")
      }
    }
  }

  @Test("arrays in files of their own are a recording, in the words of the fixes too")
  func arrays() throws {
    let arrays = [
      "--golden-input", "testdata/recorded/x.npy", "--golden-output", "testdata/recorded/y.npy",
    ]
    let sound = try Tool.run(["validate", "testdata/recorded/lstm.pt"] + arrays)
    #expect(sound.status == 0 && sound.output.hasSuffix("PASS\nPASS, 4 of 4 tensors\n"))
    let other = try Tool.run(["validate", "testdata/declared/weight_drop_copy.pt"] + arrays)
    #expect(other.status == 1)
    #expect(
      other.errors.contains(
        "recur diagnose testdata/declared/weight_drop_copy.pt "
          + arrays.joined(separator: " ")))
    let half = try Tool.run(["validate", "testdata/recorded/lstm.pt"] + arrays.prefix(2))
    #expect(half.status == 64)
    let alone = try Tool.run([
      "validate", "testdata/recorded/lstm.pt", "--golden", "testdata/recorded/x.npy",
    ])
    #expect(alone.errors.contains("two arrays are given as --golden-input x.npy --golden-output"))
  }
}
