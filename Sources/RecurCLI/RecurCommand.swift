#if CommandLine
  import ArgumentParser

  @main
  struct RecurCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "recur",
      abstract: "Opens, checks, runs and converts LSTM, GRU and RNN checkpoints.",
      discussion: """
        EXAMPLES
          What is in the file?
            recur inspect model.h5
          Which shapes does every layer put out?
            recur summary model.h5 --input-shape 1,10,3
          Does it compute what its framework recorded?
            recur validate model.h5 --golden golden.npz
          It does not: why?
            recur diagnose model.h5 --golden golden.npz
          Record what it computes, to prove conversions later:
            recur golden record model.h5 -o golden.npz
          A page with pictures of all of that:
            recur report model.h5 --golden golden.npz -o report.html
          Do all models of a folder hold? For people, or for a workflow:
            recur validate models
            recur validate models --format github --report junit=report.xml
          Write the weights for PyTorch, and the code that runs them:
            recur convert model.h5 model.pt --module model.py
          Run it:
            recur run model.h5 --input x.npy -o y.npz
          How fast does it run here?
            recur bench model.h5 --batch 32 --threads 2
          What does a diagnostic mean?
            recur explain verify.mismatch

        EXIT STATUS
          0   it holds
          1   the file was read, and something does not hold
          2   a file can't be read, understood or written
          64  wrong usage
          70  a bug in recur
        """,
      version: ToolVersion.text,
      subcommands: [
        InspectCommand.self, SummaryCommand.self, ValidateCommand.self, ConvertCommand.self,
        RunCommand.self, BenchCommand.self, CompareCommand.self, DiagnoseCommand.self,
        GoldenCommand.self, ReportCommand.self,
        FormatsCommand.self, ExplainCommand.self,
      ])

    static func main() {
      Signals.prepare()
      do {
        var command = try parseAsRoot(
          NegativeNumbers.joined(Array(CommandLine.arguments.dropFirst())))
        try command.run()
      } catch {
        UsageReport.print(error)
        exit(withError: error)
      }
    }
  }
#else
  @main
  struct RecurCommand {
    static func main() {
      print("recur was built without the package trait CommandLine")
    }
  }
#endif
