import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Archives of torch.jit.save with what torch computed (gen_torchscript.py).
@Suite("Programs of TorchScript")
struct TorchScriptTests {
  private static let files = [
    ("tagger", "tagger"), ("tagger_traced", "tagger"), ("policy", "policy"), ("packed", "packed"),
    ("cells", "cells"), ("attention", "attention"), ("front", "front"),
    ("front_traced", "front"), ("equations", "equations"),
  ]

  private func open(
    _ name: String, _ settings: [String: String] = [:], inputs: [String]? = nil
  ) throws -> Checkpoint {
    var options = OpeningOptions()
    options.settings = settings
    options.inputs = inputs
    return try Checkpoint(opening: TestData.path("torchscript/\(name).pt"), options: options)
  }

  private func code(_ body: () throws -> Void) throws -> Diagnostic? {
    do {
      try body()
      return nil
    } catch let error as CheckpointError {
      return error.diagnostic
    }
  }

  @Test("a program computes what torch recorded, scripted and traced", arguments: files)
  func goldens(name: String, golden: String) throws {
    let verification = try open(name).verify(
      golden: TestData.path("torchscript/\(golden).golden.npz"))
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons {
      #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
      #expect(comparison.tolerance.absolute < 1e-4)
    }
  }

  @Test("modules are layers under their names")
  func layers() throws {
    let model = try open("tagger").model
    #expect(
      model.nodes.map { "\($0.name): \($0.layer.title)" }.prefix(3) == [
        "tokens: Input", "embed: Embedding(9, 3)", "lstm.l0: Bidirectional(LSTM(4))",
      ])
    let policy = try open("policy").model
    #expect(policy.isStateful)
    #expect(policy.inputs == ["x"])
    #expect(
      try open("sides").model.inputs == ["batch_x", "batch_item", "state_0", "state_1"]
        || open("sides").model.inputs.sorted() == ["batch_item", "batch_x", "state_0", "state_1"])
    // the steps of a cell are a layer over the sequence
    #expect(try open("cells").model.nodes.count { $0.layer.title == "LSTM(4)" } == 1)
  }

  @Test("what the forward pass does not read is named")
  func unused() throws {
    let notes = try open("sides").diagnostics.filter { $0.code.rawValue == "tensor.unused" }
    #expect(notes.count == 2)
    #expect(notes.allSatisfy { $0.message.contains("heads.two") && $0.severity == .note })
  }

  @Test("a number that is an argument is given, or asked for at its place")
  func values() throws {
    let asked = try #require(try code { _ = try open("rate") })
    #expect(asked.code.rawValue == "source.model")
    #expect(asked.message.contains("'rate'"))
    #expect(asked.location.file?.contains("rate.pt/code/__torch__") == true)
    for (value, matches) in [("16000", true), ("8000", false)] {
      let verification = try open("rate", ["rate": value]).verify(
        golden: TestData.path("torchscript/rate.golden.npz"))
      #expect(verification.comparisons.allSatisfy { $0.matches == matches })
    }
    let unknown = try #require(try code { _ = try open("rate", ["speed": "1"]) })
    #expect(unknown.message.contains("'speed'"))
  }

  @Test(
    "what is not supported is refused by name, with its line",
    arguments: [
      ("while", "source.unsupported", "known only when the model runs"),
      ("choice", "source.unsupported", "known only when the model runs"),
      ("recurrence", "graph.unsupported", "not those of the round before"),
      ("spectrum", "source.unsupported", "fft_rfft"),
      ("quantized", "source.unsupported", "quantized"),
    ])
  func refused(name: String, expected: String, words: String) throws {
    let found = try #require(try code { _ = try open("refused/\(name)") })
    #expect(found.code.rawValue == expected, "\(found.message)")
    #expect(found.message.contains(words), "\(found.message)")
    #expect(found.location.file?.contains(".pt/code/__torch__") == true)
    #expect(found.location.object?.contains(":") == true)
    #expect(found.notes.contains { $0.hasPrefix("the line is: ") })
  }

  @Test("the weights of a program are weights as before")
  func weights() throws {
    let path = TestData.path("torchscript/refused/spectrum.pt")
    let probe = try FileProbe(path: path)
    let inspection = try FormatRegistry.all.format(of: probe).inspect(probe)
    #expect(inspection.tensors.contains { $0.name == "rnn.weight_ih_l0" })
  }

  // MARK: damage

  /// The archive with another text in place of its module's code.
  private func archive(_ name: String, _ change: (String) -> String) throws -> FileProbe {
    let archive = try ZipArchive(TestData.region(TestData.bytes("torchscript/\(name).pt")))
    var sink = MemorySink()
    var writer = ZipWriter(alignment: 64)
    for entry in archive.entries {
      var content = try archive.content(of: entry)
      if entry.name.contains("/code/__torch__"), entry.name.hasSuffix(".py") {
        let text = String(decoding: content.bytes(), as: UTF8.self)
        content = TestData.region(Array(change(text).utf8))
      }
      try writer.append(entry.name, content, to: &sink)
    }
    try writer.finish(to: &sink)
    return FileProbe(path: "\(name).pt", bytes: TestData.region(sink.bytes))
  }

  /// Reads an archive; the error, if there is one, has a place.
  private func read(_ probe: FileProbe) -> CheckpointError? {
    do throws(CheckpointError) {
      _ = try PyTorchFormat().decode(probe, options: DecodeOptions())
      return nil
    } catch {
      #expect(error.diagnostic.location.file != nil)
      #expect(!error.diagnostic.message.isEmpty)
      return error
    }
  }

  @Test("code without end is refused, soon")
  func endless() throws {
    let bodies = [
      "while True:\n      pass",
      "for i in range(1000000000):\n      pass",
      "return (self).forward(x, )",
      "y = torch.append([x], x)\n    for a in range(20000):\n      for b in range(20000):\n        y = [y, y]",
      "return " + String(repeating: "(", count: 100_000),
      "return " + String(repeating: "torch.neg(", count: 20_000) + "x",
      "l = [0]\n    for i in range(60):\n      l = torch.add(l, l)",
      "return torch.zeros([1000000000, 1000000000, 1000000000])",
      "return torch.slice(x, 9223372036854775807, 9223372036854775807)",
    ]
    for body in bodies {
      let probe = try archive("cells") { text in
        guard let start = text.range(of: "x: Tensor) ->"),
          let colon = text[start.upperBound...].range(of: ":\n")
        else { return text }
        return text[..<colon.upperBound] + "    \(body)\n"
      }
      let time = ContinuousClock().measure {
        #expect(read(probe) != nil, "\(body.prefix(60))")
      }
      #expect(time < .seconds(20), "\(body.prefix(60)): \(time)")
    }
  }

  @Test("changed code is read or refused, and never traps")
  func mutations() throws {
    let words = [
      "torch.", "x", "0", "1", "-1", "9223372036854775807", "[", "]", "(", ")", ",", ":", "=", "\n",
      "  ", "None", "True", "self", "range(", "while True:", "torch.size(", "torch.lstm(",
      "CONSTANTS.c0",
      "torch.select(", "torch.slice(", "0.5", "\"", "torch.cat([", "torch.append(", "torch.copy_(",
    ]
    var random = Mutations.Generator(state: 5)
    for number in 0..<max(60, Mutations.count / 20) {
      let name = ["tagger_traced", "cells", "policy", "front_traced"][number % 4]
      let seed = UInt64(random.next(1 << 30))
      let probe = try archive(name) { text in
        var own = Mutations.Generator(state: seed)
        var bytes = Array(text.utf8)
        for _ in 0...own.next(3) where !bytes.isEmpty {
          let place = own.next(bytes.count)
          switch own.next(4) {
          case 0: bytes[place] = UInt8(own.next(256))
          case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + own.next(20)))
          case 2: bytes.insert(contentsOf: Array(words[own.next(words.count)].utf8), at: place)
          default: bytes.removeSubrange(place...)
          }
        }
        return String(decoding: bytes, as: UTF8.self)
      }
      let time = ContinuousClock().measure { _ = read(probe) }
      #expect(time < .seconds(20), "case \(number): \(time)")
    }
  }
}
