#if CommandLine
  import RecurTensors

  /// The command as the user gave it, for the fixes of findings.
  struct RunCommandLine {
    let model: String
    let inputs: [String]
    /// The user's options for opening the model: `--architecture lstm.json`.
    var source: [String] = []
    /// The user's other options, each with its value: `--pad post`.
    var options: [String] = []

    /// The command with more options; a new option replaces one of the same name.
    func text(_ added: String) -> String {
      let shown =
        inputs.prefix(3).map { "--input \(shellPath($0))" } + (inputs.count > 3 ? ["…"] : [])
      let names = Set(added.split(separator: " ").filter { $0.hasPrefix("--") })
      let kept = options.filter { !names.contains($0.prefix { $0 != " " }) }
      return (start + shown + kept + [added]).joined(separator: " ")
    }

    private var start: [String] { ["recur run", shellPath(model)] + source }

    /// The whole command with the options of a remedy; a new `--input` replaces all inputs and
    /// options.
    func completed(_ code: String) -> String {
      code.hasPrefix("--input ") ? (start + [code]).joined(separator: " ") : text(code)
    }
  }
#endif
