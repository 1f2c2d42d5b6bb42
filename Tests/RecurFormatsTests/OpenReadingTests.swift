import Foundation
import Recur
import RecurTensors
import RecurTestSupport
import Testing

/// What weights leave open is never assumed where a model is written that computes it.
@Suite("Open readings")
struct OpenReadingTests {
  /// A state dict and how it was called when it was recorded.
  struct Case: CustomTestStringConvertible {
    let name: String
    let readings: Readings

    init(_ name: String, _ readings: Readings) {
      self.name = name
      self.readings = readings
    }

    var testDescription: String { name }
    var file: String { TestData.path("readings/\(name).safetensors") }
    var golden: String { TestData.path("readings/\(name).golden.npz") }
  }

  static let heads = [
    Case("last_timestep", Readings(timesteps: .last)),
    Case("every_timestep", Readings(timesteps: .all)),
    Case("final_state", Readings(timesteps: .hidden)),
    Case("mean_of_timesteps", Readings(timesteps: .mean)),
    Case("final_cell_state", Readings(timesteps: .cell)),
    Case("last_of_both", Readings(timesteps: .last)),
    Case("states_of_both", Readings(timesteps: .hidden)),
    Case("rnn_of_relu", Readings(timesteps: .last, nonlinearity: .relu)),
    Case("same_widths", Readings(timesteps: .last, order: ["rnn", "norm", "fc"])),
    Case("numbered_head", Readings(timesteps: .last, between: [.relu])),
    Case("two_linears", Readings(timesteps: .last, between: [.relu])),
    Case("dropout_first", Readings(timesteps: .last, between: [.none, .relu])),
  ]

  private func path(_ name: String, in folder: URL) -> String {
    folder.appending(path: name).path(percentEncoded: false)
  }

  @Test(
    "a model is not written before they are answered, and then it computes what was recorded",
    arguments: heads)
  func answered(_ one: Case) throws {
    let open = try Checkpoint(opening: one.file)
    #expect(!open.openReadings.filter(\.changesModel).isEmpty)
    #expect(open.basis.title == "as assumed")
    try TestData.withFolder { folder in
      let refused = expectDiagnostic("model.reading-open") {
        try open.convert(to: path("m.keras", in: folder))
      }
      let answers = refused?.remedies.compactMap { remedy in
        if case .answer(let readings) = remedy { readings } else { nil }
      }
      #expect(answers?.isEmpty == false)
      #expect(refused?.remedies.last == .declareModel)
      _ = expectDiagnostic("model.reading-open") {
        try open.convert(to: path("m.pt", in: folder), module: path("m.py", in: folder))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      // Every answer that is offered is one that can be given.
      for answer in answers ?? [] {
        let checkpoint = try Checkpoint(
          opening: one.file, options: OpeningOptions(readings: answer))
        _ = try checkpoint.convert(to: path("m.keras", in: folder), overwriting: true)
      }
      let told = try Checkpoint(
        opening: one.file, options: OpeningOptions(readings: one.readings))
      #expect(told.openReadings.allSatisfy { !$0.changesModel })
      #expect(told.basis.declared.isEmpty == false)
      #expect(try told.verify(golden: one.golden).matches)
      _ = try told.convert(to: path("m.keras", in: folder), overwriting: true)
      let written = try Checkpoint(opening: path("m.keras", in: folder))
      #expect(try written.verify(golden: one.golden).matches)
    }
  }

  @Test("a recording decides, and what was chosen is said", arguments: heads)
  func decided(_ one: Case) throws {
    let decided = try Checkpoint(opening: one.file).decided(by: one.golden)
    #expect(decided.openReadings.isEmpty)
    #expect(decided.basis.title == "as recorded")
    #expect(decided.basis.recorded.count > 1)
    #expect(!decided.diagnostics.contains { $0.severity == .warning })
    try TestData.withFolder { folder in
      _ = try decided.convert(to: path("m.keras", in: folder))
      let written = try Checkpoint(opening: path("m.keras", in: folder))
      #expect(try written.verify(golden: one.golden).matches)
    }
  }

  @Test("a recording decides which axis is the batch, too")
  func axes() throws {
    let one = Case("time_first", Readings())
    let decided = try Checkpoint(opening: one.file).decided(by: one.golden)
    #expect(decided.basis.recorded.contains("the timesteps are the first axis"))
    #expect(try decided.verify(golden: one.golden).matches)
    let bare = Case("lstm_bare", Readings())
    let module = try Checkpoint(opening: bare.file).decided(by: bare.golden)
    #expect(module.model.inputs == ["x"])
    #expect(try module.verify(golden: bare.golden).matches)
  }

  @Test("a recording that several answers compute decides nothing")
  func undecided() throws {
    let one = Case("one_timestep", Readings())
    let error = expectDiagnostic("model.reading-undecided") {
      try Checkpoint(opening: one.file).decided(by: one.golden)
    }
    #expect(
      error?.remedies.prefix(3) == [
        .answer(Readings(timesteps: .last)), .answer(Readings(timesteps: .first)),
        .answer(Readings(timesteps: .mean)),
      ])
    let other = expectDiagnostic("model.reading-undecided") {
      try Checkpoint(opening: one.file).decided(by: Case("states_of_both", Readings()).golden)
    }
    #expect(other?.remedies.first == .diagnose)
  }

