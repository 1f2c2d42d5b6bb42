import RecurContainers
import RecurTestSupport
import Testing

@Suite("The command bench")
struct BenchCommandTests {
  private let model = "testdata/keras3/lstm_last.h5"

  private func report(_ arguments: String...) throws -> JSONValue {
    let result = try Tool.run(
      ["bench", model, "--budget", "0.001", "--format", "json"] + arguments)
    #expect(result.status == 0)
    return try JSONSchema.parse(result.output)
  }

  @Test("counts the operations that follow from the shapes") func operations() throws {
    let figures = try report("--batch", "3", "--timesteps", "5")
    #expect(figures["inputs"] == [[3, 5, 3]])
    #expect(figures["batch"]?.integer == 3)
    #expect(figures["timesteps"]?.integer == 5)
    // LSTM(4) over 3 features.
    #expect(figures["operations"]?.integer == 8 * 4 * (3 + 4) * 3 * 5)
    // The model declares 6 timesteps and no more.
    #expect(try report()["timesteps"]?.integer == 6)
  }

  @Test(
    "measures both engines; only the fast one packs weights", arguments: ["fast", "reference"])
  func engines(name: String) throws {
    let figures = try report("--engine", name)
    #expect(figures["engine"]?.string == name)
    for member in [
      "load_seconds", "run_seconds", "microseconds_per_timestep", "timesteps_per_second", "gflops",
      "peak_memory_bytes",
    ] {
      #expect(try #require(figures[member]?.double) > 0, "\(member)")
    }
    let isFast = name == "fast"
    #expect(figures["kernels"]?.isNull == !isFast)
    #expect(figures["pack_seconds"]?.isNull == !isFast)
    #expect((figures["packed_bytes"]?.integer ?? 0 > 0) == isFast)
  }

  @Test("says which layers the engine leaves to the reference's code") func layersOnReference()
    throws
  {
    #expect(try report()["layers_on_reference"] == [])
    #expect(try report("--engine", "reference")["layers_on_reference"]?.isNull == true)
    let plain = try Tool.run(["bench", model, "--budget", "0.001"])
    #expect(!plain.output.contains("on the reference"))
    for (file, layers) in [("bfloat16_lstm", ["lstm"])] {
      let arguments = ["bench", "testdata/keras3/\(file).h5", "--budget", "0.001"]
      let text = try Tool.run(arguments)
      #expect(
        text.output.contains("\non the reference      \(layers.joined(separator: ", "))\n"))
      let object = try JSONSchema.parse(Tool.run(arguments + ["--format", "json"]).output)
      #expect(object["layers_on_reference"] == .array(layers.map { .string($0) }))
    }
  }

  @Test("runs on the kernels and threads that were asked for") func kernels() throws {
    let figures = try report("--kernels", "scalar", "--threads", "2", "--batch", "4")
    #expect(figures["kernels"]?.string == "scalar")
    #expect(figures["threads"]?.integer == 2)
  }

  @Test("refuses weights without an architecture, and inputs that are too large") func refusals()
    throws
  {
    let weights = try Tool.run(["bench", "testdata/keras3/lstm_last.weights.h5"])
    #expect(weights.status == 2)
    #expect(weights.errors.contains("model.not-connected"))
    let large = try Tool.run(["bench", model, "--batch", "1000000", "--timesteps", "1000000"])
    #expect(large.status == 2)
    #expect(large.errors.contains("too large"))
  }

  @Test("refuses kernels that are not there and lists those that are") func unknownKernels() throws
  {
    let result = try Tool.run(["bench", model, "--kernels", "scalr"])
    #expect(result.status == 64)
    #expect(result.errors.contains("no kernels called 'scalr'"))
    #expect(result.errors.contains("did you mean 'scalar'?"))
    #expect(try Tool.run(["bench", model, "--kernels", "mmx"]).errors.contains(", scalar"))
  }

  @Test(
    "refuses numbers that mean nothing",
    arguments: [
      ["--batch", "0"], ["--timesteps", "-1"], ["--threads", "0"], ["--budget", "0"],
      ["--engine", "reference", "--threads", "2"],
    ])
  func usage(arguments: [String]) throws {
    #expect(try Tool.run(["bench", model] + arguments).status == 64)
  }

  @Test("prints a table without progress where there is no terminal") func text() throws {
    let result = try Tool.run(["bench", model, "--budget", "0.001"])
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    for word in ["engine", "inputs", "load", "pack", "run", "per timestep", "GFLOP/s"] {
      #expect(result.output.contains("\n\(word)  "), "\(word)")
    }
  }
}
