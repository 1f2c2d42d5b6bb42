import Foundation
import Recur
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

/// Weights of Keras whose architecture is the program that made them (`generators/keras_source.py`).
@Suite("Programs of Keras")
struct KerasSourceTests {
  static func path(_ name: String) -> String { TestData.path("keras_source/" + name) }

  static func open(
    _ weights: String, _ source: String, _ settings: [String: String] = [:]
  ) throws(CheckpointError) -> Checkpoint {
    var options = OpeningOptions(architecture: source)
    options.settings = settings
    return try Checkpoint(opening: path(weights), options: options)
  }

  /// How far the outputs are from the recorded ones.
  static func difference(_ checkpoint: Checkpoint, _ name: String) throws -> Double {
    let archive = try NPZArchive(
      ByteRegion(ByteStorage(mapping: path(name + ".golden.npz"))))
    let inputs = try archive.numbered("in_")
    let expected = try #require(try archive.tensor("out_0"))
    return try checkpoint.model.run(inputs)[0].largestDifference(from: expected)
  }

  /// Writes a source and gives its path to `body`.
  @discardableResult
  static func withSource<Result>(
    _ text: String, _ body: (String) throws -> Result
  ) throws -> Result {
    try TestData.withFolder { folder in
      let file = folder.appending(path: "model.py")
      try text.write(to: file, atomically: true, encoding: .utf8)
      return try body(file.path(percentEncoded: false))
    }
  }

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  @Test(
    "weights take their architecture from the program",
    arguments: [
      ("sequential.h5", "sequential.py"), ("sequential3.weights.h5", "sequential3.py"),
      ("functional.h5", "functional.py"), ("notebook.h5", "notebook.ipynb"),
      ("cells.h5", "cells.py"), ("rewrapped.h5", "rewrapped.py"), ("lambdas.h5", "lambdas.py"),
      ("whole_lambdas.h5", "lambdas.py"),
      ("subclassed.weights.h5", "subclassed.py"),
    ])
  func goldens(weights: String, source: String) throws {
    let settings = source == "functional.py" ? ["X.shape[2]": "3"] : [:]
    let checkpoint = try Self.open(weights, Self.path(source), settings)
    let name = String(source.prefix { $0 != "." })
    #expect(try Self.difference(checkpoint, name) < 3e-6)
    #expect(checkpoint.basis.declared == [Self.path(source)])
    #expect(!checkpoint.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
  }

  @Test("a program's model is written like any other")
  func conversion() throws {
    let checkpoint = try Self.open(
      "functional.h5", Self.path("functional.py"), ["X.shape[2]": "3"])
    try TestData.withFolder { folder in
      let path = folder.appending(path: "m.keras").path(percentEncoded: false)
      let conversion = try checkpoint.convert(to: path)
      #expect(conversion.largestDifference < 1e-7)
      let difference = try Self.difference(Checkpoint(opening: path), "functional")
      #expect(difference < 3e-6)
    }
  }

  @Test("the layers of a model have the places of their calls")
  func places() throws {
    let model = try Self.open("sequential.h5", Self.path("sequential.py")).model
    let node = try #require(model.nodes.first { $0.layerName.hasPrefix("dense") })
    #expect(node.location.file == Self.path("sequential.py"))
    let line = try Self.text("sequential.py").split(
      separator: "\n", omittingEmptySubsequences: false
    ).firstIndex { $0.contains("Dense(len(chars)") }
    #expect(node.location.object?.hasPrefix("\((line ?? -2) + 1):") == true)
  }

  // MARK: what the program leaves open

  @Test("a size that no array tells is asked for by its name, and the answer works")
  func openSize() throws {
    let source = """
      from keras.models import Sequential
      from keras.layers import *
      model = Sequential()
      model.add(Lambda(lambda x: x, input_shape=(8,)))
      model.add(Reshape((n_steps, 1)))
      model.add(SimpleRNN(5, return_sequences=True))
      model.add(Lambda(lambda x: x[:, -2:]))
      model.add(Flatten())
      model.add(Dense(3))
      """
    let taken = "frame = read('table.csv')\nn_steps = frame.shape[0]\n" + source
    try Self.withSource(taken) { path in
      let error = expectDiagnostic("source.model") { try Self.open("lambdas.h5", path) }
      #expect(error?.message.contains("'target_shape'") == true)
      #expect(error?.hint == "give its value: frame.shape[0]=…")
      #expect(error?.location.object?.hasPrefix("7:") == true)
      for name in ["n_steps", "frame.shape[0]"] {
        let checkpoint = try Self.open("lambdas.h5", path, [name: "8"])
        #expect(checkpoint.model.nodes.count > 4)
      }
      expectDiagnostic("source.model") { try Self.open("lambdas.h5", path, ["n_step": "8"]) }
    }
  }

