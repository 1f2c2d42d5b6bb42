import Foundation
import Recur
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Whole sources, read with the weights of a GRU that is called `rnn`.
@Suite("What constructors and programs around a model say")
struct SourceConstructionTests {
  private func opened<Result>(
    _ source: String, settings: [String: String] = [:], className: String? = nil,
    recorded: [[Int]] = [], weights: String = "hostile", _ body: (Checkpoint) throws -> Result
  ) throws -> Result {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "model.py").path(percentEncoded: false)
      try ("import torch, torch.nn as nn, torch.nn.functional as F, math\n" + source).write(
        toFile: path, atomically: true, encoding: .utf8)
      var options = OpeningOptions(architecture: className.map { "\(path):\($0)" } ?? path)
      options.settings = settings
      options.recordedInputs = try recorded.map { shape in
        RecordedInput(
          try Tensor.float32(
            [Float](repeating: 0, count: shape.reduce(1, *)), shape: shape))
      }
      return try body(
        Checkpoint(opening: TestData.path("source_models/\(weights).pt"), options: options))
    }
  }

  private func expectRight(
    _ source: String, settings: [String: String] = [:], className: String? = nil,
    weights: String = "hostile", _ comment: Comment? = nil
  ) throws {
    try opened(source, settings: settings, className: className, weights: weights) { checkpoint in
      let verification = try checkpoint.verify(
        golden: TestData.path("source_models/\(weights).golden.npz"))
      #expect(verification.matches, "\(verification.findings)")
    }
  }

  private func error(
    _ source: String, settings: [String: String] = [:], className: String? = nil
  ) throws -> Diagnostic? {
    do {
      return try opened(source, settings: settings, className: className) { _ in nil }
    } catch let error as CheckpointError {
      return error.diagnostic
    }
  }

  private func model(
    _ constructor: String, _ forward: String = "y, h = self.rnn(x)\nreturn y, h[-1]",
    parameters: String = "", base: String = "nn.Module", call: String = "self, x"
  ) -> String {
    func indented(_ text: String) -> String {
      text.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n")
    }
    return """
      class Model(\(base)):
          def __init__(self\(parameters)):
              super().__init__()
      \(indented(constructor))
          def forward(\(call)):
      \(indented(forward))
      """
  }

  private let gru = "self.rnn = nn.GRU(3, 4, batch_first=True)"

  @Test(
    "modules that the program makes are those of the model",
    arguments: [
      "core = nn.GRU(3, 4, batch_first=True)\nnet = Model(core, [nn.Identity()], 'cpu').to('cpu')",
      "class Core(nn.GRU):\n    pass\nnet = Model(Core(len(WORDS), 4, batch_first=True), [nn.Identity()], device)",
      "def build():\n    core = nn.GRU(3, 4, batch_first=True)\n    core = core.eval()\n    return Model(rnn=core, ends=nn.ModuleList([nn.Identity()]), device=None)\nnet = build()",
    ])
  func instances(program: String) throws {
    let own = model(
      "self.rnn = rnn\nself.ends = ends",
      "y, h = self.rnn(x)\nfor end in self.ends:\n    y = end(y)\nreturn y, h[-1]",
      parameters: ", rnn, ends, device")
    try expectRight(own + "\n" + program)
  }

  @Test("arguments go through several constructors by their names") func furtherArguments() throws {
    let classes = """
      class Core(nn.Module):
          def __init__(self, cell=nn.GRU, **options):
              super().__init__()
              options.setdefault('batch_first', True)
              self.rnn = cell(**options)
      """
    let own = model(
      "self.sizes = sizes", "y, h = self.rnn(x)\nreturn (y, h[-1]) if len(self.sizes) == 2 else y",
      parameters: ", *sizes, **options", base: "Core"
    ).replacing("super().__init__()", with: "super().__init__(**options)")
    try expectRight(classes + "\n" + own + "\nnet = Model(7, 8, input_size=3, hidden_size=4)")
    try opened(classes + "\n" + own, settings: ["input_size": "3", "hidden_size": "4"]) {
      #expect($0.model.outputs.count == 1)
    }
    let found = try error(classes + "\n" + own)
    #expect(found?.message.contains("input_size") == true, "\(String(describing: found))")
  }

  @Test(
    "arrays that a constructor computes have their numbers",
    arguments: [
      "t = torch.zeros(1, 4)\np = torch.arange(3, 4, dtype=torch.float).unsqueeze(1)\nd = torch.exp(torch.arange(0, 4, 2).float() * (-math.log(10000.0) / 4))\nt[:, 0::2] = torch.sin(p * d) ** 2 + torch.cos(p * d) ** 2\nt[:, 1::2] = 1\nself.register_buffer('t', t, persistent=False)",
      "self.t = torch.Tensor(4)\nself.t.fill_(2)\nself.t = self.t - torch.ones(4)",
      "t = torch.eye(4)\nself.t = t.sum() / 4",
      "self.t = float(torch.prod(torch.tensor([2, 3]))) / 6",
    ])
  func constants(constructor: String) throws {
    try expectRight(
      model(gru + "\n" + constructor, "y, h = self.rnn(x)\nreturn y * self.t, h[-1]"))
  }

  @Test(
    "arrays whose numbers are not known are refused where they are used",
    arguments: [
      "self.t = torch.randn(4)", "self.t = torch.Tensor(4)",
      "t = torch.ones(4)\nself.t = t\nt[0] = 2", "t = torch.ones(4)\nself.t = t\nt.mul_(2)",
      "self.t = torch.ones(4)\nnn.init.normal_(self.t)",
      "t = torch.ones(2, 4)\nself.t = t\nt[0].fill_(2)", "self.t = torch.rand(4) * 2 + 1",
    ])
  func unknownNumbers(constructor: String) throws {
    let used = model(gru + "\n" + constructor, "y, h = self.rnn(x)\nreturn y * self.t, h[-1]")
    let found = try #require(try error(used))
    #expect(found.code.rawValue == "source.unsupported", "\(found)")
    #expect(found.notes.contains { $0.contains("self.t") }, "\(found)")
    try expectRight(model(gru + "\n" + constructor))
  }

  @Test("initial values of weights do nothing") func initializers() throws {
    let program = """
      def columns(w, std=1.0):
          out = torch.randn(w.size())
          out *= std / torch.sqrt(out.pow(2).sum(1, keepdim=True))
          return out
      """
    try expectRight(
      program + "\n"
        + model(
          gru
            + "\nself.rnn.weight_ih_l0.data = columns(self.rnn.weight_ih_l0.data, 0.01)\nself.rnn.bias_ih_l0.data.fill_(0)\nnn.init.orthogonal_(self.rnn.weight_hh_l0)\nself.apply(columns)"
        ))
  }

  @Test("kept arguments are attributes", arguments: [[:], ["hidden": "4"]])
  func hyperparameters(settings: [String: String]) throws {
    try expectRight(
      "import pytorch_lightning as pl\n"
        + model(
          "self.save_hyperparameters()\nself.rnn = nn.GRU(self.hparams.size, self.hparams['hidden'], batch_first=True)",
          parameters: ", size=3, hidden=\(settings.isEmpty ? 4 : 9), **more",
          base: "pl.LightningModule"), settings: settings)
  }

  @Test(
    "the same numbers in other words",
    arguments: [
      "n = self.norm(x.transpose(1, 2)).transpose(1, 2)\nm = x - x.mean(1, keepdim=True)\nm = m / torch.sqrt((m * m).mean(1, keepdim=True) + 1e-5)\nreturn y + 0.01 * (n - m).sum(-1, keepdim=True), h[-1]",
      "return torch.relu_(y + y) / 2 - torch.relu_(-y), h[-1]",
      "z = torch.zeros(x.size(0), 1, 4)\nz[:, 0, :] = h\nreturn y, z[:, 0]",
      "if not isinstance(self.rnn, (nn.RNNBase, nn.modules.rnn.RNNBase)):\n    y = -y\nreturn y, h[-1]",
      "if isinstance(self.rnn, nn.RNNCellBase):\n    y = -y\nreturn y, h[-1]",
      "return idle(y), self.idle(h)[-1]",
      "z = torch.ones(3, 1, 4).repeat(x.size(0), 1, 1).view(-1, 3, 4)\nreturn y * z[:, :1], h[-1]",
      "z = h[-1].repeat_interleave(3, 0).view(-1, 3, 4)\nreturn y.repeat_interleave(2, -1)[..., ::2], z[:, 2]",
      "return y, h[-1] + y.max(1).values - y.amax(1)",
      "z = torch.empty(x.size(0), 4)\nz = z.zero_()\nreturn y, h[-1] + z",
      "if x.size(2) > 100 + x.size(1):\n    raise ValueError\nreturn y, h[-1]",
    ])
  func words(forward: String) throws {
    try expectRight(
      "idle = nn.Identity()\n"
        + model(
          gru + "\nself.norm = nn.InstanceNorm1d(3)\nself.idle = idle",
          "y, h = self.rnn(x)\n" + forward))
  }

  @Test("a class may stand in a function, or be made of one that a library hands on")
  func places() throws {
    let inside = model(gru).split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    try expectRight("def build(sizes=(3, 4)):\n\(inside)\n    return Model()\nnet = build()")
    try expectRight(
      "from fastai.basics import *\n" + model(gru, base: "Module"), className: "Model")
    let found = try #require(try error(model(gru, base: "Strange"), className: "Model"))
    #expect(found.message == "the class 'Model' is there, but nothing says that it is a module")
    #expect(found.found == "the base 'Strange', which is not known")
    #expect(found.location.object?.hasPrefix("2:") == true)
  }

  @Test("a number for an argument of the forward pass is taken") func numbers() throws {
    let source = model(
      gru, "y, h = self.rnn(x)\nfor i in range(turns):\n    y = -y\nreturn y, h[-1]",
      call: "self, x, turns=0")
    try expectRight(source, settings: ["turns": "2"])
    try opened(source, settings: ["turns": "1"]) { checkpoint in
      let golden = TestData.path("source_models/hostile.golden.npz")
      let matches = try checkpoint.verify(golden: golden).matches
      #expect(!matches)
    }
  }

  @Test("a decorator that is not known is refused at its function") func decorator() throws {
    let source = model(gru).replacing("    def forward", with: "    @strange\n    def forward")
    let found = try #require(try error(source))
    #expect(found.code.rawValue == "source.unsupported")
    #expect(found.message.contains("'forward' is decorated by strange"))
    #expect(["6:", "7:"].contains { found.location.object?.hasPrefix($0) == true }, "\(found)")
  }

  private func inputShapes(_ checkpoint: Checkpoint) -> [[Int?]] {
    checkpoint.model.nodes.compactMap { node in
      if case .input(let input) = node.layer { input.shape } else { nil }
    }
  }

  @Test("an assertion says what an extent is") func assertion() throws {
    let source = model(
      gru,
      "b, c, t, f = x.shape\nassert c == 1, 'one'\ny, h = self.rnn(x.squeeze(1))\nreturn y, h[-1]")
    try opened(source) { #expect(inputShapes($0) == [[nil, 1, nil, 3]]) }
  }

  @Test("a recorded call says the axes that the source leaves open, and a setting says more")
  func recording() throws {
    let source = model(gru, "y, h = self.rnn(x.mean(1))\nreturn y, h[-1]")
    try opened(source, recorded: [[2, 6, 5, 3]]) { #expect(inputShapes($0)[0].count == 4) }
    try opened(
      source, settings: ["x": "['batch', 6, 'time', 3]"], recorded: [[2, 6, 5, 3]]
    ) {
      #expect(inputShapes($0) == [[nil, 6, nil, 3]])
    }
    let square = model(gru, "y, h = self.rnn(x.view(x.size(0) * 2, 5, 3))\nreturn y, h[-1]")
    try opened(square, recorded: [[4, 10, 3]]) { #expect(inputShapes($0)[0].count == 3) }
  }

  @Test("an extent that differs names its argument") func mismatch() throws {
    let source = model(
      "self.rnn = nn.GRU(3, hidden, batch_first=True)", parameters: ", hidden=9")
    let found = try #require(try error(source, settings: ["hidden": "8"]))
    #expect(found.code.rawValue == "source.mismatch")
    #expect(found.hint?.contains("hidden=4") == true, "\(found)")
    #expect(found.expected?.contains("hidden=8") == true, "\(found)")
  }

  @Test("a branch that raises an error is not the way of a model that was trained")
  func raising() throws {
    try expectRight(
      "from pathlib import Path\n"
        + model(
          gru + "\nif not Path('weights.pt').exists():\n    raise Exception('no weights')"
            + "\nself.names = [k for k, v in Path('names').items()]"))
  }

  @Test("a value of a timestep has a shape") func stepShape() throws {
    try expectRight(
      model(
        "self.rnn = nn.GRUCell(3, 4)",
        "h = torch.zeros(x.size(0), 4)\nfor t in range(x.size(1)):\n    step = x[:, t]\n    if step.shape[-1] != 3 or step.dim() != 2:\n        raise ValueError\n    h = self.rnn(step, h)\nreturn h"
      ), weights: "cell")
  }
}
