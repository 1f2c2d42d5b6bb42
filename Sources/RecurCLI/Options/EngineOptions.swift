#if CommandLine
  import ArgumentParser
  import RecurInference
  import RecurModel
  import RecurTensors

  /// What computes the forward pass.
  enum EngineChoice: String, ExpressibleByArgument, CaseIterable { case fast, reference }

  /// The engine, its kernels and its number of threads.
  struct EngineOptions: ParsableArguments {
    @Option(
      help: """
        fast: packed weights in float32; reference: the equations in Double, which judges. Unless told, \
        validate takes the reference, and so does every command for a model that fast can't compute; \
        else fast.
        """)
    var engine: EngineChoice?

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
      guard engine != .reference || kernels == nil && threads == 1 else {
        throw ValidationError("the reference has one thread and no kernels")
      }
    }

    /// What was chosen, as text for digests.
    var words: String { "\(engine?.rawValue ?? "") \(kernels?.name ?? "") \(threads)" }

    /// Whether any of the options was given.
    var isChosen: Bool { engine != nil || kernels != nil || threads > 1 }

    /// The engine for `model`: the one that was given, else `unchosen`, or the reference for a
    /// model that only the reference can run.
    ///
    /// A type of weights is a choice of the fast engine.
    func choice(
      for model: Model, unchosen: EngineChoice = .fast, holding options: WeightOptions? = nil
    ) -> Engine {
      let isChosen = isChosen || options?.weights != nil
      switch engine ?? (isChosen ? .fast : model.needsReference ? .reference : unchosen) {
      case .fast:
        return .fast(
          kernels ?? .best, threads: threads, weights: options?.weights?.weightType ?? .float32,
          keeping: options?.kept ?? [])
      case .reference: return .reference
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
