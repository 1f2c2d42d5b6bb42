import Foundation
import RecurAudio
import RecurCoreML
import RecurJAX
import RecurKeras
import RecurMLX
import RecurModel
import RecurPyTorch
import RecurTestSupport
import Testing

@Suite("docs/layouts.md agrees with the code")
struct LayoutDocumentationTests {
  @Test(
    "gate order and orientation",
    arguments: [
      ("KerasLayouts.lstm", KerasLayouts.lstm), ("PyTorchLayouts.lstm", PyTorchLayouts.lstm),
      ("JAXLayouts.flaxLSTM", JAXLayouts.flaxLSTM), ("JAXLayouts.haikuLSTM", JAXLayouts.haikuLSTM),
      ("JAXLayouts.equinoxLSTM", JAXLayouts.equinoxLSTM), ("MLXLayouts.lstm", MLXLayouts.lstm),
      ("AudioLayouts.rtNeuralLSTM", AudioLayouts.rtNeuralLSTM),
      ("AudioLayouts.stateDictLSTM", AudioLayouts.stateDictLSTM),
      ("AudioLayouts.nam", AudioLayouts.nam), ("CoreMLLayouts.lstm", CoreMLLayouts.lstm),
    ])
  func lstm(name: String, layout: RecurrentLayout<LSTMGate>) throws { try row(name, layout) }

  @Test(
    "gate order and orientation",
    arguments: [
      ("KerasLayouts.gru", KerasLayouts.gru), ("PyTorchLayouts.gru", PyTorchLayouts.gru),
      ("JAXLayouts.flaxGRU", JAXLayouts.flaxGRU), ("JAXLayouts.haikuGRU", JAXLayouts.haikuGRU),
      ("JAXLayouts.equinoxGRU", JAXLayouts.equinoxGRU), ("MLXLayouts.gru", MLXLayouts.gru),
      ("AudioLayouts.rtNeuralGRU", AudioLayouts.rtNeuralGRU),
      ("AudioLayouts.stateDictGRU", AudioLayouts.stateDictGRU),
      ("CoreMLLayouts.gru", CoreMLLayouts.gru), ("CoreMLLayouts.steps", CoreMLLayouts.steps),
    ])
  func gru(name: String, layout: RecurrentLayout<GRUGate>) throws { try row(name, layout) }

  @Test(
    "gate order and orientation",
    arguments: [
      ("KerasLayouts.simpleRNN", KerasLayouts.simpleRNN),
      ("PyTorchLayouts.simpleRNN", PyTorchLayouts.simpleRNN),
    ])
  func simpleRNN(name: String, layout: RecurrentLayout<SimpleRNNGate>) throws {
    try row(name, layout)
  }

  private func row<Gate: RecurrentGate>(_ name: String, _ layout: RecurrentLayout<Gate>) throws {
    let page = try String(
      contentsOf: TestData.root.appending(path: "docs/layouts.md"), encoding: .utf8)
    let rows = page.components(separatedBy: "\n").filter { $0.hasPrefix("|") }
      .map { line in
        line.split(separator: "|").map {
          $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
        }
      }
    let row = try #require(rows.first { $0.first == name }, "\(name) has no row")
    #expect(row[1] == layout.gateOrder.map { "\($0)" }.joined(separator: ", "))
    #expect(row[2] == "\(layout.orientation)")
  }
}
