package import RecurTensors

// What readers and writers of several formats find.
extension Diagnostic.Code {
  package static let fileOptionUnused = Self(rawValue: "file.option-unused")
  package static let modelUnrepresentable = Self(rawValue: "model.unrepresentable")
  package static let tensorMissing = Self(rawValue: "tensor.missing")
  package static let tensorUnused = Self(rawValue: "tensor.unused")
  package static let tensorDtypeUnsupported = Self(rawValue: "tensor.dtype-unsupported")
}
