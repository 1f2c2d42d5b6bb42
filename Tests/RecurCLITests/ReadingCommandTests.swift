import Foundation
import RecurTestSupport
import Testing

/// What weights leave open, on the command line.
@Suite("Open readings on the command line")
struct ReadingCommandTests {
  private func path(_ name: String) -> String { TestData.path("readings/\(name)") }

  @Test("a refusal prints complete commands, and each does what it says") func commands() throws {
    try TestData.withFolder { folder in
      let file = path("last_timestep.safetensors")
      let refused = try Tool.run(
        ["convert", file, "m.keras", "--dtype", "float64", "-q"], in: folder)
      #expect(refused.status == 2)
      let fixes = refused.errors.split(separator: "\n").filter { $0.hasPrefix("  fix in Recur: ") }
        .map { String($0.dropFirst("  fix in Recur: ".count)) }
      #expect(
        fixes == [
          "recur convert \(file) m.keras --dtype float64 --timesteps last",
          "recur convert \(file) m.keras --dtype float64 --timesteps all",
          "recur inspect \(file) --emit-architecture > architecture.json   # then say in it what is null",
          "recur convert \(file) m.keras --dtype float64 --architecture architecture.json   "
            + "# with what was said",
        ])
      // What is printed does not write a guess as if somebody had said it.
      #expect(try Tool.shell(fixes[2], in: folder).status == 0)
      let unsaid = try Tool.shell(fixes[3], in: folder)
      #expect(unsaid.status == 2 && unsaid.errors.contains("'select' of 'rnn' is null"))
      let edited = try Tool.shell(
        "sed -i 's/\"select\":null/\"select\":\"last\"/' architecture.json", in: folder)
      #expect(edited.status == 0)
      for (fix, status) in zip([fixes[3], fixes[0], fixes[1]], [0, 0, 1]) {
        let done = try Tool.shell("rm -f m.keras; " + fix, in: folder)
        #expect(done.status == 0, "\(done.errors)")
        let judged = try Tool.run(
          ["validate", "m.keras", "--golden", path("last_timestep.golden.npz")], in: folder)
        #expect(judged.status == status)
      }
    }
  }

  @Test("what was assumed, declared or recorded is said, also with -q") func quiet() throws {
    let (file, golden) = (path("last_timestep.safetensors"), path("last_timestep.golden.npz"))
    try TestData.withFolder { folder in
      func output(_ arguments: String...) throws -> String {
        let result = try Tool.run(arguments + ["-q"], in: folder)
        return result.output
      }
      let assumed = try output("validate", file)
      #expect(assumed.hasPrefix("as assumed: "))
      #expect(assumed.contains("'rnn' hands on every timestep"))
      #expect(
        try output("validate", file, "--golden", golden, "--timesteps", "last")
          .hasPrefix("as declared: select \"last\"; as assumed: nothing is applied after 'fc'"))
      #expect(
        try output("run", file, "--input", golden, "-o", "y.npz", "--force")
          .hasPrefix("as assumed: "))
      let converted = try output("convert", file, "m.keras", "--golden", golden)
      #expect(converted.contains("as recorded: \(golden); the last timestep is read"))
      #expect(converted.contains("give the outputs of the original as recorded"))
      #expect(
        try output("convert", file, "w.npz").contains(
          "give the outputs of the original as assumed"))
      // A file that says it all says nothing more.
      #expect(try output("validate", TestData.path("keras3/lstm_last.h5")).isEmpty)
      let json = try Tool.run(["validate", file, "--format", "json"], in: folder)
      #expect(json.output.contains("\"basis\": \"as assumed\""))
      let fleet = try Tool.run(
        ["validate", file, TestData.path("keras3/lstm_last.h5"), "-q"], in: folder)
      #expect(
        fleet.output.contains("2 files: 2 passed, 0 failed (0 errors, 1 warning), 1 as assumed"))
    }
  }

  @Test("no reading is tried by validate; diagnose names the one that it finds") func search()
    throws
  {
    let (file, golden) = (path("last_timestep.safetensors"), path("last_timestep.golden.npz"))
    let judged = try Tool.run(["validate", file, "--golden", golden])
    #expect(judged.status == 1)
    #expect(judged.output.hasSuffix("FAIL\n") || judged.errors.contains("[verify.shape]"))
    let found = try Tool.run(["diagnose", file, "--golden", golden])
    #expect(found.status == 1)
    #expect(found.errors.contains("timestep"))
  }

  @Test("what stands between modules is asked for, and each printed command does what it says")
  func between() throws {
    for name in ["numbered_head", "two_linears"] {
      try TestData.withFolder { folder in
        let file = path("\(name).safetensors")
        let refused = try Tool.run(["convert", file, "m.keras", "-q"], in: folder)
        let fixes = refused.errors.split(separator: "\n").map(String.init)
        let right = "recur convert \(file) m.keras --timesteps last --between relu"
        #expect(fixes.contains("  fix in Recur: \(right)"), "\(refused.errors)")
        #expect(fixes.contains("  fix in Recur: \(right.replacing("relu", with: "none"))"))
        for (answer, status) in [("none", 1), ("relu", 0)] {
          let done = try Tool.shell(
            "rm -f m.keras; " + right.replacing("relu", with: answer), in: folder)
          #expect(done.status == 0, "\(done.errors)")
          let judged = try Tool.run(
            ["validate", "m.keras", "--golden", path("\(name).golden.npz")], in: folder)
          #expect(judged.status == status)
        }
        let unknown = try Tool.run(
          ["convert", file, "n.keras", "--between", "softmax"], in: folder)
        #expect(unknown.status == 64)
      }
    }
  }

  @Test("a recording in two files decides as one does, and is repeated in fixes") func pair() throws
  {
    try TestData.withFolder { folder in
      let arrays = [
        "--golden-input", TestData.path("recorded/x.npy"), "--golden-output",
        TestData.path("recorded/y.npy"),
      ]
      let done = try Tool.run(
        ["convert", TestData.path("recorded/lstm.pt"), "m.keras"] + arrays, in: folder)
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.contains("as recorded: "))
      let (file, golden) = (path("last_timestep.safetensors"), path("every_timestep.golden.npz"))
      let undecided = try Tool.run(["convert", file, "n.keras", "--golden", golden], in: folder)
      #expect(
        undecided.errors.contains("fix in Recur: recur diagnose \(file) --golden \(golden)\n"),
        "\(undecided.errors)")
      let other = try Tool.run(["convert", file, "n.keras"] + arrays, in: folder)
      #expect(
        other.errors.contains("recur diagnose \(file) \(arrays.joined(separator: " "))\n"),
        "\(other.errors)")
    }
  }

  @Test("diagnose says which reading was recorded, before it looks for mistakes")
  func recordedReading() throws {
    let expected = [
      ("last_timestep.safetensors", "last_timestep", "--timesteps last"),
      ("mean_of_timesteps.safetensors", "mean_of_timesteps", "--timesteps mean"),
      ("numbered_head.safetensors", "numbered_head", "--timesteps last --between relu"),
    ]
    for (file, golden, answer) in expected {
      let found = try Tool.run(["diagnose", path(file), "--golden", path("\(golden).golden.npz")])
      #expect(found.status == 1)
      #expect(found.errors.contains("error[verify.likely.reading]"), "\(found.errors)")
      let fix =
        "recur convert \(path(file)) model.keras --golden \(path("\(golden).golden.npz")) \(answer)"
      #expect(found.errors.contains("fix in Recur: \(fix)\n"), "\(found.errors)")
      #expect(!found.errors.contains("readings tried\r"), "no progress but on a terminal")
    }
    let bare = try Tool.run([
      "diagnose", TestData.path("recorded/lstm.pt"), "--golden",
      TestData.path("recorded/last_of_bare.golden.npz"),
    ])
    #expect(bare.errors.contains("the last timestep is read"), "\(bare.errors)")
    let quantized = try Tool.run([
      "diagnose", path("quantized_head.pt"), "--golden", path("quantized_head.golden.npz"),
    ])
    #expect(quantized.errors.contains("error[verify.likely.rounding]"), "\(quantized.errors)")
    #expect(quantized.errors.contains("--timesteps last"), "\(quantized.errors)")
  }

  @Test("weights that are kept in parts, and names that say nothing, are told with a way on")
  func ways() throws {
    try TestData.withFolder { folder in
      let folded = try Tool.run(
        ["convert", path("weight_norm_head.safetensors"), "m.keras"], in: folder)
      #expect(folded.errors.contains("add --fold-weight-norm"), "\(folded.errors)")
      let names = TestData.path("declared/linear_turned.npz")
      for command in [["validate", names], ["inspect", names, "--emit-architecture"]] {
        let result = try Tool.run(command, in: folder)
        #expect(result.errors.contains("takes arrays in the order of get_weights()"))
        #expect(!result.errors.contains("--emit-architecture writes"))
      }
      let converted = try Tool.run(["convert", names, "m.keras"], in: folder)
      #expect(converted.errors.contains("fix in Recur: recur convert --tensors \(names) "))
    }
  }

  @Test("-q leaves the declaration that was asked for") func quietDeclaration() throws {
    let result = try Tool.run([
      "inspect", path("last_timestep.safetensors"), "--emit-architecture", "-q",
    ])
    #expect(result.output.contains("\"type\":\"nn.LSTM\""))
  }

  @Test("tensors are copied by name, and options about models do not go with that") func tensors()
    throws
  {
    try TestData.withFolder { folder in
      let copied = try Tool.run(
        ["convert", "--tensors", TestData.path("broken/json_broken.h5"), "t.npz"], in: folder)
      #expect(copied.status == 0)
      #expect(copied.output.contains("checked: every tensor was read back, bit for bit"))
      let strict = try Tool.run(
        ["convert", "--tensors", path("strings.h5"), "s.npz", "--strict"], in: folder)
      #expect(strict.status != 0)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "s.npz").path))
      for option in [["--module", "m.py"], ["--timesteps", "last"], ["--dtype", "float16"]] {
        let refused = try Tool.run(
          ["convert", "--tensors", path("strings.h5"), "u.npz"] + option, in: folder)
        #expect(refused.status == 64)
      }
    }
  }
}
