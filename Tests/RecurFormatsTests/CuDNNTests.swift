import Foundation
import Recur
import RecurContainers
import RecurKeras
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Weights of CuDNN layers")
struct CuDNNTests {
  /// The arrays as the file has them, and as Keras converts them; both are in the golden file.
  @Test(
    "are converted as Keras does, bit for bit",
    arguments: ["cudnnlstm", "cudnngru", "bidirectional_cudnnlstm"])
  func converted(name: String) throws {
    let model = try Checkpoint(opening: TestData.path("cudnn/\(name).h5")).model
    let path = TestData.path("cudnn/\(name).golden.npz")
    let archive = try NPZArchive(ByteRegion(ByteStorage(mapping: path)))
    var expected = try archive.numbered("converted_")[...]
    for node in model.weightedNodes {
      let cells: [RecurrentCell]
      switch node.layer {
      case .recurrent(let recurrent): cells = [recurrent.cell]
      case .bidirectional(let pair): cells = [pair.forward.cell, pair.backward.cell]
      default: continue
      }
      for cell in cells {
        guard expected.count >= 3 else {
          Issue.record("too few arrays")
          return
        }
        let (kernel, recurrentKernel) = (expected.removeFirst(), expected.removeFirst())
        let bias = expected.removeFirst()
        switch cell {
        case .lstm(let lstm):
          #expect(try KerasLayouts.lstm.pack(lstm.weights.kernel).isBitEqual(to: kernel))
          #expect(
            try KerasLayouts.lstm.pack(lstm.weights.recurrentKernel)
              .isBitEqual(to: recurrentKernel))
          guard case .split(let input, let recurrent) = lstm.weights.bias else {
            Issue.record("one bias")
            return
          }
          let sum = zip(
            try KerasLayouts.lstm.pack(input).doubles(),
            try KerasLayouts.lstm.pack(recurrent).doubles()
          ).map { Float($0) + Float($1) }
          #expect(sum == bias.doubles().map { Float($0) })
        case .gru(let gru):
          #expect(gru.resetPlacement == .afterProduct)
          #expect(try KerasLayouts.gru.pack(gru.weights.kernel).isBitEqual(to: kernel))
          #expect(
            try KerasLayouts.gru.pack(gru.weights.recurrentKernel).isBitEqual(to: recurrentKernel))
          guard case .split(let input, let recurrent) = gru.weights.bias else {
            Issue.record("one bias")
            return
          }
          #expect(try KerasLayouts.gru.pack(input).isBitEqual(to: bias.select(axis: 0, 0)))
          #expect(try KerasLayouts.gru.pack(recurrent).isBitEqual(to: bias.select(axis: 0, 1)))
        default: Issue.record("another cell")
        }
      }
    }
  }

  // Keras converts each gate's block k by k.T.reshape(k.shape, order="F") (keras 2.2.4,
  // keras/engine/saving.py, `_convert_rnn_weights`); transposed once more, as a kernel is here, that is
  // the block's numbers in the order of the file.
  @Test("each gate's block lies with its units first") func closedForm() throws {
    let model = try Checkpoint(opening: TestData.path("cudnn/cudnngru.h5")).model
    let stored = try Checkpoint.inspect(TestData.path("cudnn/cudnngru.h5")).tensors
    #expect(stored.contains { $0.shape == [24] })
    let gru = try #require(model.weightedNodes.first?.layer.firstCell)
    guard case .gru(let cell) = gru else {
      Issue.record("no .gru")
      return
    }
    let path = TestData.path("cudnn/cudnngru.golden.npz")
    let archive = try NPZArchive(ByteRegion(ByteStorage(mapping: path)))
    // The file's own array, [3 inputs, 3 gates · 4 units]: the 12 numbers of a gate's columns, read
    // row by row, are its kernel [units, inputs], row by row.
    let array = try #require(try archive.tensor("w_0"))
    for (position, gate) in [GRUGate.update, .reset, .candidate].enumerated() {
      let block = array.slice(axis: 1, 4 * position..<4 * position + 4)
      #expect(cell.weights.kernel[gate].doubles() == block.doubles())
    }
  }
}
