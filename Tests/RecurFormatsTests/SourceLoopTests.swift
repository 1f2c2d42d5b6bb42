import Foundation
import Recur
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Loops over timesteps, whose number is known only when the model runs, with equations of cells.
@Suite("Equations in loops of sources")
struct SourceLoopTests {
  private static let axes = ["x": "['batch', 'timesteps', 3]"]

  private func open(
    _ name: String, _ source: String, _ settings: [String: String]
  ) throws -> Checkpoint {
    var options = OpeningOptions(architecture: source)
    options.settings = settings
    return try Checkpoint(
      opening: TestData.path("source_models/loops/\(name).pt"), options: options)
  }

  @Test(
    "a cell that is computed by its equations is a recurrent layer",
    arguments: [
      ("Elman", ["RNN(4)"], [:]), ("Joined", ["GRU(4)"], [:]),
      ("LongShort", ["LSTM(4)"], ["inputs": "3", "hidden": "4"]), ("Light", ["GRU(4)"], [:]),
      ("Stacked", ["RNN(4)", "RNN(4)"], [:]),
      ("Rebound", ["RNN(4)", "RNN(4)"], [:]),
      ("Mixed", ["LSTM(4)", "RNN(4)"], [:]),
      ("Dropped", ["LSTM(4)"], [:]),
    ] as [(String, [String], [String: String])])
  func cells(name: String, layers: [String], settings: [String: String]) throws {
    let checkpoint = try open(
      name.lowercased(), TestData.path("source_models/loops.py") + ":\(name)",
      settings.merging(Self.axes) { one, _ in one })
    let found = checkpoint.model.nodes.compactMap { node -> String? in
      if case .recurrent(let layer) = node.layer { layer.cell.title } else { nil }
    }
    #expect(found == layers)
    let verification = try checkpoint.verify(
      golden: TestData.path("source_models/loops/\(name.lowercased()).golden.npz"))
    #expect(verification.matches, "\(verification.findings)")
  }

  /// Opens the weights of `Elman` with another forward pass.
  private func opened<Result>(
    _ forward: String, methods: String = "", _ body: (Checkpoint) throws -> Result
  ) throws -> Result {
    func indented(_ text: String) -> String {
      text.split(separator: "\n").map { "        " + $0 + "\n" }.joined()
    }
    let source = """
      import torch, torch.nn as nn

      class Net(nn.Module):
          def __init__(self, inputs, hidden):
              super().__init__()
              self.hidden = hidden
              self.i = nn.Linear(inputs, hidden)
              self.h = nn.Linear(hidden, hidden)
              self.fc = nn.Linear(hidden, 2)
      \(methods)
          def forward(self, x):
              h = torch.zeros(x.size(0), self.hidden)
      \(indented(forward))
      """
    return try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      try source.write(toFile: path, atomically: true, encoding: .utf8)
      return try body(open("elman", path, Self.axes))
    }
  }

  private func error(_ forward: String, methods: String = "") throws -> Diagnostic? {
    do {
      return try opened(forward, methods: methods) { _ in nil }
    } catch let error as CheckpointError {
      return error.diagnostic
    }
  }

  private static let cell = "h = torch.tanh(self.i(x[:, t]) + self.h(h))"

  @Test(
    "what goes from timestep to timestep other than by names is refused, and so is what is no cell",
    arguments: [
      // the state before the timestep, and one that is changed behind its cell
      ("out = []\nfor t in range(x.size(1)):\n    out.append(h)\n    \(cell)\nreturn out[-1]", ""),
      ("for t in range(x.size(1)):\n    \(cell)\n    h = h * 0.5\nreturn self.fc(h)", ""),
      // a sum of all states, and two states that change places
      ("s = h\nfor t in range(x.size(1)):\n    \(cell)\n    s = s + h\nreturn self.fc(s)", ""),
      (
        "g = h + 1\nfor t in range(x.size(1)):\n    h, g = torch.tanh(self.i(x[:, t]) + self.h(g)), h\n"
          + "return self.fc(h)", ""
      ),
      // a number that counts, a flag, and a first state that is None
      ("n = 0\nfor t in range(x.size(1)):\n    \(cell)\n    n += 1\nreturn self.fc(h) * n", ""),
      (
        "first = True\nfor t in range(x.size(1)):\n    if first:\n        h = torch.tanh(self.i(x[:, t]))\n"
          + "    else:\n        \(cell)\n    first = False\nreturn self.fc(h)", ""
      ),
      (
        "g = None\nfor t in range(x.size(1)):\n    g = torch.tanh(self.i(x[:, t]) + self.h(h if g is None else g))\n"
          + "return self.fc(g)", ""
      ),
      // states in attributes, in dictionaries and at the ends of lists
      (
        "self.s = h\nfor t in range(x.size(1)):\n    y = self.step(x[:, t])\nreturn self.fc(y)",
        "    def step(self, x):\n        self.s = torch.tanh(self.i(x) + self.h(self.s))\n        return self.s\n"
      ),
      (
        "d = {'h': h}\nfor t in range(x.size(1)):\n    d['h'] = torch.tanh(self.i(x[:, t]) + self.h(d['h']))\n"
          + "return self.fc(d['h'])", ""
      ),
      (
        "s = [h]\nfor t in range(x.size(1)):\n    s.append(torch.tanh(self.i(x[:, t]) + self.h(s[-1])))\n"
          + "return self.fc(s[-1])", ""
      ),
      (
        "s = [h]\nfor t in range(x.size(1)):\n    s.append(torch.tanh(self.i(x[:, t]) + self.h(s.pop())))\n"
          + "return self.fc(s[-1])", ""
      ),
      // a list that is made anew, and an array that is read while it is filled
      (
        "o = []\nfor t in range(x.size(1)):\n    \(cell)\n    o = o + [h]\nreturn o[-1], torch.stack(o, 1)",
        ""
      ),
      (
        "o = torch.zeros(x.size(0), x.size(1), self.hidden)\np = []\nfor t in range(x.size(1)):\n    \(cell)\n"
          + "    o[:, t] = h\n    p.append(o[:, t])\nreturn torch.stack(p, 1)", ""
      ),
      // what is computed around the loop, and what is computed of all states
      (
        "m = x.mean(1)\nfor t in range(x.size(1)):\n    h = torch.tanh(self.i(m) + self.h(h))\nreturn self.fc(h)",
        ""
      ),
    ] as [(String, String)])
  func refused(forward: String, methods: String) throws {
    let found = try #require(try error(forward, methods: methods))
    #expect(["source.unsupported", "graph.unsupported"].contains(found.code.rawValue), "\(found)")
    #expect(found.location.file?.hasSuffix("model.py") ?? false)
  }

  @Test("the values of the last timestep are known behind the loop") func lastValues() throws {
    try opened(
      "for t in range(x.size(1)):\n    \(Self.cell)\n    y = self.fc(h)\nreturn y, h"
    ) { checkpoint in
      #expect(checkpoint.model.outputs.count == 2)
      let input = try Tensor.float32((0..<24).map { Float($0) / 8 - 1 }, shape: [2, 4, 3])
      let all = try open("elman", TestData.path("source_models/loops.py:Elman"), Self.axes)
      let own = try checkpoint.model.run([input]).map { $0.doubles() }
      let whole = try all.model.run([input]).map { $0.doubles() }
      #expect(own == [whole[2], whole[1]])
    }
  }
}
