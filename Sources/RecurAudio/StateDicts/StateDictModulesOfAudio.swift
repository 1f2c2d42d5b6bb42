import RecurFormats
import RecurModel
import RecurTensors

/// The recurrent module and the dense one behind it, by the names of their tensors in torch's words.
struct StateDictModulesOfAudio {
  /// The layers with their weights.
  struct Read {
    var cells: [RecurrentCell] = []
    /// `[outputs, units]`.
    var weight: Tensor
    var bias: Tensor?

    var inputSize: Int { cells.first?.inputSize ?? 0 }
    var units: Int { cells.first?.units ?? 0 }
    var outputSize: Int { weight.shape[0] }
    /// The word for the cells in torch: `LSTM`.
    var kind: String {
      switch cells.first?.definition {
      case is LSTM: "LSTM"
      case is GRU: "GRU"
      default: "RNN"
      }
    }
  }

  /// The prefix of the recurrent module.
  let recurrentKey: String
  /// The prefix of the dense module.
  let denseKey: String
  private let tensors: TensorTable

  /// Finds both modules.
  ///
  /// - Throws: `audio.file-invalid` for any other number of modules.
  init(_ tensors: TensorTable) throws(CheckpointError) {
    self.tensors = tensors
    func prefixes(_ ending: String) -> [String] {
      tensors.names.filter { $0.hasSuffix("." + ending) || $0 == ending }.map {
        String($0.dropLast($0 == ending ? ending.count : ending.count + 1))
      }
    }
    let (recurrent, dense) = (prefixes("weight_ih_l0"), prefixes("weight"))
    guard recurrent.count == 1, dense.count == 1 else {
      throw CheckpointError(
        .audioFileInvalid,
        "the order of \(recurrent.count) recurrent and \(dense.count) other modules is not in the file",
        expected: "one recurrent module, and one linear module behind it",
        found: (recurrent + dense).map { "'\($0)'" }.joined(separator: ", "),
        hint: "save the state dict with torch.save and declare how its modules follow each other")
    }
    recurrentKey = recurrent[0].isEmpty ? "recurrent" : recurrent[0]
    denseKey = dense[0].isEmpty ? "linear" : dense[0]
    prefix = (
      recurrent[0].isEmpty ? "" : recurrent[0] + ".", dense[0].isEmpty ? "" : dense[0] + "."
    )
  }

  private let prefix: (recurrent: String, dense: String)

  /// Reads both modules; every tensor belongs to one of them.
  ///
  /// - Throws: `tensor.shape-mismatch`, `tensor.missing`, `audio.unsupported`.
  func layers() throws(CheckpointError) -> Read {
    var used: Set<Name> = []
    func tensor(_ name: String) -> Tensor? {
      guard let tensor = tensors[name] else { return nil }
      used.insert(Name(name))
      return tensor
    }
    var depth = 1
    while tensors["\(prefix.recurrent)weight_ih_l\(depth)"] != nil { depth += 1 }
    var cells: [RecurrentCell] = []
    var inputs: Int?
    for layer in 0..<depth {
      func part(_ name: String) throws(CheckpointError) -> Tensor {
        let full = "\(prefix.recurrent)\(name)_l\(layer)"
        guard let found = tensor(full) else {
          throw CheckpointError(
            .tensorMissing, "there is no tensor '\(full)'", at: .init(object: full))
        }
        return found
      }
      let cell = try Self.cell(
        part("weight_ih"), part("weight_hh"), part("bias_ih"), part("bias_hh"), inputs,
        "\(recurrentKey)_l\(layer)")
      inputs = cell.units
      cells.append(cell)
    }
    let name = "\(prefix.dense)weight"
    guard let weight = tensor(name) else {
      throw CheckpointError(.tensorMissing, "there is no tensor '\(name)'")
    }
    let checked = try weight.demanding([nil, inputs], name)
    let bias = try tensor("\(prefix.dense)bias")?.demanding(
      [checked.shape[0]], "\(prefix.dense)bias")
    if let other = tensors.names.first(where: { !used.contains(Name($0)) }) {
      throw CheckpointError(
        .audioUnsupported, "no module of the network has the tensor '\(other)'",
        at: .init(object: other), found: tensors[other].map { shapeText($0.shape) })
    }
    return Read(cells: cells, weight: checked, bias: bias)
  }

  private static func cell(
    _ kernel: Tensor, _ own: Tensor, _ bias: Tensor, _ second: Tensor, _ inputs: Int?,
    _ name: String
  ) throws(CheckpointError) -> RecurrentCell {
    let units = own.rank == 2 ? own.shape[1] : 0
    let gates = units > 0 ? own.shape[0] / units : 0
    guard [1, 3, 4].contains(gates), own.shape[0] == gates * units else {
      throw CheckpointError(
        .tensorShapeMismatch, "the recurrent kernel of '\(name)' is that of no cell",
        at: own.location,
        expected: "[gates·units, units] with 4, 3 or 1 gates", found: shapeText(own.shape))
    }
    let reason = "'\(name)' has \(gates) gates of \(units) units"
    let w = try kernel.demanding([gates * units, inputs], "weight_ih of \(name)", because: reason)
    let b = try bias.demanding([gates * units], "bias_ih of \(name)", because: reason)
    let d = try second.demanding([gates * units], "bias_hh of \(name)", because: reason)
    func weights<Gate>(
      _ layout: RecurrentLayout<Gate>
    ) throws(CheckpointError) -> RecurrentWeights<Gate> {
      RecurrentWeights(
        kernel: try layout.unpack(w), recurrentKernel: try layout.unpack(own),
        bias: .split(input: try layout.unpack(b), recurrent: try layout.unpack(d)))
    }
    switch gates {
    case 4:
      return .lstm(
        LSTM(
          inputSize: w.shape[1], units: units, weights: try weights(AudioLayouts.stateDictLSTM),
          activation: .tanh, recurrentActivation: .sigmoid))
    case 3:
      return .gru(
        GRU(
          inputSize: w.shape[1], units: units, weights: try weights(AudioLayouts.stateDictGRU),
          activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .afterProduct))
    default:
      let layout = RecurrentLayout<SimpleRNNGate>(
        gateOrder: [.hidden], orientation: .outputsByInputs)
      return .simpleRNN(
        SimpleRNN(
          inputSize: w.shape[1], units: units, weights: try weights(layout), activation: .tanh))
    }
  }
}
