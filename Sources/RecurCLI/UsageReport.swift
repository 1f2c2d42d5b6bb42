#if CommandLine
  import ArgumentParser
  import RecurTensors

  /// A report of wrong usage, in the format that the command line asks for.
  ///
  /// The text always goes to standard error. A program that reads standard output gets a report
  /// there instead of nothing.
  enum UsageReport {
    static func print(_ error: any Error) {
      guard RecurCommand.exitCode(for: error) == .validationFailure, let options else { return }
      let arguments = CommandLine.arguments.dropFirst()
      let commands = RecurCommand.configuration.subcommands.map { $0._commandName }
      let command = arguments.first { commands.contains($0) } ?? "recur"
      var report = Report(command, options)
      report.stop(
        CheckpointError(
          .usageWrong, RecurCommand.message(for: error), hint: "recur help \(command)"))
      report.status = .validationFailure
      // Standard error has the same message as text.
      try? report.print()
    }

    /// The format that the command line asks for; nil for text or a format that does not exist.
    private static var options: OutputOptions? {
      let arguments = CommandLine.arguments
      for (index, argument) in arguments.enumerated() {
        let value =
          argument == "--format"
          ? arguments.dropFirst(index + 1).first
          : argument.hasPrefix("--format=") ? String(argument.dropFirst(9)) : nil
        if let value, let format = OutputFormat(rawValue: value), format != .text {
          return try? OutputOptions.parse(["--format", format.rawValue])
        }
      }
      return nil
    }
  }

  extension Diagnostic.Code {
    static let usageWrong = Self(rawValue: "usage.wrong")
  }
#endif
