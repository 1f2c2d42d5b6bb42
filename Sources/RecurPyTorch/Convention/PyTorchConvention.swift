package import RecurFormats
package import RecurModel
package import RecurTensors

/// The words and the code of PyTorch's users.
package struct PyTorchConvention: Convention {
  package let name = "PyTorch"
  package let id = "pytorch"
  package let tool = Diagnostic.Fix.Tool.pytorch
  package let padding = PaddingConvention.packing
  package let stacksStates = true

  package init() {}

  package var recurrent: RecurrentConventions {
    RecurrentConventions(
      name: name,
      lstm: .init(
        layout: PyTorchLayouts.lstm,
        letters: GateMap { gate in
          switch gate {
          case .input: "i"
          case .forget: "f"
          case .cell: "g"
          case .output: "o"
          }
        }, knownOrders: KnownGateOrders.lstm),
      gru: .init(
        layout: PyTorchLayouts.gru,
        letters: GateMap { gate in
          switch gate {
          case .update: "z"
          case .reset: "r"
          case .candidate: "n"
          }
        }, knownOrders: KnownGateOrders.gru),
      simpleRNN: PyTorchLayouts.simpleRNN)
  }

  package func returningSequences(_ layer: Layer) -> String? { nil }

  package func code(for remedy: Diagnostic.Remedy) -> [String] {
    switch remedy {
    case .addBatchAxis(let axis): ["model(x.unsqueeze(\(axis)))"]
    case .exchangeAxes(let one, let other): ["model(x.transpose(\(one), \(other)))"]
    case .compareShapes(let declared, _, let axis):
      ["lstm.input_size  # \(declared[axis].map(String.init) ?? "")"]
    case .enlargeVocabulary(let size, let rows):
      ["torch.nn.Embedding(\(size), …)  # and train again: the table has \(rows) rows"]
    case .castTokens: ["x = x.long()"]
    case .cast(let type): ["x = x.to(torch.\(type))"]
    case .joinSequences:
      [
        "x = nn.utils.rnn.pack_padded_sequence(nn.utils.rnn.pad_sequence(sequences, "
          + "batch_first=True), lengths, batch_first=True, enforce_sorted=False)"
      ]
    case .padAtEnd:
      [
        "x = nn.utils.rnn.pad_sequence(sequences, batch_first=True)   # padding_side='right'"
      ]
    case .makeZeros(let variable, let shape):
      [
        "\(variable) = torch.zeros("
          + shape.map { $0.map(String.init) ?? "batch" }.joined(separator: ", ") + ")"
      ]
    case .adjustState(let statement): [statement]
    case .exchangeStateAxes(let variable):
      ["\(variable) = \(variable).transpose(0, 1).contiguous()"]
    case .repeatState(let variable, let count, let axis, let axes):
      [
        "\(variable) = \(variable).expand("
          + (0..<axes).map { $0 == axis ? "\(count)" : "-1" }.joined(separator: ", ")
          + ").contiguous()"
      ]
    case .returnSequences(let isEvery):
      [
        isEvery
          ? "y, _ = lstm(x)  # every timestep; \"select\": \"output\" in the declaration"
          : "y[:, -1]  # the last timestep; \"select\": \"last\" in the declaration"
      ]
    case .selectOutputs: ["y, (h_n, c_n) = lstm(x)"]
    case .transposeKernel(let layer, let isRecurrent):
      [
        "sd = {k: w.T.contiguous() if k.startswith("
          + pythonString("\(layer).\(isRecurrent ? "weight_hh" : "weight_ih")")
          + ") else w for k, w in sd.items()}"
      ]
    case .declareUnits(let cell, let units):
      ["torch.nn.\(cell)(input_size, hidden_size=\(units))"]
    case .reorderGates(let layer, let keys, let positions):
      [
        "sd = {k: torch.cat([w.chunk(\(positions.count))[j] for j in \(tuple(positions))]) if "
          + (keys.map(Self.test) ?? "k.startswith(\(pythonString("\(layer).")))")
          + " else w for k, w in sd.items()}"
      ]
    case .putBatchFirst:
      ["nn.LSTM(…, batch_first=True), or \"batch_first\": false in the declaration"]
    case .saveTensors(let metadata):
      [
        "safetensors.torch.save_file(state_dict, path"
          + (metadata.map { ", metadata={\(pythonString($0)): str(value)}" } ?? "") + ")"
      ]
    case .code, .rebuild, .padTimesteps, .freeAxis, .runEachSequence, .countPadding,
      .runWholeSequence, .pad, .giveLengths, .truncate, .beginWithZeros, .resetStates,
      .declareOutputs, .useReference, .store, .keepWeights, .writeModule, .chooseStateDict,
      .convertOriginal, .convertWithArchitecture, .declareKey, .declareOptions, .nameInputs,
      .answer,
      .declareModel, .exportTensors, .diagnose, .writeRepaired, .allow,
      .compareWeights, .auditRecording:
      []
    }
  }

  /// A Python condition that is true for the keys `k` of a layer.
  private static func test(_ keys: Diagnostic.KeyGroup) -> String {
    let start = keys.prefix.isEmpty ? "(\"weight_\", \"bias_\")" : pythonString("\(keys.prefix).")
    let layer = keys.layer.map { " and k.endswith((\"_l\($0)\", \"_l\($0)_reverse\"))" } ?? ""
    return "k.startswith(\(start))\(layer)"
  }

  // `testdata/generators/gen_questions.py` recorded what torch 2.13 does.
  package func explain(_ fact: Diagnostic.Fact, in finding: inout Diagnostic) {
    let tokens =
      "\"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, "
      + "Int\""
    switch fact {
    case .noTimesteps:
      finding.notes.append("torch: \"Expected sequence length to be larger than 0 in RNN\"")
    case .fractionalTokens: finding.notes.append("torch: \(tokens)")
    case .floatTokens: finding.add(reason: "torch refuses them: \(tokens)")
    case .otherType(let found, let weights):
      let refusal =
        "torch refuses this: \"RNN input dtype (torch.\(found)) does not match weight dtype "
        + "(torch.\(weights))\""
      finding.reason = finding.reason.map { "\(refusal); \($0)" } ?? refusal
    case .stateWithoutBatch(let shape):
      finding.add(
        reason: "torch takes \(shapeText(shape)) only with one sequence that has no batch axis "
          + "either", separator: ": ")
    case .stateBatchFirst:
      finding.reason =
        "batch_first=True holds for the sequence and never for states: they are "
        + "(layers·directions, batch, units) either way"
    case .transposedKernel(let own, let transposed):
      finding.add(reason: "Keras keeps \(transposed), PyTorch \(own)", separator: ": ")
    case .pickledObjects:
      finding.hint = "save the state dict: torch.save(model.state_dict(), path)"
    case .difference(let difference): difference.explain(in: &finding)
    case .lastAxisOfOne, .declaredTimesteps, .negativeToken, .truncation, .stateOfOneSequence,
      .maskDroppedForState:
      break
    }
  }
}

extension Diagnostic.Fix.Tool {
  /// Python code that uses PyTorch.
  package static let pytorch = Self(rawValue: "PyTorch")
}
