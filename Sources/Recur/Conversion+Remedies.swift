import RecurFormats
import RecurModel
import RecurTensors

// The ways out of a conversion that is refused: only those that lead somewhere are offered.
extension Checkpoint {
  /// The error of a model that can't be written as it is.
  ///
  /// - Parameters:
  ///   - error: what the format says.
  ///   - encoding: the format.
  ///   - options: how the model was to be written.
  /// - Returns: the same error with the remedies with which the model can be written; for an error
  ///   without such a remedy, why the last obstacle stays.
  func offeringWhatWorks(
    _ error: CheckpointError, _ encoding: any ModelEncoding, _ options: EncodeOptions
  ) -> CheckpointError {
    let named = namingInputs(error) { one throws(CheckpointError) in
      _ = try encoding.encode(one, options: options)
    }
    guard encoding is any CodeWriting, !options.hasModule, model.isConnected else { return named }
    var withModule = options
    withModule.hasModule = true
    guard (try? encoding.encode(model, options: withModule)) != nil else { return named }
    return named.mapping(\.suggestingModule)
  }

  /// The same error with those lists of inputs with which the model can be written.
  private func namingInputs(
    _ error: CheckpointError, _ encode: (Model) throws(CheckpointError) -> Void
  ) -> CheckpointError {
    let isOpen = { (finding: Diagnostic) in !finding.namedInputs.isEmpty }
    guard options.inputs == nil, let question = error.diagnostics.first(where: isOpen) else {
      return error
    }
    var writable: [[String]] = []
    var problem: CheckpointError?
    for names in question.namedInputs {
      var options = options
      options.inputs = names
      do throws(CheckpointError) {
        try encode(try Checkpoint(opening: path, options: options).model)
        writable.append(names)
      } catch {
        problem = problem ?? error
      }
    }
    guard problem != nil else { return error }
    guard !writable.isEmpty else { return problem ?? error }
    var offered = question
    offered.remedies = writable.map { .nameInputs($0) }
    offered = offered.advising("\(.inputs(writable[0]))")
    return CheckpointError(findings: [offered]) ?? error
  }
}

extension Diagnostic {
  /// The lists of inputs that the remedies name.
  fileprivate var namedInputs: [[String]] {
    remedies.compactMap { remedy in
      if case .nameInputs(let names) = remedy { names } else { nil }
    }
  }

  /// The same finding; if it has no remedy yet, its remedy is to write a module with the weights.
  fileprivate var suggestingModule: Diagnostic {
    guard code == .modelUnrepresentable, severity == .error, remedies.isEmpty else { return self }
    var copy = self
    copy.hint = nil
    copy.remedies = [.writeModule]
    copy.notes.append("the generated module computes it")
    return copy
  }
}
