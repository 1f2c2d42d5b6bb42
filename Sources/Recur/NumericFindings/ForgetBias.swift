import RecurModel
public import RecurTensors

/// The mean of a bias vector, and how many of its values lie near the 1 that an initializer put there.
private struct BiasLevel {
  /// The range of the mean of a bias that began at 1.
  static let lump = 0.6...1.6
  /// Values above this count as having begun at 1.
  static let high = 0.5
  /// The least share of high values in a bias that began at 1, and of other values in any other
  /// bias.
  static let share = 0.9
  /// The largest mean of a bias that did not begin at 1.
  static let rest = 0.3
  /// The fewest units with which biases are judged.
  static let fewestUnits = 8

  let mean: Double
  let high: Double

  init(_ values: [Double]) {
    let count = Double(max(values.count, 1))
    mean = values.reduce(0, +) / count
    high = Double(values.count { $0 > Self.high }) / count
  }

  var isLump: Bool { Self.lump.contains(mean) && high >= Self.share }
  var isRest: Bool { mean <= Self.rest && high <= 1 - Self.share }
}

extension Model {
  /// A note about LSTM layers whose forget bias began at 1, and a warning where another gate has the
  /// bias that the forget gate should have.
  func forgetBiasFindings() -> [Diagnostic] {
    var usual: [String] = []
    var findings: [Diagnostic] = []
    for node in weightedNodes {
      for gated in GatedCells.all(of: node) {
        guard case .lstm(let lstm) = gated.cell, lstm.units >= BiasLevel.fewestUnits,
          let levels = lstm.biasLevels
        else { continue }
        let lumps = LSTMGate.allCases.filter { levels[$0].isLump }
        let others = LSTMGate.allCases.filter { !lumps.contains($0) }
        guard lumps.count == 1, others.allSatisfy({ levels[$0].isRest }) else { continue }
        let text = LSTMGate.allCases.map { "\($0) \(levels[$0].mean.twoDigits)" }
          .joined(separator: ", ")
        if lumps[0] == .forget {
          usual.append("\(gated.name): mean \(text)")
        } else {
          findings.append(suspicion(node, gated, lumps[0], text, lstm))
        }
      }
    }
    guard !usual.isEmpty else { return findings }
    findings.append(
      Diagnostic(
        .modelForgetBias, .note,
        "the forget bias is near 1 and the others near 0, as unit_forget_bias leaves it: blocks of "
          + "the bias stand in the expected order", notes: usual))
    return findings
  }

  private func suspicion(
    _ node: Node, _ gated: GatedCells, _ lump: LSTMGate, _ text: String, _ lstm: LSTM
  ) -> Diagnostic {
    let location =
      switch lstm.weights.bias {
      case .none: node.location
      case .single(let bias): bias[lump].location.inMemory
      case .split(let input, _): input[lump].location.inMemory
      }
    return Diagnostic(
      .modelGateOrderSuspicious, .warning,
      "the \(lump) gate of \(gated.name) has the bias that a forget gate has: its blocks may be in "
        + "another order than they are read in", at: location,
      expected: "a bias near 1 at the forget gate, or at none",
      found: "mean bias \(text)",
      reason:
        "LSTM layers of Keras begin with a forget bias of 1 and the others at 0, and training "
        + "moves them little; ONNX, Core ML and TensorFlow 1 order gates differently",
      hint: "record what the original computes, and ask which order explains it",
      remedies: [.diagnose])
  }
}

extension LSTM {
  /// The level of each gate's bias, with the two biases of a split bias added; nil without biases.
  fileprivate var biasLevels: GateMap<LSTMGate, BiasLevel>? {
    switch weights.bias {
    case .none: nil
    case .single(let bias): GateMap { BiasLevel(bias[$0].doubles()) }
    case .split(let input, let recurrent):
      GateMap { BiasLevel(zip(input[$0].doubles(), recurrent[$0].doubles()).map(+)) }
    }
  }
}

extension Double {
  /// With two digits behind the point.
  fileprivate var twoDigits: String { "\((self * 100).rounded() / 100)" }
}

extension Diagnostic.Code {
  /// The forget gate's bias is near 1 and the other gates' are near 0.
  public static let modelForgetBias = Self(rawValue: "model.forget-bias")
  /// Another gate of an LSTM has the bias near 1 that a forget gate has.
  public static let modelGateOrderSuspicious = Self(rawValue: "model.gate-order.suspicious")
}
