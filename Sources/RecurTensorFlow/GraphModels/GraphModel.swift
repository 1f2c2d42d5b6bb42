import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// A graph of TensorFlow 1 as a model, or what keeps it from being one.
struct GraphModel {
  private let graph: GraphMessage
  private let variables: TensorTable
  /// The variables that a model should have.
  private let weights: [String]
  /// The values that the file says the model puts out; nil when it does not say it.
  private let outputs: [String]?

  init(
    _ graph: GraphMessage, variables: TensorTable, weights: [String], outputs: [String]? = nil
  ) {
    self.graph = graph
    self.variables = variables
    self.weights = weights
    self.outputs = outputs
  }

  /// The model; the second value says why there is none.
  ///
  /// - Throws: what keeps it from being a model, when outputs or values were chosen.
  func decoded(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> (model: DecodedModel?, reason: Diagnostic?) {
    do throws(CheckpointError) {
      let (model, used) = try GraphModelReader.model(
        of: graph, variables: variables, named: splitPath(probe.path).name,
        outputs: options.outputs ?? outputs, settings: options.settings, limits: options.limits)
      let unused = weights.filter { !used.contains(Name($0)) }
      var decoded = DecodedModel(
        model: model,
        diagnostics: unused.isEmpty
          ? []
          : [
            Diagnostic(
              .tensorUnused, .warning,
              "\(unused.count) variables are read by nothing that the model puts out",
              at: .init(file: probe.path, object: unused[0]),
              notes: unused.dropFirst().prefix(20).map { "'\($0)'" })
          ], convention: TensorFlowConvention())
      decoded.coverage.tensorCount = weights.count
      return (decoded, nil)
    } catch {
      guard options.outputs == nil, options.settings.isEmpty else { throw error }
      guard let first = error.diagnostics.first else { return (nil, nil) }
      return (
        nil,
        Diagnostic(
          .tensorFlowUnsupported, .warning,
          "the graph is not read as a model, so its cells are listed: \(first.message)",
          at: first.location, hint: first.hint
        ).advising("\(.outputs()) chooses what the graph puts out")
      )
    }
  }
}
