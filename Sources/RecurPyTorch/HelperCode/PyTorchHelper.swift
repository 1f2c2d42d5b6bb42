/// A Python definition that a generated module carries with it when it uses it.
struct PyTorchHelper: Sendable {
  /// What code calls; no name is part of another one, so that a name found in code is a use.
  let name: String
  /// The definition.
  let text: String

  init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }
}
