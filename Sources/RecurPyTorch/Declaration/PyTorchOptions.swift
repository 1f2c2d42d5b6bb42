import RecurContainers
import RecurTensors

/// The options of one declared module, each read by its name in torch's constructor.
///
/// An option that nobody reads could change the numbers, so it is reported as unknown.
struct PyTorchOptions {
  let layer: PyTorchDeclaration.DeclaredModule
  private(set) var findings: [Diagnostic] = []
  private var known: Set<Name> = []

  init(_ layer: PyTorchDeclaration.DeclaredModule) { self.layer = layer }

  /// A whole number, or `otherwise` if the option is missing.
  mutating func integer(_ name: String) -> Int? {
    guard let value = value(name) else { return nil }
    guard let integer = value.integer else {
      wrong(name, value, "a whole number")
      return nil
    }
    return integer
  }

  /// A whole number, which may also be a tuple of one as torch.nn.Conv1d allows.
  mutating func size(_ name: String) -> Int? {
    guard let value = value(name) else { return nil }
    let single = value.array.map { $0.count == 1 ? $0[0] : .null } ?? value
    guard let integer = single.integer else {
      wrong(name, value, "a whole number")
      return nil
    }
    return integer
  }

  /// One whole number per axis: a list, or one number for all of them.
  mutating func sizes(_ name: String, _ axes: Int) -> [Int]? {
    guard let value = value(name) else { return nil }
    let numbers =
      value.integer.map { [Int](repeating: $0, count: axes) }
      ?? value.array?.compactMap(\.integer) ?? []
    guard numbers.count == axes, value.array.map({ $0.count == axes }) ?? true else {
      wrong(name, value, axes == 1 ? "a whole number" : "a whole number, or \(axes) of them")
      return nil
    }
    return numbers
  }

  /// The same, where torch keeps whole numbers as floating-point ones.
  mutating func wholeNumbers(_ name: String, _ axes: Int) -> [Int]? {
    guard let value = value(name) else { return nil }
    let numbers =
      value.double.map { [Double](repeating: $0, count: axes) }
      ?? value.array?.compactMap(\.double) ?? []
    guard numbers.count == axes, numbers.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e9 }) else {
      return nil
    }
    return numbers.map { Int($0) }
  }

  /// Numbers of padded positions per axis, zeros when none are given.
  mutating func amounts(_ name: String, _ axes: Int) -> [Int] {
    let amounts = sizes(name, axes) ?? [Int](repeating: 0, count: axes)
    guard amounts.allSatisfy({ $0 >= 0 && $0 <= 1 << 20 }) else {
      refuse(name, "it is out of range")
      return amounts.map { _ in 0 }
    }
    return amounts
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

  /// Whether a switch is declared as false; the option does not count as read.
  func isFalse(_ name: String) -> Bool { layer.options[name]?.bool == false }

  /// One of several words; the first word if the option is missing.
  mutating func word(_ name: String, _ words: [String]) -> String {
    guard let value = value(name) else { return words[0] }
    guard let word = value.string, words.contains(word) else {
      wrong(name, value, "one of " + words.map { "\"\($0)\"" }.joined(separator: ", "))
      return words[0]
    }
    return word
  }

  /// The value of an option; null counts as missing.
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

  /// An error about a declared value that contradicts the tensors.
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

  /// All findings, with one for each option that was not read.
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
