#if CommandLine
  import ArgumentParser
  import Recur
  import RecurInference
  import RecurTensors

  /// What computes the forward pass.
  enum EngineChoice: String, ExpressibleByArgument, CaseIterable { case fast, reference }

  /// On what, and with how many threads.
  struct EngineOptions: ParsableArguments {
    @Option(help: "fast: packed weights in float32; reference: the equations in Double.")
    var engine = EngineChoice.fast

    @Option(
      help: ArgumentHelp(
        "The instruction set of the fast engine; the best of this processor unless told.",
        valueName: "name"), transform: EngineOptions.kernels)
    var kernels: Kernels?

    @Option(help: "The threads of the fast engine.")
    var threads = 1

    func validate() throws {
      guard (1...1024).contains(threads) else {
        throw ValidationError("--threads is \(threads); it can be 1 to 1024")
      }
      guard engine == .fast || kernels == nil && threads == 1 else {
        throw ValidationError("the reference has one thread and no kernels")
      }
    }

    /// What was chosen.
    var choice: ModelBenchmark.Engine {
      switch engine {
      case .fast: .fast(kernels ?? .best, threads: threads)
      case .reference: .reference
      }
    }

    private static func kernels(named name: String) throws -> Kernels {
      if let kernels = Kernels(named: name) { return kernels }
      let names = Kernels.available.map(\.name)
      let nearest = suggestion(for: name, among: names)
      throw ValidationError(
        "this processor has no kernels called '\(escaped(name))'; "
          + (nearest.map { "did you mean '\($0)'? " } ?? "")
          + "there are \(names.joined(separator: ", "))")
    }
  }
#endif
