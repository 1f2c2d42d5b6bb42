#if CommandLine
  import Recur
  import RecurTensors

  /// The command as the user gave it, for the fixes that diagnostics name.
  struct RunCommandLine {
    let model: String
    let inputs: [String]

    /// The command with more options.
    func text(_ options: String) -> String {
      let shown = inputs.prefix(3).map { "--input \($0) " }.joined()
      return "recur run \(model) \(shown)\(inputs.count > 3 ? "… " : "")\(options)"
    }

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
          copy.fixes[index].code = "recur run \(model) \(code)"
        } else if code.hasPrefix("--") {
          copy.fixes[index].code = text(code)
        }
      }
      return copy
    }
  }
#endif
