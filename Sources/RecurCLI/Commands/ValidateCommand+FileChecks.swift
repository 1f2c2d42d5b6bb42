#if CommandLine
  import Recur
  import RecurContainers
  import RecurTensors
  import RecurVerification

  /// How `validate` judges one file: by what the command line says, and what a repository says of the file.
  struct FileChecks: Sendable {
    let command: ValidateCommand
    let settings: RepositorySettings

    /// Whether recordings beside files, or in the settings, are compared.
    var comparesGoldens: Bool { command.goldens || settings.comparesGoldens }

    /// Checks one file with what belongs to it, unless one of these files changes meanwhile.
    ///
    /// - Throws: the errors that make a verdict impossible; `file.changed`.
    func run(
      _ file: String, _ report: inout Report
    ) throws(CheckpointError) -> Checkpoint {
      let start = ContinuousClock().now
      let own = settings.settings(of: file)
      report.ignore(own.ignore)
      var attempt = report
      let opening = opening(file)
      do throws(CheckpointError) {
        let checkpoint = try validation(file, opening, own, &attempt)
        record(file, opening.watch, start, &attempt)
        try opening.watch?.check()
        report = attempt
        return checkpoint
      } catch {
        do throws(CheckpointError) {
          record(file, opening.watch, start, &attempt)
          try opening.watch?.check()
          report = attempt
        } catch {
          // What was found in half a file is not true of any.
          report.member("file", .string(file))
          throw error
        }
        throw error
      }
    }

    private func validation(
      _ file: String, _ opening: OpeningOptions, _ own: RepositorySettings.FileSettings,
      _ report: inout Report
    ) throws(CheckpointError) -> Checkpoint {
      let golden = golden(file, own)
      var opening = opening
      opening.recordedInputs = golden?.recordedInputs ?? []
      let (atol, rtol) = tolerance(own)
      let checks = FileValidation(
        opening: opening, sizes: command.source.sizes,
        tolerance: atol == nil && rtol == nil ? nil : .init(absolute: atol, relative: rtol),
        skipsWeightsAlone: comparesGoldens && own.golden == nil, dtype: command.dtype,
        engine: command.engine, weights: command.weights, budget: command.budget,
        options: command.source.words + command.answers.words)
      return try checks.run(file, golden: golden, &report)
    }

    /// The tolerance of the command line, or else of the settings.
    private func tolerance(
      _ own: RepositorySettings.FileSettings
    ) -> (atol: Double?, rtol: Double?) {
      command.atol == nil && command.rtol == nil
        ? (own.atol, own.rtol) : (command.atol, command.rtol)
    }

    /// What `file` is compared with: as the command line says, as the settings say, or what stands beside it.
    private func golden(
      _ file: String, _ own: RepositorySettings.FileSettings
    ) -> GoldenSource? {
      if let given = command.recording.source { return given }
      if let path = own.golden { return .given(path) }
      guard comparesGoldens else { return nil }
      return Self.neighbour(of: file, ending: ".golden.npz").map { .archive($0) }
    }

    /// How `file` is opened.
    func opening(_ file: String) -> OpeningOptions {
      var opening = command.source.opening(answering: command.answers)
      opening.watch = InputWatch()
      guard opening.architecture == nil else { return opening }
      opening.architecture = settings.settings(of: file).architecture
      if opening.architecture == nil, command.architectures || settings.takesArchitectures {
        opening.architecture = Self.neighbour(of: file, ending: ".json")
      }
      return opening
    }

    /// The digest of everything but files that `file` is judged by: the version, options, settings.
    func digest(_ file: String) -> String {
      let own = settings.settings(of: file)
      let output = command.output
      var words = [ToolVersion.text] + command.source.words + command.answers.words + own.words
      let sizes = command.source.sizes
      words += [sizes.units, sizes.inputSize, sizes.layers].map { $0.map(String.init) ?? "" }
      words += [sizes.isBidirectional.map { "\($0)" } ?? ""]
      words += [command.engine.words, command.weights.words]
      words += output.select.map { "select \($0.text)" } + output.ignore.map { "ignore \($0.text)" }
      let baseline = output.baseline ?? settings.baseline
      words += [
        golden(file, own).map(\.words) ?? "", opening(file).architecture ?? "",
        "\(command.atol ?? -1) \(command.rtol ?? -1) \(command.budget ?? -1)",
        command.dtype?.rawValue ?? "", output.isStrict ? "strict" : "",
        output.exitsZero ? "exit zero" : "",
        baseline.map { "baseline \(SHA256.digest(ofFile: $0) ?? $0)" } ?? "",
      ]
      return String(SHA256.digest(of: words.joined(separator: "\n")).prefix(16))
    }

    /// Says what the verdict depends on, and how long it took.
    private func record(
      _ file: String, _ watch: InputWatch?, _ start: ContinuousClock.Instant,
      _ report: inout Report
    ) {
      guard command.output.wantsRecords else { return }
      func digest(_ path: String) -> JSONValue {
        SHA256.digest(ofFile: path).map { .string($0) } ?? .null
      }
      report.record("digest", digest(file))
      let inputs = (watch?.paths ?? []).filter { relativePath($0) != relativePath(file) }
      if !inputs.isEmpty {
        report.record(
          "inputs", .array(inputs.map { ["file": .string($0), "digest": digest($0)] }))
      }
      report.record("settings", .string(self.digest(file)))
      let elapsed = (ContinuousClock().now - start).components
      let microseconds = elapsed.seconds * 1_000_000 + elapsed.attoseconds / 1_000_000_000_000
      report.record("seconds", .number(Double(microseconds) / 1e6))
    }

    /// The file beside `file` that has its name up to the ending, if there is one.
    private static func neighbour(of file: String, ending: String) -> String? {
      let path = ModelName(file).path + ending
      return path != file && isFile(path) ? path : nil
    }
  }
#endif
