import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Sequences, streams and states on the command line")
struct SequenceCommandTests {
  private func write(_ arrays: [(name: String, tensor: Tensor)], _ name: String, _ folder: URL)
    throws
  {
    var sink = MemorySink()
    try NPZArchive.write(arrays, to: &sink)
    try Data(sink.bytes).write(to: folder.appending(path: name))
  }

  private func save(_ tensor: Tensor, _ name: String, _ folder: URL) throws {
    try Data(NPYFile.bytes(of: tensor)).write(to: folder.appending(path: name))
  }

  private func read(_ name: String, _ folder: URL) throws -> NPZArchive {
    try NPZArchive(
      TestData.region([UInt8](Data(contentsOf: folder.appending(path: name)))))
  }

  /// The batch of `same_weights()` in `generators/gen_lengths.py`, its sequences, and the models.
  private func withFiles<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try TestData.withFolder { folder in
      for name in [
        "keras_one_way.keras", "keras_two_ways.keras", "torch_one_way.pt", "torch_one_way.json",
        "torch_two_ways_alike.pt", "torch_two_ways_alike.json", "masking.keras", "stack.keras",
        "mean.keras",
      ] {
        try FileManager.default.copyItem(
          at: URL(filePath: TestData.path("lengths/\(name)")), to: folder.appending(path: name))
      }
      let recorded = try NPZArchive(
        TestData.region(TestData.bytes("lengths/keras_one_way.npz")))
      let x = try #require(try recorded.tensor("post_in"))
      try save(x, "x.npy", folder)
      let b = x.slice(axis: 0, 1..<2)
      try save(x.select(axis: 0, 0).slice(axis: 0, 0..<3), "a.npy", folder)
      try save(b, "b.npy", folder)
      try save(b.slice(axis: 1, 0..<2), "b_begin.npy", folder)
      try save(b.slice(axis: 1, 2..<5), "b_end.npy", folder)
      return try body(folder)
    }
  }

  private func text(_ tensor: Tensor) -> String {
    tensor.doubles().map { String(format: "%.4f", $0) }.joined(separator: " ")
  }

  @Test("docs/sequences.md tells the difference between masks and packed sequences as it is")
  func difference() throws {
    let page = try String(
      contentsOf: TestData.root.appending(path: "docs/sequences.md"), encoding: .utf8)
    try withFiles { folder in
      /// Output `index` of the first sequence, with the lengths and without.
      func outputs(_ model: String, _ index: Int) throws -> (with: Tensor, without: Tensor) {
        let declaration = model.replacingOccurrences(of: ".pt", with: ".json")
        let architecture = model == declaration ? [] : ["--architecture", declaration]
        let call = ["run", model, "--input", "x.npy", "--force", "-o"] + ["y.npz"] + architecture
        #expect(try Tool.run(call + ["--lengths", "3,5"], in: folder).status == 0)
        let with = try #require(try read("y.npz", folder).tensor("out_\(index)"))
        #expect(try Tool.run(call, in: folder).status == 0)
        return (with, try #require(try read("y.npz", folder).tensor("out_\(index)")))
      }
      func check(_ row: String, _ keras: Tensor, _ torch: Tensor, _ plain: Tensor...) {
        for plain in plain {
          let cells = [keras, torch, plain].map(text).joined(separator: " | ")
          #expect(page.contains("| \(row) | \(cells) |"), "| \(row) | \(cells) |")
        }
      }
      let keras = try outputs("keras_one_way.keras", 0)
      let torch = try outputs("torch_one_way.pt", 0)
      func at(_ y: Tensor, _ t: Int) -> Tensor { y.select(axis: 0, 0).select(axis: 0, t) }
      let names = ["`y[0, 2]`, the last timestep that counts", "`y[0, 3]`, padding", "`y[0, -1]`"]
      for (t, name) in zip(2..., names) {
        check(
          name, at(keras.with, t), at(torch.with, t), at(keras.without, t), at(torch.without, t))
      }
      let (h, hn) = (try outputs("keras_one_way.keras", 1), try outputs("torch_one_way.pt", 1))
      check(
        "last h: `h` of Keras, `h_n` of torch", h.with.select(axis: 0, 0), at(hn.with, 0),
        h.without.select(axis: 0, 0), at(hn.without, 0))
      let two = try outputs("keras_two_ways.keras", 0)
      let packed = try outputs("torch_two_ways_alike.pt", 0)
      func backward(_ y: Tensor) -> Tensor { at(y, 0).slice(axis: 0, 2..<4) }
      check(
        "two directions: `y[0, 0]`, backward half", backward(two.with), backward(packed.with),
        backward(two.without), backward(packed.without))
      check(
        "two directions: `y[0, 3]`, padding", at(two.with, 3), at(packed.with, 3),
        at(two.without, 3), at(packed.without, 3))
    }
  }

  @Test("sequences of different lengths are named, with the commands that run them") func ragged()
    throws
  {
    try withFiles { folder in
      let call = ["run", "keras_one_way.keras", "--input", "a.npy", "--input", "b.npy"]
      let refused = try Tool.run(call, in: folder)
      #expect(refused.status == 2)
      let page = try String(
        contentsOf: TestData.root.appending(path: "docs/sequences.md"), encoding: .utf8)
      let shown = refused.errors.components(separatedBy: "\n").prefix(6)
      for line in shown { #expect(page.contains(line), "\(line)") }
      #expect(refused.errors.contains("found: #0 [3, 2]   #1 [1, 5, 2]"))
      // The command in the fix does what it says.
      let line = try #require(
        refused.errors.components(separatedBy: "\n").first { $0.contains("fix in Recur: ") })
      let command = try #require(line.components(separatedBy: "fix in Recur: ").last)
      let done = try Tool.shell(command + " --unpad", in: folder)
      #expect(done.status == 0)
      let y = try read("y.npz", folder)
      #expect(try y.tensor("lengths")?.doubles() == [3, 5])
      #expect(
        y.names == ["out_0", "out_1", "out_2", "lengths"]
          + (0..<3).flatMap { ["out_\($0)_0", "out_\($0)_1"] })
      for (file, row) in [("a.npy", 0), ("b.npy", 1)] {
        let alone = ["run", "keras_one_way.keras", "--input", file, "--pad", "post"]
        #expect(try Tool.run(alone + ["-o", "alone.npz", "--force"], in: folder).status == 0)
        for index in 0..<3 {
          let one = try #require(try read("alone.npz", folder).tensor("out_\(index)"))
          #expect(try #require(try y.tensor("out_\(index)_\(row)")).isBitEqual(to: one))
        }
      }
      // The other ways to say the same.
      try write(
        [
          ("in_0", try array("a.npy", folder)),
          ("in_1", try array("b.npy", folder).select(axis: 0, 0)),
        ], "both.npz", folder)
      for options in [
        ["--input", "both.npz", "--pad", "post"], ["--input", "x.npy", "--lengths", "3,5"],
        ["--input", "both.npz", "--lengths", "3,5"],
      ] {
        let run = ["run", "keras_one_way.keras", "-o", "again.npz", "--force"] + options
        #expect(try Tool.run(run, in: folder).status == 0)
        for index in 0..<3 {
          let again = try #require(try read("again.npz", folder).tensor("out_\(index)"))
          #expect(try #require(try y.tensor("out_\(index)")).isBitEqual(to: again))
        }
      }
    }
  }

  private func array(_ name: String, _ folder: URL) throws -> Tensor {
    try NPYFile.tensor(
      TestData.region([UInt8](Data(contentsOf: folder.appending(path: name)))))
  }

  @Test(
    "what can't be meant is refused",
    arguments: [
      ("--input x.npy --lengths 3,6", 2, "input.length"),
      ("--input x.npy --lengths 3", 2, "input.length"),
      ("--input x.npy --lengths 3,1000000000000", 2, "input.length"),
      ("--input x.npy --lengths 3,0", 2, "input.length"),
      ("--input x.npy --lengths 3,nan", 64, "--lengths"),
      ("--input x.npy --lengths 3,-1", 2, "input.length"),
      ("--input x.npy --lengths 99999999999999999999,1", 64, "--lengths"),
      ("--input a.npy --input b.npy --lengths 3,4", 2, "input.length"),
      ("--input a.npy --input b.npy --pad post --maxlen 4", 2, "input.length"),
      (
        "--input a.npy --input b.npy --pad post --maxlen 4000000000000000000", 2,
        "bytes.limit-exceeded"
      ),
      ("--input a.npy --input b.npy --pad post --maxlen 0", 64, "--maxlen"),
      ("--input a.npy --input b.npy --pad post --truncate pre", 64, "--maxlen"),
      ("--input a.npy --input b.npy --pad post --pad-value nan", 64, "--pad-value"),
      ("--input a.npy --input b.npy --pad post --no-mask --unpad", 64, "--unpad"),
      ("--input a.npy --input b.npy --no-mask", 64, "--pad"),
      ("--input x.npy --chunk 0", 64, "--chunk"),
      ("--input x.npy --chunk -1", 64, "--chunk"),
      ("--input x.npy --state x.npy", 2, "state.unknown"),
      ("--input x.npy --state keras_one_way.keras", 2, "npz.entry.unexpected"),
      ("--input x.npy --save-state s.npy", 2, "file.format-unknown"),
      ("--input x.npy --save-state s.npz -o s.npz", 2, "file.exists"),
    ])
  func refusals(options: String, status: Int, word: String) throws {
    try withFiles { folder in
      let result = try Tool.shell("recur run keras_one_way.keras \(options)", in: folder)
      #expect(Int(result.status) == status, "\(result.errors)")
      #expect(result.errors.contains(word), "\(result.errors)")
    }
  }

  @Test("pieces are the whole, and a saved state goes on exactly") func streams() throws {
    try withFiles { folder in
      func run(_ options: String) throws {
        let result = try Tool.shell("recur run \(options) --force", in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      for model in ["keras_one_way.keras", "torch_one_way.pt --architecture torch_one_way.json"] {
        try run("\(model) --input b.npy -o whole.npz --save-state whole_state.npz")
        try run("\(model) --input b.npy --chunk 2 -o pieces.npz --save-state pieces_state.npz")
        try run("\(model) --input b_begin.npy --stateful --save-state begin.npz")
        try run("\(model) --input b_end.npy --state begin.npz --save-state end.npz -o end_y.npz")
        try run("\(model) --input b_begin.npy --input b_end.npy --stateful -o calls.npz")
        let (whole, pieces) = (try read("whole.npz", folder), try read("pieces.npz", folder))
        for name in whole.names {
          let (one, other) = (
            try #require(try whole.tensor(name)), try #require(try pieces.tensor(name))
          )
          #expect(one.isBitEqual(to: other))
        }
        let last = try #require(try whole.tensor("out_1"))
        #expect(try #require(try read("end_y.npz", folder).tensor("out_1")).isBitEqual(to: last))
        #expect(try #require(try read("calls.npz", folder).tensor("out_4")).isBitEqual(to: last))
        let saved = try read("whole_state.npz", folder)
        #expect(saved.names == (model.hasPrefix("keras") ? ["lstm.h", "lstm.c"] : ["h_0", "c_0"]))
        for other in ["pieces_state.npz", "end.npz"] {
          let archive = try read(other, folder)
          #expect(archive.names == saved.names)
          for name in saved.names {
            let one = try #require(try saved.tensor(name))
            #expect(try #require(try archive.tensor(name)).isBitEqual(to: one))
          }
        }
      }
    }
  }

  @Test("states of the wrong shape or name are all reported, with what mends them") func states()
    throws
  {
    try withFiles { folder in
      let zeros = try Tensor.float64([0, 0], shape: [1, 2])
      try write([("h", zeros), ("c", try zeros.reshaped([1, 1, 2]))], "s.npz", folder)
      let result = try Tool.run(
        ["run", "keras_one_way.keras", "--input", "x.npy", "--state", "s.npz"], in: folder)
      #expect(result.status == 2)
      #expect(result.errors.contains("error[state.batch]"))
      #expect(result.errors.contains("Keras would silently begin every sequence with it"))
      #expect(result.errors.contains("fix in NumPy: h = np.repeat(h, 2, axis=0)"))
      #expect(result.errors.contains("error[state.rank]"))
      try write([("h", zeros), ("cc", zeros)], "s.npz", folder)
      let named = try Tool.run(
        ["run", "keras_one_way.keras", "--input", "b.npy", "--state", "s.npz"], in: folder)
      #expect(named.errors.contains("error[state.unknown]: no recurrent layer has a state 'cc'"))
      #expect(named.errors.contains("error[state.missing]"))
      #expect(
        named.errors.contains(
          "fix in Recur: recur run keras_one_way.keras --input b.npy --state zeros"))
      for options in ["--chunk 2", "--stateful"] {
        let refused = try Tool.shell(
          "recur run keras_two_ways.keras --input b.npy \(options)", in: folder)
        #expect(refused.status == 2)
        #expect(
          refused.errors.contains(
            "error[sequence.stream]: Bidirectional(LSTM(2)) 'two_ways' needs the whole sequence"))
      }
    }
  }

  @Test("JSON has the lengths, and --no-mask runs padding like any timestep") func json() throws {
    try withFiles { folder in
      struct Report: Decodable {
        struct Output: Decodable {
          let name: String
          let shape: [Int]
          let values: [Double]
        }
        let lengths: [Int]?
        let outputs: [Output]
      }
      func run(_ options: [String]) throws -> Report {
        let call = ["run", "keras_one_way.keras", "--input", "a.npy", "--input", "b.npy"]
        let result = try Tool.run(call + options + ["--format", "json"], in: folder)
        return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
      }
      let masked = try run(["--pad", "post"])
      #expect(masked.lengths == [3, 5])
      #expect(masked.outputs.map(\.shape) == [[2, 5, 2], [2, 2], [2, 2]])
      let plain = try run(["--pad", "post", "--no-mask"])
      #expect(plain.lengths == nil)
      #expect(plain.outputs[1].values[..<2] != masked.outputs[1].values[..<2])
      #expect(plain.outputs[1].values[2...] == masked.outputs[1].values[2...])
    }
  }
}
