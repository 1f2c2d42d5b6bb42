import Foundation
import Recur
import RecurContainers
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// One model of `testdata/lengths`, with the framework's outputs for padded batches
/// (`generators/gen_lengths.py`).
struct LengthsFixture: CustomTestStringConvertible, Sendable {
  let name: String
  let file: String
  var testDescription: String { name }

  static let all: [LengthsFixture] = {
    let folder = TestData.path("lengths")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.sorted().compactMap { file in
      let url = URL(filePath: file)
      guard ["keras", "h5", "pt"].contains(url.pathExtension) else { return nil }
      return LengthsFixture(name: url.deletingPathExtension().lastPathComponent, file: file)
    }
  }()

  func checkpoint() throws -> Checkpoint {
    let declaration = file.hasSuffix(".pt") ? TestData.path("lengths/\(name).json") : nil
    return try Checkpoint(opening: TestData.path("lengths/\(file)"), architecture: declaration)
  }

  func archive() throws -> NPZArchive {
    try NPZArchive(TestData.region(TestData.bytes("lengths/\(name).npz")))
  }

  /// The recorded batch, one sequence per row, and its lengths.
  func batch(_ side: SequencePadding.Side) throws -> SequenceBatch? {
    let archive = try archive()
    guard var x = try archive.tensor("\(side.rawValue)_in"),
      let lengths = try archive.tensor("lengths")
    else { return nil }
    if name == "torch_time_first" { x = x.exchangingFirstAxes() }
    return try SequenceBatch(x, lengths: lengths.doubles().map { Int($0) }, paddedAt: side)
  }
}

@Suite("Padded batches")
struct LengthsTests {
  private func largest(_ a: Tensor, _ b: Tensor) -> Double {
    guard a.shape == b.shape else { return .infinity }
    return zip(a.doubles(), b.doubles()).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
  }

  @Test("there are models of every kind") func count() {
    #expect(LengthsFixture.all.count >= 32)
  }

  @Test(
    "equal what the framework computes with masks, or of packed sequences, within 1e-5",
    arguments: LengthsFixture.all, SequencePadding.Side.allCases)
  func golden(fixture: LengthsFixture, side: SequencePadding.Side) throws {
    guard let batch = try fixture.batch(side) else { return }
    let checkpoint = try fixture.checkpoint()
    let isRefused = fixture.name == "embedding_unmasked" && side == .start
    guard !isRefused else {
      // The Embedding makes no mask, so that Keras' LSTM begins in the padding.
      expectDiagnostic("sequence.padding") { try checkpoint.run(batch) }
      return
    }
    let results = try checkpoint.run(batch)
    let archive = try fixture.archive()
    for (index, output) in results.outputs.enumerated() {
      let recorded = try #require(try archive.tensor("\(side.rawValue)_out_\(index)"))
      #expect(largest(output, recorded) < 1e-5)
      for row in batch.lengths.indices {
        let alone = try #require(try archive.tensor("alone_\(row)_out_\(index)"))
        #expect(largest(results.output(index, of: row), alone) < 1e-5)
      }
    }
    #expect(try archive.tensor("\(side.rawValue)_out_\(results.outputs.count)") == nil)
  }

  @Test("give every sequence the bits that it gives alone", arguments: LengthsFixture.all)
  func bits(fixture: LengthsFixture) throws {
    let batch = try #require(try fixture.batch(.end))
    let checkpoint = try fixture.checkpoint()
    let results = try checkpoint.run(batch)
    for row in batch.lengths.indices {
      let alone = try checkpoint.run(
        SequenceBatch(
          padding: [batch.tensor.select(axis: 0, row).slice(axis: 0, batch.range(of: row))],
          .init(side: .end)))
      for index in results.outputs.indices {
        #expect(results.output(index, of: row).isBitEqual(to: alone.outputs[index]))
      }
    }
  }

  @Test("of any model give every sequence the bits that it gives alone, or name what prevents it")
  func everyFixture() throws {
    var equal = 0
    var refused = 0
    for fixture in Fixture.withGolden {
      let checkpoint = try Checkpoint(
        opening: TestData.path(fixture.path), architecture: fixture.architecturePath)
      guard let sequences = try sequences(for: checkpoint.model) else { continue }
      for side in SequencePadding.Side.allCases {
        do throws(CheckpointError) {
          let value = checkpoint.model.maskedValue(of: checkpoint.model.inputs[0]) ?? 0
          let padding = SequencePadding(side: side, value: value)
          let results = try run(checkpoint, SequenceBatch(padding: sequences, padding))
          for (row, sequence) in sequences.enumerated() {
            let alone = try run(checkpoint, SequenceBatch(padding: [sequence], padding))
            for index in results.outputs.indices {
              let isEqual = results.output(index, of: row).isBitEqual(to: alone.outputs[index])
              #expect(isEqual, "\(fixture.path): output \(index) of sequence \(row), \(side)")
              equal += isEqual ? 1 : 0
            }
          }
        } catch {
          refused += 1
          let known = [
            "sequence.padding", "input.mask", "input.shape", "keras.option.unsupported",
            "pytorch.declaration.invalid", "input.count", "input.features",
          ]
          #expect(known.contains(error.diagnostic.code.rawValue), "\(fixture.path): \(error)")
        }
      }
    }
    #expect(equal > 500)
    #expect(refused > 50)
  }

