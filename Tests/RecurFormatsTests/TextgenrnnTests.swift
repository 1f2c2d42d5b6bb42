import Foundation
import Recur
import RecurTestSupport
import Testing

/// textgenrnn's published weights (minimaxir/textgenrnn, MIT): written by CuDNN layers under Keras
/// 2.1.5, without an architecture, around a layer of the author's own.
///
/// The expected text is what tf_keras 2.21 generates greedily from the same file:
///
///     x = L.Input((40,), name="input"); e = L.Embedding(465, 100, name="embedding")(x)
///     r1 = L.LSTM(128, return_sequences=True, name="rnn_1")(e)
///     r2 = L.LSTM(128, return_sequences=True, name="rnn_2")(r1)
///     c = L.Concatenate(name="rnn_concat")([e, r1, r2])
///     a = AttentionWeightedAverage(name="attention")(c)   # Σ x·softmax(x·W) over the timesteps
///     m = keras.Model(x, L.Dense(465, activation="softmax", name="output")(a))
///     m.load_weights("textgenrnn_weights.hdf5", by_name=True)
@Suite(.enabled(if: PublishedFiles.folder != nil, "needs RECUR_WILD, a folder of published files"))
struct TextgenrnnTests {
  /// The characters with tokens 1, 2, 3, … in textgenrnn's vocabulary; 464 starts a text.
  static let vocabulary = Array(
    "It's FinalyOverBo!WXNwScp,ThCgmuP.d(6)D:fjA?R20kEH1L3UbMYJG/-x<[]#5qVK47")
  static let start = 464

  @Test(arguments: [
    ("The ", "The state of the state of the "),
    ("My ", "My friend is a bad day of the same to the "),
  ])
  func generatesTheTextKerasGenerates(_ prefix: String, _ expected: String) throws {
    let generator = try TextGenerator()
    #expect(try generator.text(from: prefix, count: expected.count) == expected)
  }
}

/// The model cut before the author's own layer, and that layer written out.
private struct TextGenerator {
  private let model: Model
  private let attention: [Double]
  private let output: Dense

  init() throws {
    let folder = try #require(PublishedFiles.folder)
    let checkpoint = try TestData.withFolder { temporary in
      let file = temporary.appending(path: "textgenrnn.json")
      try Data(Self.architecture.utf8).write(to: file)
      return try Checkpoint(
        opening: folder + "/minimaxir+textgenrnn/textgenrnn/textgenrnn_weights.hdf5",
        architecture: file.path(percentEncoded: false))
    }
    var model = checkpoint.model
    guard case .opaque(let own) = try #require(model.node("attention")).layer,
      case .dense(let dense) = try #require(model.node("output")).layer
    else { throw TestProblem("the layers are not what the architecture says") }
    attention = own.tensors[0].tensor.doubles()
    output = dense
    model.nodes.removeAll { ["attention", "output"].contains($0.name) }
    model.outputs = [Model.Value("rnn_concat")]
    self.model = model
  }

  func text(from prefix: String, count: Int) throws -> String {
    var tokens = [Int32(TextgenrnnTests.start)]
    for character in prefix {
      let index = try #require(TextgenrnnTests.vocabulary.firstIndex(of: character))
      tokens.append(Int32(index) + 1)
    }
    var text = prefix
    while text.count < count {
      let token = try next(after: tokens)
      tokens.append(Int32(token))
      text.append(TextgenrnnTests.vocabulary[token - 1])
    }
    return text
  }

  /// The most probable token after the last 40, padded in front with zeros.
  private func next(after tokens: [Int32]) throws -> Int {
    let window = tokens.suffix(40)
    let padded = [Int32](repeating: 0, count: 40 - window.count) + window
    let features = try model.run([Tensor.int32(padded, shape: [1, 40])])[0]
    let (values, width) = (features.doubles(), features.shape[2])
    let rows = (0..<40).map { Array(values[$0 * width..<($0 + 1) * width]) }
    let scores = rows.map { zip($0, attention).reduce(0) { $0 + $1.0 * $1.1 } }
    let top = scores.max() ?? 0
    var average = [Double](repeating: 0, count: width)
    var sum = 0.0
    for (row, score) in zip(rows, scores) {
      let weight = exp(score - top)
      sum += weight
      for index in average.indices { average[index] += weight * row[index] }
    }
    average = average.map { $0 / (sum + 1e-7) }
    let kernel = output.kernel.doubles()
    let bias = output.bias?.doubles() ?? []
    let logits = (0..<output.outputSize).map { unit in
      zip(kernel[unit * width..<(unit + 1) * width], average).reduce(bias[unit]) {
        $0 + $1.0 * $1.1
      }
    }
    return (1..<logits.count).max { logits[$0] < logits[$1] } ?? 1
  }

  private static let architecture = """
    {"class_name": "Model", "keras_version": "2.1.5", "backend": "tensorflow", "config": {
     "name": "textgenrnn", "layers": [
      {"class_name": "InputLayer", "name": "input", "inbound_nodes": [], "config":
       {"name": "input", "batch_input_shape": [null, 40], "dtype": "float32", "sparse": false}},
      {"class_name": "Embedding", "name": "embedding", "inbound_nodes": [[["input", 0, 0, {}]]],
       "config": {"name": "embedding", "input_dim": 465, "output_dim": 100, "mask_zero": false}},
      {"class_name": "LSTM", "name": "rnn_1", "inbound_nodes": [[["embedding", 0, 0, {}]]],
       "config": {"name": "rnn_1", "units": 128, "activation": "tanh",
        "recurrent_activation": "sigmoid", "return_sequences": true}},
      {"class_name": "LSTM", "name": "rnn_2", "inbound_nodes": [[["rnn_1", 0, 0, {}]]],
       "config": {"name": "rnn_2", "units": 128, "activation": "tanh",
        "recurrent_activation": "sigmoid", "return_sequences": true}},
      {"class_name": "Concatenate", "name": "rnn_concat", "config": {"name": "rnn_concat", "axis": -1},
       "inbound_nodes": [[["embedding", 0, 0, {}], ["rnn_1", 0, 0, {}], ["rnn_2", 0, 0, {}]]]},
      {"class_name": "AttentionWeightedAverage", "name": "attention",
       "config": {"name": "attention"}, "inbound_nodes": [[["rnn_concat", 0, 0, {}]]]},
      {"class_name": "Dense", "name": "output", "inbound_nodes": [[["attention", 0, 0, {}]]],
       "config": {"name": "output", "units": 465, "activation": "softmax"}}],
     "input_layers": [["input", 0, 0]], "output_layers": [["output", 0, 0]]}}
    """
}

private struct TestProblem: Error {
  let message: String
  init(_ message: String) { self.message = message }
}
