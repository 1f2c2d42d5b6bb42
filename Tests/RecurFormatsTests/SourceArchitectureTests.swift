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
      ("steps", "steps.py", [:]),
      ("hostile", "hostile.py", [:]),
      ("package", "package", [:]),
      ("package", "package/:Net", [:]),
      ("tutorial", "tutorial.py", ["hidden_size": "4"]),
      ("encoder", "encoder.py", [:]),
      ("nested", "nested.py", [:]),
    ] as [(String, String, [String: String])])
  func goldens(name: String, source: String, settings: [String: String]) throws {
    let checkpoint = try open(
      name, TestData.path("source_models/\(source)"), settings: settings)
    let verification = try checkpoint.verify(
      golden: TestData.path("source_models/\(name).golden.npz"))
    #expect(verification.matches, "\(verification.findings)")
    #expect(checkpoint.basis.declared.count == 1)
  }

  @Test("a batch for which the source does something else is said") func specialBatch() throws {
    let checkpoint = try open("nested", TestData.path("source_models/nested.py"))
    #expect(
      checkpoint.model.inputs.map { "\($0)" } == [
        "x", "inputs_0", "inputs_1_0", "inputs_1_1", "x_last",
      ])
    let warning = try #require(
      checkpoint.diagnostics.first { $0.code.rawValue == "source.batch-special" })
    #expect(warning.message.contains("batch is 2"))
  }

  @Test("rows that are padded are refused, which torch makes zeros") func paddedEncoder() throws {
    let text = try String(
      contentsOfFile: TestData.path("source_models/encoder.py"), encoding: .utf8)
    let changed = text.replacing(
      "x = self.first(x, src_mask=later)",
      with: "x = self.first(x, src_key_padding_mask=x[:, :, 0] > 0)")
    #expect(try error("encoder", changed)?.code.rawValue == "source.unsupported")
  }

  @Test("a package is known by the name of its folder") func ownPackage() throws {
    try TestData.withFolder { folder in
      let package = folder.appending(path: "own")
      try FileManager.default.createDirectory(at: package, withIntermediateDirectories: true)
      try "from torch.nn import *\nSIZES = (3, 4)\n".write(
        to: package.appending(path: "sizes.py"), atomically: true, encoding: .utf8)
      let text = """
        from own.sizes import *

        class Net(Module):
            def __init__(self):
                super().__init__()
                self.rnn = GRU(*SIZES, batch_first=True)

            def forward(self, x):
                y, h = self.rnn(x)
                return y, h[-1]
        """
      try text.write(to: package.appending(path: "net.py"), atomically: true, encoding: .utf8)
      let checkpoint = try open("hostile", package.path(percentEncoded: false))
      let golden = TestData.path("source_models/hostile.golden.npz")
      #expect(try checkpoint.verify(golden: golden).matches)
    }
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
      ("while True:\n    x = x + 1\nreturn x", "8:", "bytes.limit-exceeded"),
      ("return self.forward(x)", "7:16", "bytes.limit-exceeded"),
      ("y, h = self.rnn(x)\nreturn F.dropout(y)", "8:16", "source.unsupported"),
      ("for i in range(10 ** 9):\n    pass\nreturn x", "7:9", "bytes.limit-exceeded"),
      ("y = = 1\nreturn x", "7:13", "source.unsupported"),
    ])
  func unsupported(forward: String, place: String, code: String) throws {
    let found = try #require(try error("hostile", gru(forward)))
    #expect(found.code.rawValue == code, "\(found)")
    #expect(found.location.object?.hasPrefix(place) == true, "\(found)")
  }

  @Test(
    "a source that does not fit the weights says where",
    arguments: [
      ("nn.GRU(3, 5, batch_first=True)", "source.mismatch"),
      ("nn.GRU(3, 4, num_layers=2, batch_first=True)", "source.model"),
      ("nn.LSTM(3, 4, batch_first=True)", "source.mismatch"),
      ("nn.Linear(3, 4)", "source.model"),
    ])
  func mismatch(constructor: String, code: String) throws {
    let found = try #require(
      try error("hostile", gru("y, h = self.rnn(x)\nreturn y, h[-1]", constructor: constructor)))
    #expect(found.code.rawValue == code, "\(found)")
    #expect(found.location.object?.hasPrefix("5:") == true, "\(found)")
  }

  @Test(
    "a forward pass that computes the same gives the same numbers",
    arguments: [
      "y, h = self.rnn(x)\nz = y.clone()\nz += 1\nreturn y, h[-1]",
      "y, h = self.rnn(x)\nouts = []\nfor i in range(2):\n    outs.append(y)\nreturn outs[-1], h[-1]",
      "y, h = self.rnn(x)\ny = y + 0\ny.mul_(1)\nreturn y, h[-1]",
      "y, h = self.rnn(x)\nz = torch.zeros(2, x.size(0), 4)\nz[1] = h[-1]\nreturn y, z[-1]",
      "n = x.size(1)\ny, h = self.rnn(x[:, :n])\nreturn y, h.squeeze(0)",
      "t = torch.arange(x.size(1)).unsqueeze(-1)\ny, h = self.rnn(x + 0 * t)\nreturn y, h[-1]",
      "h0 = x.new_zeros(1, x.size(0), 4)\ny, h = self.rnn(x, h0)\nreturn {'y': y, 'h': h[0]}",
      "y, h = self.rnn(x)\nassert y.shape[-1] == 4, 'four'\nprint(y)\nreturn (y, h.transpose(0, 1)[:, -1])",
      "b, t, f = x.shape\ny, h = self.rnn(x.reshape(b * t, f).view(b, t, -1))\nreturn y, h[-1]",
      "def first(v, i=0):\n    return v[i]\ny, h = self.rnn(x)\nreturn first([y]), first(h, i=-1)",
      "try:\n    y, h = self.rnn(x)\nexcept RuntimeError:\n    y = None\nreturn y, h[-1]",
      "y, h = self.rnn(x)\nlast = y[torch.arange(y.size(0)), torch.full((y.size(0),), -1)]\nreturn y, h[-1]",
    ])
  func equal(forward: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      try gru(forward).write(toFile: path, atomically: true, encoding: .utf8)
      let verification = try open("hostile", path).verify(
        golden: TestData.path("source_models/hostile.golden.npz"))
      #expect(verification.matches, "\(verification.findings)")
    }
  }

  @Test(
    "an array that was changed in place is not used under another name",
    arguments: [
      ("y, h = self.rnn(x)\nz = y\ny += 1\nreturn z, h[-1]", "10:8"),
      ("y, h = self.rnn(x)\nz = y[:, 0]\ny += 1\nreturn z, h[-1]", "10:8"),
      ("y, h = self.rnn(x)\nF.relu(y, inplace=True)\nreturn y, h[-1]", "9:8"),
      ("y, h = self.rnn(x)\nz = [y]\ny.tanh_()\nreturn torch.stack(z), h[-1]", "10:8"),
    ])
  func changed(forward: String, place: String) throws {
    let found = try #require(try error("hostile", gru(forward)))
    #expect(found.code.rawValue == "source.unsupported", "\(found)")
    #expect(found.message.contains("changed in place"), "\(found)")
    #expect(found.location.object?.split(separator: ":").first == place.split(separator: ":").first)
  }

  private func choosing(_ constructor: String, _ forward: String, below: String = "") -> String {
    """
    import torch, torch.nn as nn
    class Model(nn.Module):
        def __init__(self, kind, depth=1, swap=False):
            super().__init__()
            self.swap = swap
            \(constructor)
        def forward(self, x):
            \(forward)
    \(below)
    """
  }

  @Test(
    "a loop over timesteps that is not a layer over the sequence is refused",
    arguments: [
      "h = self.rnn(x[:, t], self.rnn(x[:, t], h))",
      "if t == 0:\n        h = h + 1\n    h = self.rnn(x[:, t], h)",
      "h = self.rnn(x[:, t] + h[:, :3], h)", "h = self.rnn(x[:, t], h)\n    break",
      "h = self.rnn(x[:, t - 1], h)", "h = -self.rnn(x[:, t], h)", "h = self.rnn(x[:, t])",
      "self.h = h = self.rnn(x[:, t], h)", "h = self.rnn(x[:, 0], h)",
    ])
  func loops(body: String) throws {
    let forward = "h = torch.zeros(x.size(0), 4)\nfor t in range(x.size(1)):\n    \(body)\nreturn h"
    let found = try error("cell", gru(forward, constructor: "nn.GRUCell(3, 4)"))
    #expect(
      ["source.unsupported", "graph.unsupported"].contains(found?.code.rawValue),
      "\(String(describing: found))")
  }

  @Test(
    "a loop over timesteps is a layer over the sequence",
    arguments: [
      "for t in range(x.size(1)):\n    h = self.rnn(x[:, t], h)\nreturn h",
      "for step in x.unbind(1):\n    h = self.rnn(step, h)\nreturn h",
      "for step in x.transpose(0, 1):\n    h = self.rnn(step, h)\nreturn h",
      "ys = []\nfor i, step in enumerate(x.split(1, dim=1)):\n    h = self.rnn(step.squeeze(1), h)\n    ys.append(h)\nreturn ys[-1]",
      "ys = []\nfor t in range(x.shape[1]):\n    h = self.rnn(x[:, t, :], h)\n    ys += [h]\nreturn torch.stack(ys)[-1]",
    ])
  func loop(forward: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      let text = gru("h = torch.zeros(x.size(0), 4)\n" + forward, constructor: "nn.GRUCell(3, 4)")
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let verification = try open("cell", path).verify(
        golden: TestData.path("source_models/cell.golden.npz"))
      #expect(verification.matches, "\(verification.findings)")
    }
  }

  @Test("what the tensors decide is not asked for") func decided() throws {
    let source = choosing(
      "self.rnn = getattr(nn, kind)(3, 4, depth, batch_first=True)", "return self.rnn(x)[0]")
    #expect(try error("hostile", source) == nil)
    let texts = choosing(
      "self.rnn = (nn.LSTM if kind == 'lstm' else nn.GRU)(3, 4, batch_first=True)",
      "return self.rnn(x)[0]")
    #expect(try error("hostile", texts) == nil)
  }

  @Test("what nothing decides is asked for by its name") func undecided() throws {
    let asking = choosing(
      "self.rnn = nn.GRU(3, 4, batch_first=True); self.kind = kind",
      "return -self.rnn(x)[0] if self.kind == 'negative' else self.rnn(x)[0]")
    var found = try #require(try error("hostile", asking))
    #expect(found.code.rawValue == "source.model")
    #expect(found.message == "the source does not say 'kind'")
    let several = choosing(
      "self.rnn = nn.GRU(3, 4, batch_first=True)",
      "y, h = self.rnn(x); return -y if self.swap else y",
      below: "a = Model('a', swap=True)\nb = Model('a', swap=False)")
    found = try #require(try error("hostile", several))
    #expect(found.code.rawValue == "source.model")
    #expect(found.found == "swap=true, swap=false")
    let wrong = try #require(
      #expect(throws: CheckpointError.self) {
        _ = try open(
          "tutorial", TestData.path("source_models/tutorial.py"), settings: ["hiden_size": "4"])
      })
    #expect(wrong.diagnostic.code.rawValue == "source.model")
    #expect(wrong.diagnostic.found == "hiden_size")
  }

  @Test("the axes of an argument can be given") func axes() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      try gru("y, h = self.rnn(x.squeeze(1))\nreturn y, h[-1]").write(
        toFile: path, atomically: true, encoding: .utf8)
      let checkpoint = try open("hostile", path, settings: ["x": "['batch', 1, 'time', 3]"])
      let shapes = checkpoint.model.nodes.compactMap { node in
        if case .input(let input) = node.layer { input.shape } else { nil }
      }
      #expect(shapes == [[nil, 1, nil, 3]])
    }
  }

  @Test("a state that is kept between calls is told") func kept() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      try gru(
        "y, self.hidden = self.rnn(x, self.hidden)\nreturn y, self.hidden[-1]",
        constructor: "nn.GRU(3, 4, batch_first=True); self.hidden = None"
      ).write(toFile: path, atomically: true, encoding: .utf8)
      let checkpoint = try open("hostile", path)
      #expect(checkpoint.diagnostics.map(\.code.rawValue).contains("source.state-not-kept"))
      let verification = try checkpoint.verify(
        golden: TestData.path("source_models/hostile.golden.npz"))
      #expect(verification.matches)
    }
  }

  @Test(
    "hostile sources end quickly",
    arguments: [
      "y = " + String(repeating: "(", count: 5_000) + "x" + String(repeating: ")", count: 5_000)
        + "\nreturn y",
      "y = x\n" + String(repeating: "y = [y, y]\n", count: 400) + "return y",
      "return [[i for i in range(10000)] for j in range(10000)]",
      "f = lambda v: f(f(v))\nreturn f(x)",
      "y = [0]\nfor i in y:\n    y.append(i)\nreturn x.view(len(y))",
      "y = 'a'\nfor i in range(100):\n    y = y + y\nreturn x",
      "y = 9\nfor i in range(1000):\n    y = y * y\nreturn x.view(y)",
      "y = [x]\nfor i in range(60):\n    y = y + y\nreturn y",
      "y = ()\nfor i in range(60):\n    y = (y, y)\nreturn y",
    ])
  func hostileSources(forward: String) throws {
    let clock = ContinuousClock()
    var found: Diagnostic?
    let time = try clock.measure { found = try error("hostile", gru(forward)) }
    #expect(time < .seconds(20), "\(time)")
    #expect(found?.location.object != nil || found == nil, "\(String(describing: found))")
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
