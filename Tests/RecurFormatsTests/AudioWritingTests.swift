import Foundation
import Recur
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Models for audio plug-ins, written from every framework.
@Suite("Models of audio plug-ins are written")
struct AudioWritingTests {
  private func converted(
    _ file: String, to name: String, format: String? = nil,
    _ body: (String, Conversion) throws -> Void
  ) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: name).path(percentEncoded: false)
      let conversion = try Checkpoint(opening: TestData.path(file)).convert(
        to: path, format: format.map(FileFormat.init(rawValue:)))
      try body(path, conversion)
    }
  }

  @Test(
    "what is written computes what was recorded",
    arguments: [
      ("lstm_stack.json", "m.json", nil), ("gru_dense.json", "m.json", nil),
      ("gru_td.json", "m.json", nil), ("dense_no_bias.json", "m.json", nil),
      ("conv1d_lstm.json", "m.json", nil), ("conv1d_groups.json", "m.json", nil),
      ("batchnorm_plain.json", "m.json", nil), ("activations.json", "m.json", nil),
      ("lstm_2x8.nam", "m.nam", nil), ("lstm_1x3.nam", "m.nam", nil),
      ("lstm_stereo.nam", "m.nam", nil), ("torch_lstm.json", "m.nam", nil),
      ("torch_lstm.json", "m.json", "rtneural"), ("torch_gru.json", "m.aidax", nil),
      ("proteus_cond.json", "m.json", "state-dict-json"),
      ("amp_gru.json", "m.json", "state-dict-json"), ("amp_rnn.json", "m.json", "state-dict-json"),
      ("amp_lstm_2layer.json", "m.json", "state-dict-json"),
      ("torch_lstm.json", "m.json", "state-dict-json"),
      ("lstm_1x3.nam", "m.json", "state-dict-json"),
    ] as [(String, String, String?)])
  func goldens(file: String, target: String, format: String?) throws {
    let own = "neighbours/audio/\(file)"
    // First states of zeros alone have a place in other formats.
    if file == "lstm_1x3.nam", format != nil {
      _ = expectDiagnostic("model.unrepresentable") {
        try converted(own, to: target, format: format) { _, _ in }
      }
      return
    }
    try converted(own, to: target, format: format) { path, conversion in
      #expect(conversion.proof == .outputs)
      let name = String(file.split(separator: ".")[0])
      let matches = try NeighbourReading.matches(Checkpoint(opening: path), "audio/" + name)
      #expect(matches)
    }
  }

  @Test("a model of NAM keeps every number, its states, and what it says of itself")
  func states() throws {
    let own = TestData.path("neighbours/audio/lstm_2x8.nam")
    try converted("neighbours/audio/lstm_2x8.nam", to: "m.nam") { path, _ in
      func numbers(_ path: String) throws -> [Double] {
        let object = try JSONSerialization.jsonObject(
          with: Data(contentsOf: URL(filePath: path)))
        return try #require((object as? [String: Any])?["weights"] as? [Double])
      }
      let (one, other) = (try numbers(own), try numbers(path))
      #expect(one.count == other.count && one.map { Float($0) } == other.map { Float($0) })
      let (metadata, copy) = (
        try Checkpoint(opening: own).metadata, try Checkpoint(opening: path).metadata
      )
      for entry in metadata where entry.name.hasPrefix("metadata.") || entry.name == "sample_rate" {
        let value = copy.first { $0.name == entry.name }?.value
        let isEqual =
          value == entry.value
          || Double(entry.value).map { $0 == value.flatMap(Double.init) } == true
        #expect(isEqual, "\(entry)")
      }
    }
  }

  @Test("gains in decibels and the skip of AIDA-X come back")
  func gains() throws {
    try converted("neighbours/audio/aidax_lstm.json", to: "m.aidax") { path, _ in
      let (one, other) = (
        try Checkpoint(opening: TestData.path("neighbours/audio/aidax_lstm.json")),
        try Checkpoint(opening: path)
      )
      #expect(one.model.nodes.map { $0.layer.title } == other.model.nodes.map { $0.layer.title })
      func entries(_ checkpoint: Checkpoint) -> [String: Double] {
        var all: [String: Double] = [:]
        for (name, value) in checkpoint.metadata { all[name] = Double(value) }
        return all
      }
      for name in ["in_gain", "out_gain", "in_skip"] {
        guard let value = entries(one)[name] else { continue }
        let copy = try #require(entries(other)[name])
        #expect(abs(value - copy) < 1e-9, "\(name)")
      }
    }
  }

  @Test(
    "what no engine computes is refused by name",
    arguments: [
      ("keras3/lstm_backwards.h5", "m.json", "forward"), ("keras3/lstm_last.h5", "m.nam", "dense"),
      ("keras3/bidirectional_modes.h5", "m.json", "chain"),
      ("neighbours/audio/aidax_lstm.json", "m.nam", "no place"),
      ("neighbours/audio/amp_gru.json", "m.nam", "LSTM"),
    ])
  func refusals(file: String, target: String, word: String) throws {
    let finding = expectDiagnostic("model.unrepresentable") {
      try converted(file, to: target) { _, _ in }
    }
    #expect(finding?.message.contains(word) == true, "\(finding?.message ?? "")")
  }
}
