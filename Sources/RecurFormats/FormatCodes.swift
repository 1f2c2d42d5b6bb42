package import RecurTensors

// Codes that readers and writers of several formats report.
extension Diagnostic.Code {
  package static let fileOptionUnused = Self(rawValue: "file.option-unused")
  package static let architectureAssumed = Self(rawValue: "pytorch.architecture.assumed")
  package static let modelUnrepresentable = Self(rawValue: "model.unrepresentable")
  package static let tensorMissing = Self(rawValue: "tensor.missing")
  package static let tensorUnused = Self(rawValue: "tensor.unused")
  package static let tensorDtypeUnsupported = Self(rawValue: "tensor.dtype-unsupported")
}

extension CheckpointError {
  /// An error about an option that has no meaning for files of `format`.
  package static func unusedOption(
    _ option: Diagnostic.Term, _ format: any ModelFormat, file: String
  ) -> CheckpointError {
    CheckpointError(
      Diagnostic(.fileOptionUnused, .error, "", at: .init(file: file), hint: "leave it out")
        .saying("\(option) says nothing about \(format.title)"))
  }
}
