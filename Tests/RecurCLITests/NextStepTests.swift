import Foundation
import RecurTestSupport
import Testing

/// What is offered works, what is given says something, and one cause is told once.
@Suite("Errors name the next step")
struct NextStepTests {
  private func count(_ word: String, in text: String) -> Int {
    text.components(separatedBy: word).count - 1
  }

  @Test("lists of inputs are offered where a target can hold one of them")
  func inputs() throws {
    try TestData.withFolder { folder in
      let file = TestData.path("recorded/lstm.pt")
      let legacy = try Tool.run(["convert", file, "o.h5"], in: folder)
      #expect(legacy.status == 2 && !legacy.errors.contains("--inputs"), "\(legacy.errors)")
      // One cause is one error, with every layer that it concerns.
      #expect(count("error[", in: legacy.errors) == 1, "\(legacy.errors)")
      #expect(legacy.errors.contains("2 nodes of the model are operations"))
      #expect(legacy.errors.contains("note: 'lstm.h_n' is Stack(axis 0)"))
      let archive = try Tool.run(["convert", file, "o.keras"], in: folder)
      #expect(archive.errors.contains("o.keras --inputs x\n"), "\(archive.errors)")
      #expect(archive.errors.contains("o.keras --inputs x,h_0,c_0\n"))
      let projected = try Tool.run(
        ["convert", TestData.path("readings/projected.safetensors"), "o.keras"], in: folder)
      #expect(projected.errors.contains("proj_size") && !projected.errors.contains("--inputs"))
    }
  }

  @Test("a fix names the file, and all that its command needs")
  func complete() throws {
    try TestData.withFolder { folder in
      let clipped = TestData.path("onnx/gru_clip.onnx")
      let activation = try Tool.run(["convert", clipped, "o.keras"], in: folder)
      let module = "recur convert \(clipped) model.pt --module model.py"
      #expect(activation.errors.contains("help: write a PyTorch module: \(module)"))
      #expect(try Tool.shell(module, in: folder).status == 0)
    }
    let last = try Tool.run(["summary", "testdata/keras3/lstm_last.h5"])
    #expect(
      last.errors.contains(
        "recur run testdata/keras3/lstm_last.h5 --input x.npy --return-sequences"))
  }

  @Test("a diagnosis is repaired with the inputs that were recorded")
  func diagnosed() throws {
    try TestData.withFolder { folder in
      let file = TestData.path("readings/rnn_of_relu.safetensors")
      let golden = TestData.path("readings/rnn_of_relu.golden.npz")
      let found = try Tool.run(["diagnose", file, "--golden", golden], in: folder)
      let fix =
        "recur convert \(file) model.keras --golden \(golden) --timesteps last --nonlinearity relu"
      #expect(found.errors.contains("fix in Recur: \(fix)\n"), "\(found.errors)")
      #expect(try Tool.shell(fix, in: folder).status == 0)
    }
  }

  @Test("nothing is computed to learn that the shapes are others")
  func shapes() throws {
    let file = "testdata/readings/last_timestep.safetensors"
    let golden = "testdata/readings/encoder_decoder.golden.npz"
    let result = try Tool.run(["diagnose", file, "--golden", golden])
    #expect(!result.output.contains("readings tried"), "\(result.output)")
    #expect(
      result.errors.contains("and no reading puts out those that were recorded"),
      "\(result.errors)")
  }

  @Test("a recording that fits no reading is told once, in plain words")
  func recording() throws {
    try TestData.withFolder { folder in
      let result = try Tool.run(
        [
          "convert", TestData.path("readings/last_timestep.safetensors"), "o.keras", "--golden",
          TestData.path("onnx/bilstm_lens.golden.npz"),
        ], in: folder)
      #expect(result.status == 2)
      #expect(count("error[", in: result.errors) == 1)
      #expect(result.errors.contains("error[golden.incomplete]"), "\(result.errors)")
      #expect(result.errors.contains("expected: 1 input (in_0) and 1 output (out_0)\n"))
      #expect(result.errors.contains("found: 2 inputs and 2 outputs\n"))
      #expect(result.errors.contains("help: declare what was recorded"))
      #expect(!result.errors.contains("recur diagnose"))
    }
  }

  @Test("of many readings a few are told, and how many others there are")
  func many() throws {
    try TestData.withFolder { folder in
      let result = try Tool.run(
        [
          "convert", TestData.path("readings/two_linears.safetensors"), "o.keras", "--golden",
          TestData.path("readings/every_timestep.golden.npz"),
        ], in: folder)
      #expect(result.errors.contains("error[model.reading-undecided]"), "\(result.errors)")
      #expect(count("\n", in: result.errors) < 16, "\(result.errors)")
      #expect(result.errors.contains(" other readings: "))
    }
  }

  @Test("a folder with one checkpoint is compared; one that lies is judged")
  func checkpointFolders() throws {
    let name = "testdata/tensorflow/checkpoint/tf24_manager"
    let compared = try Tool.run([
      "validate", name, "--architecture", name + ".architecture.json", "--golden",
      name + ".golden.npz",
    ])
    #expect(compared.status == 0 && compared.output.contains("out_0  [2, 2]"), "\(compared.errors)")
    let hostile = try Tool.run([
      "validate", "testdata/tensorflow/hostile/checkpoint_path_traversal",
    ])
    #expect(hostile.status != 0)
    #expect(hostile.errors.contains("error[tensorflow.checkpoint.pointer]"), "\(hostile.errors)")
  }

  @Test("options that would change nothing are refused by their names")
  func needless() throws {
    try TestData.withFolder { folder in
      let file = TestData.path("keras3/lstm_last.h5")
      let set = try Tool.run(["convert", file, "o.pt", "--set", "a=3"], in: folder)
      #expect(set.status == 2 && set.errors.contains("--set says nothing about"), "\(set.errors)")
      let states = try Tool.run(["convert", file, "o.pt", "--states"], in: folder)
      #expect(
        states.status == 2 && states.errors.contains("--states says nothing about"),
        "\(states.errors)")
      for option in [
        ["--pad-value", "3"], ["--maxlen", "9"], ["--maxlen", "9", "--truncate", "pre"],
      ] {
        let run = try Tool.run(["run", file, "--input", "x.npy"] + option, in: folder)
        #expect(run.status == 64 && run.errors.contains("add --pad"), "\(run.errors)")
      }
      for command in [["formats"], ["explain", "--list"]] {
        #expect(try Tool.run(command + ["--select", "tensor"]).status == 64)
        let plain = try Tool.run(command + ["--format", "json", "--color", "never"])
        #expect(plain.status == 0 && plain.output.hasPrefix("{"))
      }
      #expect(try Tool.run(["run", "--help"]).output.contains("Unless told"))
    }
  }
}
