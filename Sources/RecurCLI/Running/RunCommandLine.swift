#if CommandLine
  import Recur
  import RecurTensors

  /// The command as the user gave it, for the fixes that diagnostics name.
  struct RunCommandLine {
    let model: String
    let inputs: [String]
    /// What else was said about the model: `--architecture lstm.json`.
    var source: [String] = []
    /// What else was said, an option and its value each: `--pad post`.
    var options: [String] = []

    /// The command with more options, which take the place of those of the same name.
    func text(_ added: String) -> String {
      let shown = inputs.prefix(3).map { "--input \($0)" } + (inputs.count > 3 ? ["…"] : [])
      let names = Set(added.split(separator: " ").filter { $0.hasPrefix("--") })
      let kept = options.filter { !names.contains($0.prefix { $0 != " " }) }
      return (start + shown + kept + [added]).joined(separator: " ")
    }

    private var start: [String] { ["recur run", model] + source }

    /// What `body` throws, with options that a library names made whole commands.
    ///
    /// - Throws: what `body` throws.
    func completing<Result>(
      _ body: () throws(CheckpointError) -> Result
    ) throws(CheckpointError) -> Result {
      do throws(CheckpointError) {
        return try body()
      } catch {
        var error = error
        error.diagnostic = completed(error.diagnostic)
        error.others = error.others.map(completed)
        throw error
      }
    }

    private func completed(_ diagnostic: Diagnostic) -> Diagnostic {
      var copy = diagnostic
      for index in copy.fixes.indices where copy.fixes[index].place == .recur {
        let code = copy.fixes[index].code
        if code.hasPrefix("--input ") {
          copy.fixes[index].code = (start + [code]).joined(separator: " ")
        } else if code.hasPrefix("--") {
          copy.fixes[index].code = text(code)
        }
      }
      return copy
    }
  }
#endif
