#if CommandLine
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

    /// Options that a remedy names as a whole command.
    func completed(_ code: String) -> String {
      code.hasPrefix("--input ") ? (start + [code]).joined(separator: " ") : text(code)
    }
  }
#endif
