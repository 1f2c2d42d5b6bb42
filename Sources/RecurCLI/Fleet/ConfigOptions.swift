#if CommandLine
  import ArgumentParser
  import RecurTensors

  /// The file in which a repository says once how its checkpoints are judged.
  struct ConfigOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The file of settings; recur.toml of the current folder is one unless told.",
        valueName: "file"), completion: .file(extensions: ["toml"]))
    var config: String?

    @Flag(name: .customLong("no-config"), help: "Use no file of settings.")
    var usesNone = false

    func validate() throws {
      guard config == nil || !usesNone else {
        throw ValidationError("--config names a file of settings: leave out --no-config")
      }
    }

    /// The settings; none without a file.
    ///
    /// - Throws: `file.unreadable`, `toml.syntax`, `config.invalid`.
    func settings() throws(CheckpointError) -> RepositorySettings {
      let usual = "recur.toml"
      guard !usesNone, config != nil || isFile(usual) else { return RepositorySettings() }
      return try RepositorySettings(reading: config ?? usual)
    }
  }
#endif