  @Test("a size that contradicts the weights is an error")
  func contradiction() throws {
    let text = try Self.text("sequential.py").replacing("WIDTHS = [6, 5]", with: "WIDTHS = [6, 7]")
    try Self.withSource(text) { path in
      expectDiagnostic("tensor.shape-mismatch") { try Self.open("sequential.h5", path) }
      let right = try Self.open("sequential.h5", path, ["WIDTHS": "[6, 5]"])
      #expect(try Self.difference(right, "sequential") < 3e-6)
    }
  }

  @Test("several models that fit are listed, and a name or a line chooses")
  func several() throws {
    let text =
      try Self.text("sequential.py").replacing("corpus", with: "words")
      + "\nfirst = model\n"
      + Self.text("sequential.py").replacing("softmax", with: "sigmoid")
    try Self.withSource(text) { path in
      let error = expectDiagnostic("source.model") { try Self.open("sequential.h5", path) }
      #expect(error?.notes.count == 2)
      let other = try Self.open("sequential.h5", path + ":model")
      #expect(try Self.difference(other, "sequential") > 0.01)
      let right = try Self.open("sequential.h5", path + ":first")
      #expect(try Self.difference(right, "sequential") < 3e-6)
      expectDiagnostic("source.model") { try Self.open("sequential.h5", path + ":third") }
    }
  }

  @Test("a model that fits besides the one that is left under its name is said")
  func overwritten() throws {
    let text = try Self.text("sequential3.py")
    let other = text.replacing(
      "return_sequences=not last", with: "return_sequences=not last, go_backwards=True")
    try Self.withSource(text + "\n" + other) { path in
      let checkpoint = try Self.open("sequential3.weights.h5", path)
      let note = try #require(checkpoint.diagnostics.first { $0.code.rawValue == "source.model" })
      #expect(note.severity == .note && note.notes.count == 1)
    }
  }

