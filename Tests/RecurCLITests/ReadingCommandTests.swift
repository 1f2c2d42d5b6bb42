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
          "recur inspect \(file) --emit-architecture > architecture.json && "
            + "recur convert \(file) m.keras --dtype float64 --architecture architecture.json",
        ])
      for (fix, status) in zip(fixes, [0, 1, 1]) {
        let done = try Tool.shell(fix + " --force", in: folder)
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
