import RecurContainers
import RecurTensors

/// The options of one declared module, each read by the name torch's constructor gives it.
///
/// What is not read in the end is unknown and reported: an option that nobody looks at could change
/// the numbers.
struct PyTorchOptions {
  let layer: PyTorchDeclaration.Layer
  private(set) var findings: [Diagnostic] = []
  private var known: Set<Name> = []

  init(_ layer: PyTorchDeclaration.Layer) { self.layer = layer }

  /// A whole number, or `otherwise` when it is not given.
  mutating func integer(_ name: String) -> Int? {
    guard let value = value(name) else { return nil }
    guard let integer = value.integer else {
      wrong(name, value, "a whole number")
      return nil
    }
    return integer
  }

  /// A whole number, which torch.nn.Conv1d also takes as a tuple of one.
  mutating func size(_ name: String) -> Int? {
    guard let value = value(name) else { return nil }
    let single = value.array.map { $0.count == 1 ? $0[0] : .null } ?? value
    guard let integer = single.integer else {
      wrong(name, value, "a whole number")
      return nil
    }
    return integer
  }

  mutating func number(_ name: String, _ otherwise: Double) -> Double {
    guard let value = value(name) else { return otherwise }
    guard let number = value.double, number.isFinite else {
      wrong(name, value, "a finite number")
      return otherwise
    }
    return number
  }

  mutating func bool(_ name: String) -> Bool? {
    guard let value = value(name) else { return nil }
    guard let bool = value.bool else {
      wrong(name, value, "true or false")
      return nil
    }
    return bool
  }

  /// Whether a switch is declared off; reading it is left to whom it belongs.
  func isFalse(_ name: String) -> Bool { layer.options[name]?.bool == false }

  /// One of several words, or the first of them when none is given.
  mutating func word(_ name: String, _ words: [String]) -> String {
    guard let value = value(name) else { return words[0] }
    guard let word = value.string, words.contains(word) else {
      wrong(name, value, "one of " + words.map { "\"\($0)\"" }.joined(separator: ", "))
      return words[0]
    }
    return word
  }

  /// The option as it stands; null is the same as nothing.
  mutating func value(_ name: String) -> JSONValue? {
    known.insert(Name(name))
    guard let value = layer.options[name], !value.isNull else { return nil }
    return value
  }

  /// Options that change training, placement or memory, and no number at inference.
  mutating func ignore(_ names: String...) { ignore(names) }
  mutating func ignore(_ names: [String]) { known.formUnion(names.map { Name($0) }) }

  /// Refuses a value that is not supported.
  mutating func refuse(_ name: String, _ reason: String) {
    findings.append(
      Diagnostic(
        .pytorchOptionUnsupported, .error,
        "\(layer.type)\(named) has \"\(name)\": \(layer.options[name]?.text ?? ""), which is not "
          + "supported: \(reason)", at: layer.location))
  }

  /// A declared value that the tensors speak against.
  mutating func disagrees(
    _ name: String, declared: String, implied: String, isDefault: Bool, tensor: Diagnostic.Location
  ) {
    findings.append(
      Diagnostic(
        .pytorchOptionDisagrees, .error,
        "\(layer.type)\(named) "
          + (isDefault
            ? "has \"\(name)\" \(declared) unless declared otherwise"
            : "is declared with \"\(name)\" \(declared)")
          + "; the tensors say \(implied)", at: tensor,
        expected: "\(name) \(declared)", found: "\(name) \(implied)",
        hint: "declare \"\(name)\": \(implied), or take the file that belongs to the declaration"))
  }

  /// Every finding, with one for each option that was never read.
  func finished() -> [Diagnostic] {
    let names = known.map(\.text).sorted()
    return findings
      + layer.options.names.filter { !known.contains(Name($0)) }.map { name in
        Diagnostic(
          .pytorchOptionUnsupported, .error,
          "\(layer.type)\(named) has \"\(name)\": \(layer.options[name]?.text ?? ""), which is "
            + "unknown", at: layer.location,
          hint: suggestion(for: name, among: names).map { "did you mean \"\($0)\"?" }
            ?? "known options: \(names.joined(separator: ", "))")
      }
  }

  private var named: String { layer.key.map { $0.isEmpty ? "" : " '\($0)'" } ?? "" }

  private mutating func wrong(_ name: String, _ value: JSONValue, _ expected: String) {
    findings.append(
      Diagnostic(
        .pytorchOptionUnsupported, .error,
        "\(layer.type)\(named) has \"\(name)\": \(value.text), which is not \(expected)",
        at: layer.location))
  }
}

extension Diagnostic.Code {
  static let pytorchOptionUnsupported = Self(rawValue: "pytorch.option.unsupported")
  static let pytorchOptionDisagrees = Self(rawValue: "pytorch.option.disagrees")
}
