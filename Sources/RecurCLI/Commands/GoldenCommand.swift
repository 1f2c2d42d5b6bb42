#if CommandLine
  import ArgumentParser

  struct GoldenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "golden",
      abstract: "Records what a model computes, and says how much a recording proves.",
      discussion: """
        EXAMPLES
          recur golden record model.h5 -o golden.npz
          recur golden audit model.h5 golden.npz
        """,
      subcommands: [GoldenRecordCommand.self, GoldenAuditCommand.self])
  }
#endif
