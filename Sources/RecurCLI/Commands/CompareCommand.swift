#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors
  import RecurVerification

  struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compare",
      abstract: "Says how the weights of two models relate.",
      discussion: """
        Any two files that can be opened, of one format or two. The answer is one of: equal; equal up \
        to bias split (the two biases of recurrent cells give the same sums); other training (the \
        same layers, shapes and options, other numbers); other model (and what differs).

        EXAMPLES
          recur compare --weights model.h5 model.keras
          recur compare --weights model.h5 model.pt --architecture-b model.h5
          recur compare --weights old.h5 new.h5 --atol 1e-6 --format json

        EXIT STATUS
          0  equal, or equal up to bias split
          1  other training, or other model
          2  a file can't be read
        """)

    @Flag(help: "Compare the weights; needed, because other comparisons may come.")
    var weights = false

    @Argument(help: "The first model.", completion: .file())
    var first: String

    @Argument(help: "The second model.", completion: .file())
    var second: String

    @Option(
      help: "A file whose architecture holds for the first model, for a file of weights only.",
      completion: .file())
    var architecture: String?

    @Option(help: "The same for the second model.", completion: .file())
    var architectureB: String?

    @Option(help: "The state dict to take from the first file, when it holds several: model.ema.")
    var key: String?

    @Option(help: "The same for the second file.")
    var keyB: String?

    @Flag(
      name: .customLong("fold-weight-norm"),
      help: "Multiply out weights of weight_norm in the first file.")
    var foldsWeightNorm = false

    @Flag(name: .customLong("fold-weight-norm-b"), help: "The same in the second file.")
    var foldsWeightNormB = false

    @Option(help: "How far two numbers may be from each other and count as equal.")
    var atol = 0.0

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard weights else { throw ValidationError("say what to compare: --weights") }
      guard atol >= 0, atol.isFinite else {
        throw ValidationError("--atol must be a finite number that is not negative")
      }
    }

    func run() throws {
      try Report.run("compare", output) { report throws(CheckpointError) in
        let one = try Checkpoint(
          opening: first,
          options: OpeningOptions(
            architecture: architecture, key: key, foldsWeightNorm: foldsWeightNorm))
        let other = try Checkpoint(
          opening: second,
          options: OpeningOptions(
            architecture: architectureB, key: keyB, foldsWeightNorm: foldsWeightNormB))
        // Notes say how a file became a model, which matters little for a comparison of weights.
        report.add((one.diagnostics + other.diagnostics).filter { $0.severity != .note })
        let comparison = one.compareWeights(with: other, tolerance: atol)
        if !comparison.isEqual { report.status = ExitStatus.doesNotHold }
        var table = Table()
        for row in comparison.rows {
          let isRenamed = Name(row.layer) != Name(row.otherLayer)
          table.add(
            escaped(row.layer) + (isRenamed ? " / " + escaped(row.otherLayer) : ""), row.role,
            shapeText(row.shape)
              + (row.shape == row.otherShape ? "" : " / \(shapeText(row.otherShape))"),
            row.largestDifference.map { "max |diff| \(scientific($0))" } ?? "",
            row.cosine.map { "cosine \(rounded($0))" } ?? "", word(row.relation))
        }
        table.lines.forEach { report.line($0) }
        for difference in comparison.differences { report.line(escaped(difference)) }
        for note in comparison.notes { report.line("note: " + escaped(note)) }
        report.member("first", .string(first))
        report.member("second", .string(second))
        report.member("weights", .array(comparison.rows.map(json)))
        report.member("differences", .array(comparison.differences.map { .string($0) }))
        report.member("notes", .array(comparison.notes.map { .string($0) }))
        try report.print(verdict: verdict(comparison))
      }
    }

    /// The verdict; in text with the number of weights that were compared.
    private func verdict(_ comparison: WeightComparison) -> String {
      let verdict = comparison.verdict.rawValue
      guard output.format == .text else { return verdict }
      let differing = comparison.rows.filter { row in
        row.relation == .different || row.relation == .otherShape
      }
      return differing.isEmpty
        ? "\(verdict): \(count(comparison.rows.count, "weight")) compared"
        : "\(verdict): \(differing.count) of \(count(comparison.rows.count, "weight")) differ"
    }

    private func word(_ relation: WeightComparison.Relation) -> String {
      switch relation {
      case .equal: "equal"
      case .equalSums: "equal sums"
      case .different: "DIFFERENT"
      case .otherShape: "OTHER SHAPE"
      }
    }

    /// Three digits after the point, rounded towards zero, so that only equal directions show 1.
    private func rounded(_ cosine: Double) -> String {
      let thousandths = Int((cosine.magnitude * 1000).rounded(.towardZero))
      let digits = String(thousandths % 1000)
      let sign = cosine < 0 && thousandths > 0 ? "-" : ""
      return "\(sign)\(thousandths / 1000)."
        + String(repeating: "0", count: 3 - digits.count) + digits
    }

    private func json(_ row: WeightComparison.Row) -> JSONValue {
      [
        "layer": .string(row.layer), "other_layer": .string(row.otherLayer),
        "role": .string(row.role), "shape": .array(row.shape.map { .integer($0) }),
        "other_shape": .array(row.otherShape.map { .integer($0) }),
        "max_difference": row.largestDifference.map { .number($0) } ?? .null,
        "cosine": row.cosine.map { .number($0) } ?? .null,
        "relation": .string(row.relation.rawValue),
      ]
    }
  }
#endif
