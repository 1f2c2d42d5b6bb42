import RecurContainers
import RecurFormats
import RecurTensors

extension Readings {
  /// What was answered, in words.
  var answersInWords: [String] {
    var words: [String] = []
    if let timesteps {
      words.append("select \"\(timesteps.selected.rawValue)\"")
    }
    if let nonlinearity { words.append("nonlinearity \"\(nonlinearity.rawValue)\"") }
    if let between {
      words.append("between modules " + between.map(\.rawValue).joined(separator: ", "))
    }
    if let order { words.append("order " + order.joined(separator: ", ")) }
    return words
  }
}

extension PyTorchDeclaration {
  /// The declaration with answers to what it leaves open.
  ///
  /// - Throws: `pytorch.option.disagrees` where it says something else, `file.option-unused` for an
  ///   answer that it has no place for.
  func answering(_ readings: Readings) throws(CheckpointError) -> PyTorchDeclaration {
    guard !readings.isEmpty else { return self }
    var copy = self
    var findings: [Diagnostic] = []
    func set(_ index: Int, _ option: String, _ word: String) {
      let said = copy.layers[index].options[option]
      if said == nil || said?.isNull == true {
        copy.layers[index].options.set(option, .string(word))
      } else if said?.string != word {
        findings.append(
          Diagnostic(
            .pytorchOptionDisagrees, .error, "", at: copy.layers[index].location,
            expected: "\(option) \"\(word)\"", found: "\(option) \(said?.text ?? "")",
            hint: "leave out one of the two"
          ).saying(
            "'\(copy.layers[index].title)' is declared with \"\(option)\": \(said?.text ?? ""), and "
              + "\(.readings(readings)) says otherwise"))
      }
    }
    func unused(_ readings: Readings, _ reason: String) {
      findings.append(
        Diagnostic(
          .fileOptionUnused, .error, "", at: copy.layers[0].location, hint: "leave it out"
        ).saying("\(.readings(readings)) says nothing about the declaration: \(reason)"))
    }
    if let timesteps = readings.timesteps {
      if let index = layers.lastIndex(where: { $0.recurrentKind != nil && !$0.isCell }) {
        // A module by itself puts out every timestep and its states.
        if timesteps == .all, layers.count == 1, layers[0].options["select"] == nil { return self }
        set(index, "select", timesteps.selected.rawValue)
      } else {
        unused(Readings(timesteps: timesteps), "no module puts out timesteps")
      }
    }
    if let nonlinearity = readings.nonlinearity {
      let indices = layers.indices.filter {
        layers[$0].recurrentKind?.nonlinearities.isEmpty == false
      }
      for index in indices { set(index, "nonlinearity", nonlinearity.rawValue) }
      if indices.isEmpty { unused(Readings(nonlinearity: nonlinearity), "no module has a choice") }
    }
    if let between = readings.between {
      let places = copy.layers.indices.filter { copy.layers[$0].isOpen }
      if places.isEmpty || between.count > 1 && between.count != places.count {
        unused(
          Readings(between: between),
          places.isEmpty
            ? "it has no module whose type is null"
            : "it has \(places.count) modules whose type is null")
      } else {
        let functions = between.count == 1 ? places.map { _ in between[0] } : between
        for (place, function) in zip(places, functions).reversed() {
          let module = PyTorchDeclaration.DeclaredModule(function)
          copy.layers.replaceSubrange(place...place, with: module.map { [$0] } ?? [])
        }
      }
    }
    if let order = readings.order { unused(Readings(order: order), "it has an order") }
    if let error = CheckpointError(findings: findings) { throw error }
    return copy
  }
}