  /// Runs a model that may declare a single length as if it declared none.
  private func run(
    _ checkpoint: Checkpoint, _ batch: SequenceBatch
  ) throws(CheckpointError) -> SequenceOutputs {
    let (model, mask) = try checkpoint.modelForLengths(batch)
    let relaxed = SampleInputs.relaxed(model)
    let call = try PaddedCall(relaxed, batch, mask: mask)
    return call.outputs(try relaxed.run(call.inputs))
  }

  /// Three sequences of different lengths that the model can take; nil for a model that takes none.
  private func sequences(for model: Model) throws -> [Tensor]? {
    let lengths = model.takingMask()
    let taking = lengths?.model ?? model
    guard let name = try? taking.sequenceInput(mask: lengths?.mask, .sequencePadding),
      case .input(let input) = taking.node(name)?.layer, input.shape.count > 1,
      let samples = try? SampleInputs(for: taking, seed: 3),
      let position = taking.inputs.firstIndex(of: name), !model.isStateful
    else { return nil }
    let x = samples.tensors[position]
    let batch = input.batchAxis == 1 ? x.exchangingFirstAxes() : x
    guard batch.rank > 1, batch.shape[0] > 1, batch.shape[1] > 4 else { return nil }
    let row = batch.select(axis: 0, 1)
    return [row, row.slice(axis: 0, 1..<2), row.slice(axis: 0, 0..<4)]
  }

  @Test("that a model masks by itself must be padded with what it masks") func ownMask() throws {
    let fixture = try #require(LengthsFixture.all.first { $0.name == "masking" })
    let checkpoint = try fixture.checkpoint()
    let sequences = try [5, 2].map {
      try Tensor.float64(
        (0..<$0 * 3).map { sin(Double($0)) }, shape: [$0, 3])
    }
    let diagnostic = expectDiagnostic("input.mask") {
      try checkpoint.run(SequenceBatch(padding: sequences, .init(side: .end)))
    }
    #expect(diagnostic?.remedies.first == .pad(with: -1))
    _ = try checkpoint.run(SequenceBatch(padding: sequences, .init(side: .end, value: -1)))
  }

  @Test("of a PyTorch model stand at the start of their rows") func packedAtTheEnd() throws {
    let fixture = try #require(LengthsFixture.all.first { $0.name == "torch_lstm" })
    let sequences = try [5, 2].map {
      try Tensor.float64(
        (0..<$0 * 3).map { sin(Double($0)) }, shape: [$0, 3])
    }
    let checkpoint = try fixture.checkpoint()
    expectDiagnostic("sequence.padding") {
      try checkpoint.run(SequenceBatch(padding: sequences, .init(side: .start)))
    }
  }
}

@Suite("Streams of whole models")
struct StreamFixtureTests {
  @Test("pieces of any size give the bits of the whole, in Double and in Float, or are refused")
  func pieces() throws {
    var equal = 0
    var refused = 0
    for fixture in Fixture.withGolden {
      let model = try Checkpoint(
        opening: TestData.path(fixture.path), architecture: fixture.architecturePath
      ).model
      guard let samples = try? SampleInputs(for: model, seed: 5) else { continue }
      let stream: ModelStream
      do throws(CheckpointError) {
        stream = try ModelStream(samples.model)
      } catch {
        refused += 1
        #expect(error.diagnostic.code == .sequenceStream, "\(fixture.path): \(error)")
        continue
      }
      let inputs = stream.inputs.compactMap { name in
        model.inputs.firstIndex(of: name).map { samples.tensors[$0] }
      }
      guard inputs.count == stream.inputs.count, (try? samples.model.run(inputs)) != nil else {
        continue
      }
      var state = RecurrentState()
      let whole = try samples.model.run(inputs, state: &state)
      var floatState = RecurrentState()
      let wholeInFloat = try samples.model.runInFloat(inputs, state: &floatState)
      for count in [1, 2, 3, 100] {
        var (one, other) = (stream, stream)
        do throws(CheckpointError) {
          let pieces = try one.feed(inputs, inPiecesOf: count)
          let inFloat = try other.feedInFloat(inputs, inPiecesOf: count)
          for index in whole.indices {
            let isEqual =
              pieces[index].isBitEqual(to: whole[index])
              && inFloat[index].isBitEqual(to: wholeInFloat[index])
            #expect(isEqual, "\(fixture.path): output \(index) in pieces of \(count)")
            equal += isEqual ? 1 : 0
          }
        } catch {
          // A model of cells takes one timestep per call.
          #expect(error.diagnostic.code == .sequenceStream, "\(fixture.path): \(error)")
        }
      }
    }
    #expect(equal > 200)
    #expect(refused > 50)
  }
}
