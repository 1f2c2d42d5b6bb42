import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// The modules behind the last recurrent one, which read some timestep or state of it.
struct PyTorchHead {
  /// The name of the recurrent module.
  let recurrent: String
  /// The name of the first module that reads it.
  let reader: String
  /// Whether the recurrent module reads from both ends.
  let isBidirectional: Bool

  /// Finds the last recurrent module, and lets every recurrent one say what it hands on.
  ///
  /// Between two recurrent modules that is every timestep, because the second one takes a sequence.
  /// - Returns: nil where nothing reads the last recurrent module.
  init?(_ layers: inout [PyTorchDeclaration.DeclaredModule], _ readings: Readings) {
    let recurrent = layers.indices.filter {
      layers[$0].recurrentKind != nil && !layers[$0].isCell
    }
    guard let last = recurrent.last else { return nil }
    for index in recurrent where index < layers.count - 1 || readings.timesteps?.isPart == true {
      let selected = index == last ? readings.timesteps ?? .all : .all
      layers[index].select(selected)
    }
    guard let reader = layers[(last + 1)...].first(where: { !$0.isIdle }) else { return nil }
    self.recurrent = layers[last].title
    self.reader = reader.title
    isBidirectional = layers[last].options["bidirectional"]?.bool == true
  }

  /// What is assumed when nothing is said, in words.
  var assumption: String { "'\(recurrent)' hands on every timestep (select \"output\")" }

  /// The question, with those answers of which a model can be made.
  func open(_ answers: [Readings.Timesteps]) -> OpenReading {
    let states: [Readings.Timesteps] = isBidirectional ? [.hidden] : []
    return OpenReading(
      "which timestep or state '\(reader)' reads of '\(recurrent)'",
      answers: (answers + states).map { Readings(timesteps: $0) })
  }
}

extension Readings.Timesteps {
  /// Whether it is less than the whole sequence.
  var isPart: Bool { self != .all }

  /// The value of the option `select`.
  var selected: PyTorchRecurrentModule.Selected {
    switch self {
    case .all: .output
    case .last: .last
    case .first: .first
    case .mean: .mean
    case .hidden: .hidden
    case .cell: .cell
    }
  }
}

extension Readings {
  /// How torch writes the answer.
  var batchFirstText: String { isBatchFirst == false ? "False" : "True" }
}

extension PyTorchDeclaration.DeclaredModule {
  /// Whether it computes nothing at inference.
  var isIdle: Bool {
    typeName == "nn.Identity" || typeName.hasPrefix("nn.") && typeName.hasSuffix("Dropout")
      || typeName.hasPrefix("nn.Dropout")
  }

  /// Says what a recurrent module hands on.
  mutating func select(_ timesteps: Readings.Timesteps) {
    _ = options.append("select", .string(timesteps.selected.rawValue))
  }

  /// Says whether a recurrent module has the batch first, where nothing does.
  ///
  /// - Returns: the question; nil when there is none.
  mutating func answerBatchFirst(_ readings: Readings) -> OpenReading? {
    guard recurrentKind != nil, !isCell, options["batch_first"] == nil else { return nil }
    _ = options.append("batch_first", .bool(readings.isBatchFirst ?? true))
    let answers = [true, false].map { isFirst in
      var answer = Readings()
      answer.isBatchFirst = isFirst
      return answer
    }
    return OpenReading(
      "whether '\(title)' is given the batch first", answers: answers, changesModel: false)
  }

  /// Says which function a plain recurrent module applies, where nothing does.
  ///
  /// - Returns: its name and the question; nil when there is none.
  mutating func answerNonlinearity(
    _ readings: Readings
  ) -> (word: String, reading: OpenReading)? {
    let words = recurrentKind?.nonlinearities.map(\.word) ?? []
    guard let usual = words.first, options["nonlinearity"] == nil else { return nil }
    let said = readings.nonlinearity?.rawValue
    let word = said.flatMap { words.contains($0) ? $0 : nil } ?? usual
    _ = options.append("nonlinearity", .string(word))
    return (
      word,
      OpenReading(
        "which function '\(title)' applies",
        answers: words.compactMap { Readings.Nonlinearity(rawValue: $0) }.map {
          Readings(nonlinearity: $0)
        })
    )
  }
}