  @Test("what the model of a class is called with has the axes that a setting says")
  func declaredAxes() throws {
    let path = Self.path("subclassed.py")
    let fixed = try Self.open("subclassed.weights.h5", path, ["inputs": "['batch', 7, 3]"])
    guard case .input(let input)? = fixed.model.nodes.first?.layer else {
      Issue.record("no input")
      return
    }
    #expect(input.shape == [nil, 7, 3])
    #expect(throws: CheckpointError.self) {
      try Self.open("subclassed.weights.h5", path, ["inputs": "['batch', 7, 5]"])
    }
    expectDiagnostic("source.model") {
      try Self.open("subclassed.weights.h5", path, ["input": "['batch', 7, 3]"])
    }
  }

  @Test("a policy of mixed precision leaves the input of a sequence in float32")
  func mixedInput() throws {
    let policy = "import keras\nkeras.mixed_precision.set_global_policy('mixed_bfloat16')\n"
    try Self.withSource(policy + Self.text("sequential.py")) { path in
      let model = try Self.open("sequential.h5", path).model
      guard case .input(let input)? = model.nodes.first?.layer else {
        Issue.record("no input")
        return
      }
      #expect(input.elementType == .float32)
      #expect(model.nodes.contains { $0.precision == .bfloat16 })
    }
  }

  @Test("a function that the program does not call is called with open arguments")
  func uncalled() throws {
    let text = try Self.text("functional.py").replacing("model = build(X.shape[2])", with: "")
    try Self.withSource(text) { path in
      let width = ["n_features": "3"]
      for own in [path, path + ":build"] {
        let checkpoint = try Self.open("functional.h5", own, width)
        #expect(try Self.difference(checkpoint, "functional") < 3e-6)
      }
    }
  }

  // MARK: what is refused

  /// Changes of a program that reads, with a part of the refusal.
  static let refusals:
    [(source: String, weights: String, old: String, new: String, message: String)] = [
      (
        "sequential.py", "sequential.h5", "    model.add(Dropout(CONFIG[\"rate\"]))\n",
        "    if X.ndim > 2:\n        model.add(Dropout(0.5))\n",
        "does not say whether and how often"
      ),
      (
        "sequential.py", "sequential.h5", "activation=\"softmax\"", "activation=make(3)",
        "'activation' of the layer 'dense' is open"
      ),
      (
        "sequential.py", "sequential.h5", "Dense(len(chars)", "dense_of(len(chars)",
        "a layer of the model is not known"
      ),
      (
        "sequential.py", "sequential.h5", "model.compile(",
        "model.layers[-1].activation = \"sigmoid\"\nmodel.compile(",
        "'activation' of the layer 'dense' is open: it is changed after"
      ),
      (
        "sequential.py", "sequential.h5", "model.compile(",
        "import keras\nfrom keras import backend as K\nmodel = keras.Model(model.input, K.foldl(min, model.output))\nmodel.compile(",
        "'model' becomes something that is not understood"
      ),
      (
        "sequential.py", "sequential.h5", "    model.add(Dropout(CONFIG[\"rate\"]))",
        "    model.add(Dropout(CONFIG[\"rate\"]))\nmodel.outputs = [model.layers[-2].output]",
        "the 'outputs' of the model are changed"
      ),
      (
        "lambdas.py", "lambdas.h5", "    layers.Lambda(lambda x: x * 10.0),\n])\n",
        "])\nk = 10.0\nmodel = models.Model(model.input, layers.Lambda(lambda x: x * k)(model.output))\nk = 2.0\n",
        "gets another value behind the call"
      ),
      (
        "functional.py", "functional.h5", "build(X.shape[2])", "build(X.shape[1])",
        "the source does not say 'X.shape[1]'"
      ),
      (
        "functional.py", "functional.h5", "last * 0.5", "K.foldl(min, last)",
        "'keras.backend.foldl' of a tensor is not supported"
      ),
      (
        "functional.py", "functional.h5", "initial_state=state",
        "initial_state=state, constants=out",
        "constants"
      ),
      (
        "subclassed.py", "subclassed.weights.h5", "    def call(self, x):\n",
        "    def build(self, shape):\n        self.w = self.add_weight(shape=(3,))\n\n    def call(self, x):\n",
        "makes weights of its own in build()"
      ),
    ]

  @Test("what is not understood is refused at its place", arguments: refusals.indices)
  func refused(index: Int) throws {
    let entry = Self.refusals[index]
    let text = try Self.text(entry.source)
    #expect(text.contains(entry.old))
    try Self.withSource(text.replacing(entry.old, with: entry.new)) { path in
      do {
        let isTold = entry.source == "functional.py" && !entry.new.contains("X.shape")
        _ = try Self.open(entry.weights, path, isTold ? ["X.shape[2]": "3"] : [:])
        Issue.record("was read")
      } catch let error as CheckpointError {
        let said = error.diagnostics.map { "\($0.message) \($0.notes.joined(separator: " "))" }
        #expect(said.contains { $0.contains(entry.message) }, "\(said)")
        #expect(error.diagnostic.location.file == path)
      }
    }
  }

  @Test("a model that leaves weights unused is not the one")
  func unused() throws {
    let text = try Self.text("sequential3.py").replacing("WIDTHS = [6, 5]", with: "WIDTHS = [6]")
    try Self.withSource(text) { path in
      expectDiagnostic("source.model") { try Self.open("sequential3.weights.h5", path) }
    }
  }

  @Test("hard_sigmoid in weights whose groups Keras 3 named has the meaning of Keras 3")
  func version() throws {
    let text = try Self.text("sequential3.py").replacing(
      "return_sequences=not last",
      with: "return_sequences=not last, recurrent_activation='hard_sigmoid'")
    try Self.withSource(text) { path in
      let model = try Self.open("sequential3.weights.h5", path).model
      let cell = try #require(model.nodes.flatMap(\.layer.recurrents).first?.cell)
      guard case .lstm(let lstm) = cell else {
        Issue.record("no LSTM")
        return
      }
      #expect(lstm.recurrentActivation == .hardSigmoidOfSixths)
    }
  }

  @Test("nothing of a program is executed")
  func notExecuted() throws {
    try TestData.withFolder { folder in
      let mark = folder.appending(path: "mark").path(percentEncoded: false)
      let text =
        "import os\nos.system('touch \(mark)')\nopen('\(mark)', 'w').write('x')\n"
        + (try Self.text("sequential.py"))
      try Self.withSource(text) { path in
        _ = try Self.open("sequential.h5", path)
        #expect(!FileManager.default.fileExists(atPath: mark))
      }
    }
  }

  // MARK: expressions

  @Test("functions of Lambda layers are given as expressions")
  func expressions() throws {
    var options = OpeningOptions()
    options.lambdas = [
      "lambda": "tf.expand_dims(x, axis=-1)",
      "lambda_1":
        "lambda z: (z - K.mean(z, axis=1, keepdims=True)) / (K.std(z, axis=1, keepdims=True) + 1e-3)",
      "tail": "x[:, -2:]", "lambda_2": "x * 10.0",
    ]
    let checkpoint = try Checkpoint(opening: Self.path("whole_lambdas.h5"), options: options)
    #expect(try Self.difference(checkpoint, "lambdas") < 3e-6)
    options.lambdas["tail"] = "x[:, :2]"
    let wrong = try Checkpoint(opening: Self.path("whole_lambdas.h5"), options: options)
    #expect(try Self.difference(wrong, "lambdas") > 1e-2)
  }

  @Test(
    "an expression that can't be read is refused",
    arguments: [
      ("tail", "x.foo()"), ("tail", "y * 2"), ("tail", "x["), ("head", "x"), ("tail", "3"),
    ])
  func expression(layer: String, text: String) {
    var options = OpeningOptions()
    options.lambdas = [layer: text]
    #expect(throws: CheckpointError.self) {
      try Checkpoint(opening: Self.path("whole_lambdas.h5"), options: options)
    }
    expectDiagnostic("file.option-unused") {
      try Checkpoint(opening: TestData.path("torch_modules/select_mean_both.pt"), options: options)
    }
  }
}
