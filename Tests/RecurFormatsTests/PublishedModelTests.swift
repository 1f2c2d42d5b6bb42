import Foundation
import Recur
import RecurTestSupport
import Testing

/// Models that others trained and published; the files were not made for these tests.
@Suite(.enabled(if: PublishedFiles.folder != nil, "needs RECUR_WILD, a folder of published files"))
struct PublishedModelTests {
  private func open(_ path: String) throws -> Checkpoint {
    try Checkpoint(opening: #require(PublishedFiles.folder) + "/" + path)
  }

  /// Converts a model and returns what was written, by name.
  private func converted(_ checkpoint: Checkpoint) throws -> [String: [Int]] {
    try TestData.withFolder { folder in
      let target = folder.appending(path: "w.safetensors").path(percentEncoded: false)
      let conversion = try checkpoint.convert(to: target, module: target + ".py")
      #expect(conversion.wasRun)
      #expect(conversion.largestDifference == 0)
      let tensors = try Checkpoint.inspect(target).tensors
      return Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) })
    }
  }

  @Test(
    "a GRU with its reset gate after the product (jatinchowdhury18/KlonCentaur, BSD-3)",
    arguments: ["RNN_gain0", "RNN_gain100"])
  func klonCentaur(name: String) throws {
    let checkpoint = try open("jatinchowdhury18+KlonCentaur/GainStageML/Models/\(name).h5")
    #expect(checkpoint.model.producer == "Keras 2.2.4-tf")
    let gru = try #require(checkpoint.model.nodes.compactMap { $0.layer.firstCell }.first)
    #expect(gru.title == "GRU(16)")
    let tensors = try converted(checkpoint)
    #expect(tensors.values.contains([48, 16]))
    #expect(tensors.count == 6)
  }

  @Test("an LSTM with an array for every matrix of every gate (faroit/CountNet, MIT)")
  func countNet() throws {
    let checkpoint = try open("faroit+CountNet/models/F-CRNN.h5")
    #expect(checkpoint.model.producer == "Keras 1.2.2")
    let lstm = try checkpoint.model.lstm(named: "lstm_1")
    #expect(lstm.recurrentActivation == .hardSigmoidOfFifths)
    // The output is a softmax over eleven classes, whatever the spectrogram.
    let x = try Tensor.float32(
      (0..<500 * 201).map { Float($0 % 17) / 17 }, shape: [1, 500, 201])
    let y = try checkpoint.model.run([x])[0]
    #expect(y.shape == [1, 11])
    #expect(abs(y.doubles().reduce(0, +) - 1) < 1e-9)
    let tensors = try converted(checkpoint)
    #expect(tensors["lstm_1.weight_ih_l0"] == [160, 64])
    #expect(tensors["lstm_1.weight_hh_l0"] == [160, 40])
  }
}
