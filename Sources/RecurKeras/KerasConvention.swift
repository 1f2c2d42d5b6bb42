package import RecurFormats
package import RecurModel
package import RecurTensors

/// The words and the code of Keras' users.
package struct KerasConvention: Convention {
  package let name = "Keras"
  package let id = "keras"
  package let tool = Diagnostic.Fix.Tool.keras
  package let padding = PaddingConvention.mask
  package let stacksStates = false

  package init() {}

  package var recurrent: RecurrentConventions {
    RecurrentConventions(
      name: name,
      lstm: .init(
        layout: KerasLayouts.lstm,
        letters: GateMap { gate in
          switch gate {
          case .input: "i"
          case .forget: "f"
          case .cell: "c"
          case .output: "o"
          }
        }, knownOrders: KnownGateOrders.lstm),
      gru: .init(
        layout: KerasLayouts.gru,
        letters: GateMap { gate in
          switch gate {
          case .update: "z"
          case .reset: "r"
          case .candidate: "h"
          }
        }, knownOrders: KnownGateOrders.gru),
      simpleRNN: KerasLayouts.simpleRNN)
  }

  package func returningSequences(_ layer: Layer) -> String? {
    func call(_ cell: RecurrentCell) -> String {
      let argument = "return_sequences=True"
      let name = type(of: cell.keras).classes.first?.layer
      return name.map { "\($0)(\(cell.hiddenSize), \(argument))" } ?? "RNN(cells, \(argument))"
    }
    return switch layer {
    case .recurrent(let layer): "keras.layers.\(call(layer.cell))"
    case .bidirectional(let pair):
      "keras.layers.Bidirectional(keras.layers.\(call(pair.forward.cell)))"
    default: nil
    }
  }

  package func code(for remedy: Diagnostic.Remedy) -> [String] {
    switch remedy {
    case .addBatchAxis: ["model.predict(x[np.newaxis])"]
    case .exchangeAxes(let one, let other): ["model.predict(np.swapaxes(x, \(one), \(other)))"]
    case .rebuild(let batch):
      [
        "build the model with batch_size=\(batch), then new.set_weights(model.get_weights())"
      ]
    case .compareShapes(let declared, _, _): ["model.input_shape  # \(Self.tuple(declared))"]
    case .padTimesteps(let wanted, let given, _, let masksItself, let isFloat):
      [padding(to: wanted, from: given, masksItself: masksItself, isFloat: isFloat)]
    case .freeAxis(let axis, let declared):
      [
        "model = keras.Sequential([keras.Input((\(Self.shape(declared, free: axis)))), *[layer for "
          + "layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]])"
          + "  # the same weights, any number of timesteps"
      ]
    case .enlargeVocabulary(let size, let rows):
      [
        "keras.layers.Embedding(input_dim=\(size), …)  # and train again: the table has \(rows) rows"
      ]
    case .pad(let value):
      ["pad_sequences(sequences, dtype='float32', padding='post', value=\(value))"]
    case .joinSequences(let masked, let isFloat):
      // A model that makes its own mask is called without a mask.
      [
        "x = keras.utils.pad_sequences(sequences, dtype='\(isFloat ? "float32" : "int32")', "
          + "padding='post'" + (masked.map { $0 == 0 ? "" : ", value=\($0)" } ?? "") + "); "
          + (masked == nil
            ? "model(x, mask=np.arange(x.shape[1]) < np.array(lengths)[:, None])" : "model(x)")
      ]
    case .truncate(let length): ["pad_sequences(sequences, maxlen=\(length))"]
    case .resetStates(let layer): ["model.get_layer(\(pythonString(layer))).reset_states()"]
    case .returnSequences(let isEvery):
      [
        "keras.layers.LSTM(…, return_sequences=\(isEvery ? "True" : "False"))"
          + "  # the last recurrent layer"
      ]
    case .transposeKernel(let layer, let isRecurrent):
      [
        "model.get_layer(\(pythonString(layer))).set_weights("
          + (isRecurrent
            ? "[kernel, recurrent_kernel.T, bias])" : "[kernel.T, recurrent_kernel, bias])")
      ]
    case .declareUnits(let cell, let units):
      ["keras.layers.\(cell == "RNN" ? "SimpleRNN" : cell)(\(units))"]
    case .reorderGates(let layer, _, let positions):
      [
        "layer = model.get_layer(\(pythonString(layer))); layer.set_weights([np.concatenate("
          + "[np.split(w, \(positions.count), -1)[k] for k in \(RecurTensors.tuple(positions))], -1) "
          + "for w in layer.get_weights()])"
      ]
    case .code, .castTokens, .cast, .runEachSequence, .countPadding, .runWholeSequence, .padAtEnd,
      .giveLengths, .beginWithZeros, .makeZeros, .adjustState, .exchangeStateAxes, .repeatState,
      .selectOutputs, .declareOutputs, .useReference, .putBatchFirst, .saveTensors, .store,
      .keepWeights, .writeModule, .chooseStateDict, .convertOriginal, .convertWithArchitecture,
      .declareKey, .declareOptions, .nameInputs, .answer, .declareModel,
      .exportTensors,
      .diagnose, .writeRepaired, .allow, .compareWeights, .auditRecording:
      []
    }
  }

  private func padding(to wanted: Int, from given: Int, masksItself: Bool, isFloat: Bool) -> String
  {
    let type = isFloat ? ", dtype=\"float32\"" : ""
    guard given < wanted else {
      return "x = keras.utils.pad_sequences(x, maxlen=\(wanted), truncating=\"post\"\(type))"
    }
    return "x = keras.utils.pad_sequences(x, maxlen=\(wanted), padding=\"post\"\(type)); "
      + (masksItself ? "model(x)" : "model(x, mask=np.arange(\(wanted))[np.newaxis] < \(given))")
  }

  // `testdata/generators/gen_questions.py` recorded what Keras 3.15 and tf_keras 2.21 do.
  package func explain(_ fact: Diagnostic.Fact, in finding: inout Diagnostic) {
    switch fact {
    case .lastAxisOfOne: finding.notes.append("Keras drops such an axis without a word")
    case .noTimesteps:
      finding.notes.append(
        "predict() of Keras 3 may answer with zeros here; calling the model raises an error")
    case .declaredTimesteps(let declared, let found):
      finding.notes.append(
        "a functional model of Keras raises \"expected shape=\(Self.tuple(declared)), found "
          + "shape=\(RecurTensors.tuple(found))\"; a Sequential one of Keras 3 runs without a word")
    case .negativeToken:
      finding.notes.append(
        "Keras 3 counts negative tokens from the end of the table; tf.keras on a CPU refuses them")
    case .fractionalTokens:
      finding.notes.append("Keras cuts them towards zero, and so does this run")
    case .truncation(let dropped):
      finding.add(reason: "keras.utils.pad_sequences would silently drop the first \(dropped)")
    case .stateOfOneSequence:
      finding.add(reason: "Keras would silently begin every sequence with it")
    case .maskDroppedForState:
      finding.add(
        reason: "Keras 3 drops the mask of a layer that is given an initial state", separator: ": ")
    case .transposedKernel(let own, let transposed):
      finding.add(reason: "PyTorch keeps \(transposed), Keras \(own)", separator: ": ")
    case .difference(let difference): difference.explain(in: &finding)
    case .floatTokens, .otherType, .stateWithoutBatch, .stateBatchFirst, .pickledObjects: break
    }
  }

  /// A shape as Keras prints it: `(None, 10, 128)`.
  private static func tuple(_ shape: [Int?]) -> String {
    "(" + shape.map(extent).joined(separator: ", ") + ")"
  }

  /// The shape after the batch with one axis free: `None, 128`.
  private static func shape(_ declared: [Int?], free axis: Int) -> String {
    let extents = declared.indices.dropFirst().map { $0 == axis ? "None" : extent(declared[$0]) }
    return extents.joined(separator: ", ") + (extents.count == 1 ? "," : "")
  }

  private static func extent(_ extent: Int?) -> String { extent.map(String.init) ?? "None" }
}

extension Diagnostic.Fix.Tool {
  /// Python code that uses Keras.
  package static let keras = Self(rawValue: "Keras")
}
