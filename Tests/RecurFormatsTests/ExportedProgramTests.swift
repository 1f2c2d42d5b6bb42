import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Programs of torch.export")
struct ExportedProgramTests {
  private static let names = [
    "attention", "attention_core", "cell_loop", "cell_loop_core", "front", "front_core", "learned",
    "policy", "states", "tagger", "tagger_core", "time_first",
  ]

  @Test("a program computes what torch recorded, as exported and decomposed", arguments: names)
  func goldens(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("exported/\(name).pt2"))
    let verification = try checkpoint.verify(
      golden: TestData.path("exported/\(name).golden.npz"))
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons {
      #expect(comparison.matches, "\(comparison.name): \(comparison.worst?.size ?? 0)")
      #expect(comparison.tolerance.absolute < 1e-4)
    }
  }

  @Test("the graph has the layers of its modules")
  func layers() throws {
    func titles(_ name: String) throws -> [String] {
      try Checkpoint(opening: TestData.path("exported/\(name).pt2")).model.nodes.map {
        "\($0.name): \($0.layer.title)"
      }
    }
    #expect(
      try titles("tagger") == [
        "tokens: Input", "embed: Embedding(9, 3)", "lstm: Bidirectional(LSTM(4))",
        "select: Select(axis 1, -1)", "fc: Dense(2)",
      ])
    // A decomposed product is the layer that it was.
    #expect(
      try titles("tagger_core").map { $0.split(separator: ": ").last } == [
        "Input", "Embedding(9, 3)", "Bidirectional(LSTM(4))", "Select(axis 1, -1)", "Dense(2)",
      ])
    // Steps of a cell are a layer again, written as steps and as equations.
    for name in ["cell_loop", "cell_loop_core"] {
      #expect(try titles(name).count { $0.hasSuffix("LSTM(4)") } == 1, "\(name)")
    }
    let policy = try Checkpoint(opening: TestData.path("exported/policy.pt2")).model
    #expect(policy.isStateful)
    #expect(policy.inputs == ["x"])
  }

  @Test(
    "what is not supported is refused by name, with its node",
    arguments: [
      ("operator", "graph.unsupported", "aten.fft_rfft"),
      ("writes", "pytorch.program.unsupported", "in place"),
      ("branch", "pytorch.program.unsupported", "as_graph"),
      ("started", "pytorch.program.unsupported", "does not begin with zeros"),
      ("count", "pytorch.program.unsupported", "in place"),
      ("training", "graph.unsupported", "random numbers"),
    ])
  func refusals(name: String, code: String, words: String) throws {
    let found = expectDiagnostic(code) {
      _ = try Checkpoint(opening: TestData.path("exported/refused/\(name).pt2"))
    }
    #expect(found?.message.contains(words) ?? false, "\(found?.message ?? "")")
    #expect(found?.location.object != nil)
    #expect(found?.location.file?.hasSuffix("\(name).pt2") ?? false)
  }

  // MARK: damage

  /// The archive with other text for its program.
  private func archive(_ name: String, _ change: ([UInt8]) -> [UInt8]) throws -> [UInt8] {
    let archive = try ZipArchive(TestData.region(TestData.bytes("exported/\(name).pt2")))
    var writer = ZipWriter()
    var sink = MemorySink()
    for entry in archive.entries {
      var content = try archive.content(of: entry).bytes()
      if entry.name.contains("/models/") { content = change(content) }
      try writer.append(entry.name, TestData.region(content), to: &sink)
    }
    try writer.finish(to: &sink)
    return sink.bytes
  }

  /// Opens an archive; an error must have a place.
  private func open(_ bytes: [UInt8]) {
    let probe = FileProbe(path: "damaged.pt2", bytes: TestData.region(bytes))
    do throws(CheckpointError) {
      guard let format = try FormatRegistry.all.format(of: probe) as? any ModelDecoding else {
        return
      }
      _ = try format.decode(probe, options: DecodeOptions(formats: .all))
    } catch {
      Mutations.expectLocated(error, byteCount: bytes.count)
    }
  }

  @Test("every kind of damage to a program is a value or a located error")
  func mutations() throws {
    var numbers = Mutations.Generator(state: 11)
    let words = [
      "0", "-1", "9223372036854775807", "-9223372036854775808", "1e308", "null", "true", "\"\"",
      "[]", "{}", "\"x\"", "1048576", "\"tokens\"", "[[[[[[[[]]]]]]]]",
    ].map { Array($0.utf8) }
    for name in ["tagger", "front_core", "policy", "cell_loop"] {
      for _ in 0..<max(Mutations.count / 40, 25) {
        let bytes = try archive(name) { text in
          var text = text
          for _ in 0...numbers.next(2) {
            let place = numbers.next(text.count)
            switch numbers.next(4) {
            case 0: text[place] = UInt8(numbers.next(256))
            case 1:
              text.removeSubrange(place..<min(place + 1 + numbers.next(40), text.count))
            case 2:
              // A number or a word becomes another one.
              var start = place
              while start < text.count, !(0x30...0x39).contains(text[start]) { start += 1 }
              var end = start
              while end < text.count, (0x30...0x39).contains(text[end]) { end += 1 }
              text.replaceSubrange(start..<end, with: words[numbers.next(words.count)])
            default:
              let other = numbers.next(text.count)
              let piece = text[other..<min(other + 1 + numbers.next(60), text.count)]
              text.insert(contentsOf: Array(piece), at: place)
            }
            guard !text.isEmpty else { return [0x7B] }
          }
          return text
        }
        let clock = ContinuousClock()
        let time = clock.measure { open(bytes) }
        #expect(time < Mutations.limit, "\(name)")
      }
    }
  }

  @Test("values of a program that would grow without bound are refused")
  func bounds() throws {
    func changed(_ name: String, _ old: String, _ new: String) throws -> [UInt8] {
      try archive(name) { text in
        Array(String(decoding: text, as: UTF8.self).replacing(old, with: new).utf8)
      }
    }
    // One position of a slice, one extent of a view, and an operator's name.
    open(try changed("front", "{\"as_int\":-1}", "{\"as_int\":1099511627776}"))
    open(try changed("tagger", "\"as_int\":-1", "\"as_int\":-9223372036854775808"))
    open(
      try changed("tagger", "torch.ops.aten.select.int", "torch.ops.aten.repeat.default"))
    let nested = String(repeating: "[", count: 100_000)
    open(try archive("tagger") { _ in Array(nested.utf8) })
  }
}
