package import RecurModel

/// Which arrays of an archive are inputs and which are outputs, told by names that can mean one
/// thing only.
///
/// Every array has to be one or the other, unless the names are `in_0, …` and `out_0, …`.
package struct GoldenNames {
  /// The names of the inputs, in call order.
  package let inputs: [String]
  /// The names of the outputs, in call order.
  package let outputs: [String]
  /// Which outputs of the model these are; nil for the first ones.
  package var positions: [Int]?

  private static let inputWords: Set<String> = ["in", "input", "inputs", "x", "X"]
  private static let outputWords: Set<String> = [
    "out", "output", "outputs", "y", "Y", "pred", "preds", "prediction", "predictions", "y_pred",
    "y_hat",
  ]

  /// Tells the arrays called `names`, which were recorded of `model` if that is known.
  package init?(_ names: [String], of model: Model?) {
    let found =
      Self(plain: names, of: model) ?? Self(withStates: names, of: model)
      ?? model.flatMap { Self(prefixed: names, of: $0) }
    guard let found else { return nil }
    self = found
  }

  private init(_ inputs: [String], _ outputs: [String], _ positions: [Int]? = nil) {
    (self.inputs, self.outputs, self.positions) = (inputs, outputs, positions)
  }

  private init?(plain names: [String], of model: Model?) {
    if let model, let found = Self.inOrder(names, model) {
      (inputs, outputs) = found
      return
    }
    let own = model.flatMap { Self.ownInputs(of: $0, in: names) }
    guard let inputs = own ?? Self.numbered(names.filter { Self.isNumbered($0, Self.inputWords) })
    else { return nil }
    let rest = names.filter { !inputs.contains($0) }
    if let model, let own = Self.ownOutputs(of: model, in: rest) {
      (self.inputs, outputs) = (inputs, own)
      return
    }
    guard rest.allSatisfy({ Self.isNumbered($0, Self.outputWords) }),
      let outputs = Self.numbered(rest)
    else { return nil }
    (self.inputs, self.outputs) = (inputs, outputs)
  }

  /// A sequence and what becomes of it, with states that are named as torch names them: `h0` and `c0`
  /// behind the sequence, `hn` and `cn` behind the output, or in its place.
  private init?(withStates names: [String], of model: Model?) {
    func states(_ end: String) -> [String?] {
      ["h", "c"].map { state in
        names.first { $0 == state + end || $0 == "\(state)_\(end)" }
      }
    }
    let (given, final) = (states("0"), states("n"))
    let (initial, last) = (given.compactMap { $0 }, final.compactMap { $0 })
    let rest = names.filter { !initial.contains($0) && !last.contains($0) }
    guard !(initial + last).isEmpty, initial.isEmpty || given[0] != nil else { return nil }
    let inputs = Self.numbered(rest.filter { Self.isNumbered($0, Self.inputWords) })
    let others = rest.filter { !(inputs ?? []).contains($0) }
    guard let inputs, inputs.count == 1, others.count < 2, !(others + last).isEmpty,
      others.allSatisfy({ Self.isNumbered($0, Self.outputWords) })
    else { return nil }
    var positions = others.indices.map { $0 } + [0, 1].filter { final[$0] != nil }.map { $0 + 1 }
    // What puts out one state only puts out that one.
    if model?.outputs.count == 1, others.isEmpty, last.count == 1 { positions = [0] }
    guard positions.allSatisfy({ $0 < model?.outputs.count ?? .max }) else { return nil }
    let isFirst = positions == Array(positions.indices)
    self.init(inputs + initial, others + last, isFirst ? nil : positions)
  }

  /// The model's own names behind a word for inputs or outputs: `x_price`, `y_rise`.
  private init?(prefixed names: [String], of model: Model) {
    func own(_ wanted: [String], _ words: Set<String>) -> [String] {
      wanted.compactMap { name in
        names.first { given in words.contains { word in given == "\(word)_\(name)" } }
      }
    }
    let outputNames = model.outputs.map(\.node)
    let inputs = [model.inputs, model.requiredInputs].map { own($0, Self.inputWords) }
    let outputs = own(outputNames, Self.outputWords)
    guard Set(outputNames).count == outputNames.count,
      let given = inputs.first(where: { Set($0 + outputs) == Set(names) }),
      given.count + outputs.count == names.count, !given.isEmpty, !outputs.isEmpty,
      [model.inputs.count, model.requiredInputs.count].contains(given.count)
    else { return nil }
    let positions = outputNames.indices.filter { index in
      outputs.contains { $0.hasSuffix("_\(outputNames[index])") }
    }
    let isFirst = positions == Array(positions.indices)
    self.init(given, outputs, isFirst || positions.count != outputs.count ? nil : positions)
  }

  /// Arrays without names, `arr_0, arr_1, …`: inputs and outputs in the order of a call.
  private static func inOrder(_ names: [String], _ model: Model) -> ([String], [String])? {
    guard let all = numbered(names), all.first == "arr_0",
      names.allSatisfy({ isNumbered($0, ["arr"]) })
    else { return nil }
    let counts = Set([model.inputs.count, model.requiredInputs.count]).filter {
      1...max(model.outputs.count, 1) ~= all.count - $0
    }
    // Inputs that may be left out can make it either.
    guard counts.count == 1, let count = counts.first else { return nil }
    return (Array(all.prefix(count)), Array(all.dropFirst(count)))
  }

  /// The names of the model's inputs, if all of them are there, or all that are required and no other.
  private static func ownInputs(of model: Model, in names: [String]) -> [String]? {
    let given = model.inputs.filter(names.contains)
    guard !given.isEmpty, given == model.inputs || given == model.requiredInputs else {
      return nil
    }
    return given
  }

  /// The names of the model's first outputs, if nothing else is there.
  private static func ownOutputs(of model: Model, in names: [String]) -> [String]? {
    let own = model.outputs.filter { $0.output == 0 }.map(\.node)
    guard !names.isEmpty, own.count == model.outputs.count, names.count <= own.count,
      names.allSatisfy(own.prefix(names.count).contains)
    else { return nil }
    return Array(own.prefix(names.count))
  }

  private static func isNumbered(_ name: String, _ words: Set<String>) -> Bool {
    words.contains(parts(name).word)
  }

  /// The names in the order of their numbers, if they are one word with numbers from 0 or 1 on, or
  /// one name.
  private static func numbered(_ names: [String]) -> [String]? {
    let found = names.map { name in
      let (word, number) = parts(name)
      return (name: name, word: word, number: number)
    }.sorted { ($0.number ?? -1) < ($1.number ?? -1) }
    guard let first = found.first, Set(found.map(\.word)).count == 1 else { return nil }
    if found.count == 1, first.number ?? 0 < 2 { return names }
    let numbers = found.map { $0.number ?? -1 }
    let start = numbers[0]
    guard start == 0 || start == 1, numbers == Array(start..<start + numbers.count) else {
      return nil
    }
    return found.map(\.name)
  }

  /// A word and the number behind it: `x_0` and `x0` are `x` and 0.
  private static func parts(_ name: String) -> (word: String, number: Int?) {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
    guard digits > 0, digits < name.count, let number = Int(name.suffix(digits)) else {
      return (name, nil)
    }
    let word = name.dropLast(digits)
    return (String(word.last == "_" ? word.dropLast() : word), number)
  }
}