  @Test("a file that leaves nothing open has to compute what was recorded")
  func nothingOpen() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
    let good = try checkpoint.decided(by: TestData.path("keras3/lstm_last.golden.npz"))
    #expect(good.basis.title == "as recorded")
    _ = expectDiagnostic("verify.mismatch") {
      try checkpoint.decided(
        by: TestData.path("keras3/lstm_unroll_implementation1.golden.npz"))
    }
  }

  @Test("weights alone need no answer, whatever they are written as", arguments: heads)
  func weights(_ one: Case) throws {
    let checkpoint = try Checkpoint(opening: one.file)
    try TestData.withFolder { folder in
      for name in ["w.pt", "w.safetensors", "w.npz", "w.weights.h5"] {
        _ = try checkpoint.convert(to: path(name, in: folder))
      }
    }
  }

  @Test("what a caller does with arrays is a note, and no question")
  func bare() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("readings/lstm_bare.safetensors"))
    #expect(checkpoint.openReadings.allSatisfy { !$0.changesModel })
    #expect(checkpoint.basis.title == nil)
    let note = checkpoint.diagnostics.first { $0.code.rawValue == "pytorch.architecture.assumed" }
    #expect(note?.severity == .note)
    #expect(note?.notes == ["assumed: 'nn.LSTM' has batch_first=True"])
    let told = try Checkpoint(
      opening: TestData.path("readings/lstm_bare.safetensors"),
      options: OpeningOptions(inputs: ["x"]))
    try TestData.withFolder { folder in
      _ = try told.convert(to: path("m.keras", in: folder))
    }
  }

  @Test("an nn.RNN by itself leaves its function open")
  func nonlinearity() throws {
    let one = Case("rnn_bare", Readings(nonlinearity: .relu))
    let checkpoint = try Checkpoint(opening: one.file, options: OpeningOptions(inputs: ["x"]))
    try TestData.withFolder { folder in
      let error = expectDiagnostic("model.reading-open") {
        try checkpoint.convert(to: path("m.keras", in: folder))
      }
      #expect(
        error?.remedies.prefix(2) == [
          .answer(Readings(nonlinearity: .tanh)), .answer(Readings(nonlinearity: .relu)),
        ])
    }
    let told = try Checkpoint(opening: one.file, options: OpeningOptions(readings: one.readings))
    #expect(try told.verify(golden: one.golden).matches)
  }

  @Test("no reading is tried where outputs are only compared")
  func verification() throws {
    let one = Case("last_timestep", Readings())
    _ = expectDiagnostic("verify.shape") {
      try Checkpoint(opening: one.file).verify(golden: one.golden)
    }
  }

  @Test(
    "a number that is left out, and two Linear in a row, leave room for something without tensors")
  func between() throws {
    func question(_ name: String) throws -> OpenReading? {
      try Checkpoint(opening: TestData.path("readings/\(name).safetensors")).openReadings.first {
        $0.answers.contains { $0.between != nil }
      }
    }
    #expect(
      try question("numbered_head")?.question
        == "what is applied between 'head.0' and 'head.3' ('head.2' has no tensors)")
    #expect(
      try question("dropout_first")?.question
        == "what is applied between 'rnn' and 'head.1', between 'head.1' and 'head.3' ('head.0', 'head.2' have no tensors)"
    )
    #expect(
      try question("two_linears")?.question == "what is applied between 'fc1' and 'fc2'")
    #expect(try question("last_timestep") == nil)
    for answer in [[Readings.Between.relu, .relu, .relu], [.relu, .none]] {
      _ = expectDiagnostic("file.option-unused") {
        try Checkpoint(
          opening: TestData.path("readings/numbered_head.safetensors"),
          options: OpeningOptions(readings: Readings(between: answer)))
      }
    }
    _ = expectDiagnostic("file.option-unused") {
      try Checkpoint(
        opening: TestData.path("readings/last_timestep.safetensors"),
        options: OpeningOptions(readings: Readings(between: [.relu])))
    }
  }

  @Test("what a declaration is begun with has to be said before it holds")
  func drafts() throws {
    let expected = [
      "last_timestep": ["'select' of 'rnn' is null"],
      "numbered_head": [
        "'select' of 'rnn' is null", "'type' is null: the file does not say what is applied",
      ],
      "rnn_of_relu": ["'nonlinearity' of 'rnn' is null", "'select' of 'rnn' is null"],
      "same_widths": ["'order' is null", "'select' of 'rnn' is null"],
      "normalized": ["'order' is null", "'select' of 'rnn' is null"],
      "convolved": [
        "'order' is null", "'padding' of 'conv' is null", "'select' of 'lstm' is null",
      ],
      "cell_in_loop": ["'select' of 'lstm' is null"],
      "encoder_decoder": [
        "'order' is null", "'select' of 'encoder' is null", "'select' of 'decoder' is null",
      ],
    ]
    try TestData.withFolder { folder in
      for (name, messages) in expected {
        let file = TestData.path("readings/\(name).safetensors")
        let draft = path("\(name).json", in: folder)
        try Data(Checkpoint.declaration(of: file).json.utf8).write(to: URL(filePath: draft))
        let error = #expect(throws: CheckpointError.self) {
          try Checkpoint(opening: file, architecture: draft)
        }
        let found = error?.diagnostics ?? []
        #expect(found.allSatisfy { $0.code.rawValue == "pytorch.declaration.invalid" }, "\(name)")
        for message in messages {
          #expect(
            found.contains { $0.message.hasPrefix(message) }, "\(name): \(found.map(\.message))")
        }
      }
    }
  }

  @Test(
    "a declaration that was filled in computes what was recorded",
    arguments: ["last_timestep", "numbered_head", "normalized", "convolved", "cell_in_loop"])
  func filledIn(name: String) throws {
    let file = TestData.path("readings/\(name).safetensors")
    var text = try Checkpoint.declaration(of: file).json
    let loops = name == "cell_in_loop"
    for (null, said) in [
      ("\"order\": null", "\"order\": \"as listed\""),
      ("\"select\":null", loops ? "\"select\":\"output\"" : "\"select\":\"last\""),
      ("{\"type\":null}", "{\"type\":\"nn.ReLU\"}"), ("\"padding\":null", "\"padding\":1"),
    ] { text = text.replacing(null, with: said) }
    // The keys of this file are sorted.
    if name == "normalized" { text = try Self.ordered(text, ["rnn", "norm", "out"]) }
    try TestData.withFolder { folder in
      let draft = path("a.json", in: folder)
      try Data(text.utf8).write(to: URL(filePath: draft))
      let checkpoint = try Checkpoint(opening: file, architecture: draft)
      #expect(
        try checkpoint.verify(golden: TestData.path("readings/\(name).golden.npz")).matches,
        "\(text)")
    }
  }

  /// The lines of modules in the order in which they name these.
  private static func ordered(_ text: String, _ names: [String]) throws -> String {
    let lines = text.split(separator: "\n").map(String.init)
    let modules = lines.filter { $0.hasPrefix("    {") }.map {
      $0.hasSuffix(",") ? String($0.dropLast()) : $0
    }
    let sorted = try names.map { name in
      try #require(
        modules.first { $0.contains("\"key\":\"\(name)\"") })
    }
    let first = lines.prefix { !$0.hasPrefix("    {") }
    return (first + [sorted.joined(separator: ",\n"), "  ]", "}"]).joined(separator: "\n")
  }

  @Test("an encoder and a decoder are no chain") func encoderDecoder() throws {
    try TestData.withFolder { folder in
      let sorted = expectDiagnostic("model.reading-open") {
        try Checkpoint(opening: TestData.path("readings/encoder_decoder.safetensors"))
          .convert(to: path("m.keras", in: folder))
      }
      #expect(sorted?.remedies == [.declareModel])
      // The order of registration is no chain, so no other one is made up.
      let registered = try Checkpoint(opening: TestData.path("readings/encoder_decoder.pt"))
      #expect(!registered.model.isConnected)
    }
  }

  @Test("what can't be written for any answer is refused at once") func final() throws {
    try TestData.withFolder { folder in
      let refused = expectDiagnostic("model.unrepresentable") {
        try Checkpoint(opening: TestData.path("readings/projected.safetensors"))
          .convert(to: path("m.keras", in: folder))
      }
      #expect(refused?.remedies.isEmpty == true)
      // A module can hold it, so there the question stays.
      _ = expectDiagnostic("model.reading-open") {
        try Checkpoint(opening: TestData.path("readings/projected.safetensors"))
          .convert(to: path("m.pt", in: folder), module: path("m.py", in: folder))
      }
    }
  }

  @Test("answers to what is not open are refused")
  func unused() throws {
    func refused(_ file: String, _ readings: Readings, architecture: String? = nil) {
      _ = expectDiagnostic("file.option-unused") {
        try Checkpoint(
          opening: TestData.path(file),
          options: OpeningOptions(
            architecture: architecture.map(TestData.path), readings: readings))
      }
    }
    refused("keras3/lstm_last.h5", Readings(timesteps: .last))
    refused("readings/last_timestep.safetensors", Readings(nonlinearity: .relu))
    refused("readings/last_timestep.safetensors", Readings(order: ["fc"]))
    refused(
      "torch_modules/select_last.pt", Readings(order: ["lstm"]),
      architecture: "torch_modules/select_last.json")
    let disagreeing = expectDiagnostic("pytorch.option.disagrees") {
      try Checkpoint(
        opening: TestData.path("torch_modules/select_last.pt"),
        options: OpeningOptions(
          architecture: TestData.path("torch_modules/select_last.json"),
          readings: Readings(timesteps: .mean)))
    }
    #expect(disagreeing?.message.contains("Readings(timesteps: .mean)") == true)
  }

  @Test("users of the library read names of the library")
  func words() throws {
    try TestData.withFolder { folder in
      let error = expectDiagnostic("model.reading-open") {
        try Checkpoint(opening: TestData.path("readings/last_timestep.safetensors"))
          .convert(to: path("m.keras", in: folder))
      }
      #expect(error?.hint == "choose one; a recording can choose: Checkpoint.decided(by:)")
      #expect(error?.fixes.isEmpty == true)
    }
  }
}
