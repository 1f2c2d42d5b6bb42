import Foundation
import Recur
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Architectures read from Python sources")
struct SourceArchitectureTests {
  private func open(
    _ name: String, _ source: String, settings: [String: String] = [:]
  ) throws -> Checkpoint {
    var options = OpeningOptions(architecture: source)
    options.settings = settings
    return try Checkpoint(
      opening: TestData.path("source_models/\(name).pt"), options: options)
  }

  @Test(
    "a source gives the model that torch runs",
    arguments: [
      ("tutorial", "tutorial.py", [:]),
      ("arguments", "arguments.py", [:]),
      ("configured", "configured.py", [:]),
      ("cells", "cells.py", [:]),
      ("packed", "packed.py", [:]),
      ("train", "train.ipynb", [:]),
      ("train", "train.ipynb:Forecaster", [:]),
      ("states", "states.py", [:]),
      ("hostile", "hostile.py", [:]),
      ("package", "package", [:]),
      ("package", "package/:Net", [:]),
      ("tutorial", "tutorial.py", ["hidden_size": "4"]),
    ] as [(String, String, [String: String])])
  func goldens(name: String, source: String, settings: [String: String]) throws {
    let checkpoint = try open(
      name, TestData.path("source_models/\(source)"), settings: settings)
    let verification = try checkpoint.verify(
      golden: TestData.path("source_models/\(name).golden.npz"))
    #expect(verification.matches, "\(verification.findings)")
    #expect(checkpoint.basis.declared.count == 1)
  }

  @Test("nothing of a source is run") func hostile() throws {
    _ = try open("hostile", TestData.path("source_models/hostile.py"))
    #expect(!FileManager.default.fileExists(atPath: "/tmp/recur-was-here"))
  }

  /// Opens the weights of a fixture with this source.
  private func error(_ name: String, _ source: String) throws -> Diagnostic? {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      try source.write(toFile: path, atomically: true, encoding: .utf8)
      do {
        _ = try open(name, path)
        return nil
      } catch let error as CheckpointError {
        return error.diagnostic
      }
    }
  }

  private func gru(_ forward: String, constructor: String = "nn.GRU(3, 4, batch_first=True)")
    -> String
  {
    """
    import torch, torch.nn as nn, torch.nn.functional as F
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = \(constructor)
        def forward(self, x):
    \(forward.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
    """
  }

  @Test(
    "what is reached and not understood is an error at its line",
    arguments: [
      ("y, h = self.rnn(x)\nreturn torch.fft.fft(y)", "8:16", "source.unsupported"),
      ("y, h = self.rnn(x)\nif y.sum() > 0:\n    y = -y\nreturn y", "8:12", "source.unsupported"),
      ("y, h = self.rnn(unknown(x))\nreturn y", "7:25", "source.unsupported"),
      ("y, h = self.rnn(x)\ny[0] = 1\nreturn y", "8:9", "source.unsupported"),
      ("while True:\n    x = x + 1\nreturn x", "8:9", "bytes.limit-exceeded"),
      ("return self.forward(x)", "7:16", "bytes.limit-exceeded"),
      ("y, h = self.rnn(x)\nreturn F.dropout(y)", "8:16", "source.unsupported"),
      ("for i in range(10 ** 9):\n    pass\nreturn x", "7:9", "bytes.limit-exceeded"),
      ("y = = 1\nreturn x", "7:13", "source.unsupported"),
    ])
  func unsupported(forward: String, place: String, code: String) throws {
    let found = try #require(try error("hostile", gru(forward)))
    #expect(found.code.rawValue == code, "\(found)")
    #expect(found.location.object == place, "\(found)")
  }

  @Test(
    "a source that does not fit the weights says where",
    arguments: [
      ("nn.GRU(3, 5, batch_first=True)", "source.mismatch"),
      ("nn.GRU(3, 4, num_layers=2, batch_first=True)", "source.mismatch"),
      ("nn.LSTM(3, 4, batch_first=True)", "source.mismatch"),
      ("nn.Linear(3, 4)", "source.model"),
    ])
  func mismatch(constructor: String, code: String) throws {
    let found = try #require(
      try error("hostile", gru("y, h = self.rnn(x)\nreturn y, h[-1]", constructor: constructor)))
    #expect(found.code.rawValue == code, "\(found)")
    #expect(found.location.object?.hasPrefix("5:") == true, "\(found)")
  }

  @Test("several classes that fit are listed") func several() throws {
    let one = gru("y, h = self.rnn(x)\nreturn y, h[-1]")
    let two = one.replacing("class Model", with: "class Other")
      .replacing("import torch, torch.nn as nn, torch.nn.functional as F", with: "")
    let found = try #require(try error("hostile", one + "\n" + two))
    #expect(found.code.rawValue == "source.model")
    #expect(found.found == "'Model', 'Other'")
  }

  @Test("every mutation of a source is a model or a located error in bounded time")
  func mutations() throws {
    var random = Mutations.Generator(state: 11)
    let names = ["tutorial", "arguments", "configured", "cells", "packed"]
    let sources = try names.map { try TestData.bytes("source_models/\($0).py") }
    let words = [
      "self", "x", "None", "-1", "10**9", "while True: pass", "range(", "torch.", "[", "]", "(",
      ")", "*", "forward", "nn.LSTM", "lambda: ", "return ", "\n", "    ", "0", "h",
    ].map { Array($0.utf8) }
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      for round in 0..<Mutations.count / 20 {
        var bytes = sources[round % sources.count]
        for _ in 0...random.next(3) {
          let position = random.next(bytes.count)
          if random.next(2) == 0 {
            bytes.removeSubrange(position..<min(bytes.count, position + 1 + random.next(12)))
          } else {
            bytes.insert(contentsOf: words[random.next(words.count)], at: position)
          }
        }
        try Data(bytes).write(to: URL(filePath: path))
        do {
          _ = try open(names[round % names.count], path)
        } catch let error as CheckpointError {
          for finding in error.diagnostics {
            #expect(finding.location != Diagnostic.Location(), "\(finding)")
          }
        }
      }
    }
  }
}
