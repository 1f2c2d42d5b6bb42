/// A Python definition that a generated module contains if it uses the definition.
struct PyTorchHelper: Sendable {
  /// The name that code calls.
  ///
  /// No name is part of another one, so finding the name in code is a use.
  let name: String
  /// The definition.
  let text: String

  init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }
}
