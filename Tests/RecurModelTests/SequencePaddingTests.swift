import Foundation
import RecurInference
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Padding")
struct SequencePaddingTests {
  /// What `keras.utils.pad_sequences` returned (`generators/gen_lengths.py pad`).
  private struct Case: Decodable {
    enum Numbers: Decodable {
      case one(Double)
      case several([Double])

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
          self = .one(number)
        } else {
          self = .several(try container.decode([Double].self))
        }
      }

      var numbers: [Double] {
        switch self {
        case .one(let number): [number]
        case .several(let numbers): numbers
        }
      }
    }

    let sequences: [[Numbers]]
    let maxlen: Int?
    let padding: String
    let truncating: String
    let value: Double
    let shape: [Int]
    let result: [Double]
  }

  @Test("is that of keras.utils.pad_sequences") func keras() throws {
    let cases = try JSONDecoder().decode(
      [Case].self, from: Data(TestData.bytes("lengths/pad_sequences.json")))
    #expect(cases.count == 96)
    for recorded in cases {
      let sequences = try recorded.sequences.map { rows in
        let rest = rows[0].numbers.count
        return try Tensor.float64(
          rows.flatMap(\.numbers), shape: [rows.count] + (rest > 1 ? [rest] : []))
      }
      let padding = SequencePadding(
        side: try #require(.init(rawValue: recorded.padding)),
        truncation: .init(rawValue: recorded.truncating), value: recorded.value,
        timesteps: recorded.maxlen)
      let (batch, lengths) = try padding.padded(sequences)
      #expect(batch.shape == recorded.shape)
      #expect(batch.doubles() == recorded.result)
      #expect(
        lengths == recorded.sequences.map { min($0.count, recorded.maxlen ?? $0.count) })
    }
  }

  private func sequence(_ timesteps: Int, _ width: Int = 1) throws -> Tensor {
    try .float64([Double](repeating: 1, count: timesteps * width), shape: [timesteps, width])
  }

  @Test("drops nothing unless it is told where") func truncation() throws {
    let sequences = try [sequence(5), sequence(2)]
    let diagnostic = expectDiagnostic("input.length") {
      try SequencePadding(side: .end, timesteps: 3).padded(sequences)
    }
    #expect(diagnostic?.message == "sequence 0 has 5 timesteps and is padded to 3")
    let (batch, lengths) = try SequencePadding(side: .end, truncation: .end, timesteps: 3).padded(
      sequences)
    #expect(batch.shape == [2, 3, 1] && lengths == [3, 2])
  }

  @Test("refuses what is no list of sequences, all at once") func refusals() throws {
    let padding = SequencePadding(side: .end)
    expectDiagnostic("input.count") { try padding.padded([]) }
    do {
      _ = try padding.padded([sequence(2), sequence(0), sequence(2, 3), .float64([1], shape: [])])
      Issue.record("nothing was thrown")
    } catch let error as CheckpointError {
      #expect(
        error.diagnostics.map(\.code.rawValue) == ["input.empty", "input.shape", "input.shape"])
    }
    expectDiagnostic("bytes.limit-exceeded") {
      try SequencePadding(side: .end, timesteps: 1 << 40).padded([sequence(2)])
    }
    expectDiagnostic("bytes.limit-exceeded") {
      try SequencePadding(side: .end, timesteps: .max).padded([sequence(2, 3)])
    }
    expectDiagnostic("input.length") {
      try SequencePadding(side: .end, truncation: .end, timesteps: 0).padded([sequence(2)])
    }
  }

  @Test(
    "needs one length per row, each within it",
    arguments: [[3], [3, 0], [3, 4], [3, .max], [3, -1]])
  func lengths(lengths: [Int]) throws {
    let batch = try Tensor.float64([Double](repeating: 0, count: 6), shape: [2, 3])
    expectDiagnostic("input.length") {
      try SequenceBatch(batch, lengths: lengths, paddedAt: .end)
    }
  }

  @Test("is where the side says") func ranges() throws {
    let batch = try Tensor.float64([1, 2, 0, 0, 0, 3], shape: [2, 3])
    let atEnd = try SequenceBatch(batch, lengths: [2, 3], paddedAt: .end)
    #expect(atEnd.range(of: 0) == 0..<2 && atEnd.hasPadding)
    let atStart = try SequenceBatch(batch, lengths: [2, 3], paddedAt: .start)
    #expect(atStart.range(of: 0) == 1..<3)
    expectDiagnostic("input.shape") {
      try SequenceBatch(.float64([1], shape: [1]), lengths: [1], paddedAt: .end)
    }
  }
}
