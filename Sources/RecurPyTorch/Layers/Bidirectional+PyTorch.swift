import RecurModel
import RecurTensors

// One module of torch.nn with bidirectional=True, or two layers in generated code.
extension Bidirectional: PyTorchLayer {
  static let helpers = [PyTorchHelper("KerasBidirectional", bidirectional)]

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    var (one, other) = (keys, keys)
    if isOneModule {
      other.suffix += RecurrentParameter.reverse
    } else {
      one = keys.part("forward_layer", suffix: keys.suffix)
      other = keys.part("backward_layer", suffix: keys.suffix)
    }
    try visitor.visit(&forward.cell, one)
    try visitor.visit(&backward.cell, other)
  }

  /// Whether the directions differ only in their weights and their order of timesteps, so that one
  /// torch module, with its keys, holds both.
  var isOneModule: Bool {
    let (one, other) = (forward.cell.pytorch.form, backward.cell.pytorch.form)
    return forward.maskedOutput == backward.maskedOutput && one.parts.isEmpty && one == other
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    forward.limits(of: "the forward \(forward.cell.pytorch.form.kind) of \(name)")
      + backward.limits(of: "the backward \(backward.cell.pytorch.form.kind) of \(name)")
      + (isMasked ? [.masked("\(name) skips masked timesteps", "a mask")] : [])
      + (forward.direction == .backward
        ? [PyTorchLimit(what: "the forward layer of \(name) reads its input backwards")] : [])
  }

  func leftToCode(_ name: String) -> [String] {
    forward.leftToCode(of: name)
      + (isOneModule ? [] : ["\(name) has two unlike directions, a module each"])
      + (forward.returnsSequence ? [] : ["\(name) puts out the last output of each end only"])
      + (mergeMode == .concatenate
        ? [] : ["\(name) merges its directions by \(mergeMode?.rawValue ?? "nothing")"])
  }

  var operands: PyTorchOperands { .floatingPoint }
  var isTorch: Bool { isOneModule && forward.isTorch }
  var torchDirections: [Recurrent] {
    guard isTorch, mergeMode == .concatenate, forward.direction == .forward,
      backward.direction == .backward, forward.cell.units == backward.cell.units
    else { return [] }
    return [forward, backward]
  }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    guard isOneModule else {
      let parts = [forward, backward].map {
        $0.cell.pytorch.form.written([$0.maskedOutputArgument], construction)
      }
      return "KerasBidirectional(\(parts.joined(separator: ", ")))"
    }
    let both = "bidirectional=True"
    let form = forward.cell.pytorch.form
    guard !construction.isWrittenOut, let torchClass = form.torchClass else {
      return form.written([both, forward.maskedOutputArgument], construction)
    }
    return construction.call(torchClass, form.torchArguments + [both])
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    isWrittenOut ? recurrents.flatMap(\.cell.pytorch.form.functions) : []
  }

  var furtherOutputs: [String] { (mergeMode == nil ? ["backward"] : []) + stateVariables }

  /// A name for every state; the states of `forward` come first.
  private var stateVariables: [String] {
    forward.cell.pytorch.form.stateVariables
      + backward.cell.pytorch.form.stateVariables.map { "\($0)_backward" }
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    let (y, other) = (call.y, "\(call.y)__backward")
    var lines = call.application([forward, backward])
    if !forward.returnsSequence || mergeMode != .concatenate {
      let units = "(\(forward.cell.units), \(backward.cell.units))"
      lines.append("\(y), \(other) = \(y).split(\(units), -1)")
      if !forward.returnsSequence {
        lines.append("\(y), \(other) = \(y)[:, -1], \(other)[:, 0]")
      }
      switch mergeMode {
      case nil: break
      case .concatenate: lines.append("\(y) = torch.cat((\(y), \(other)), -1)")
      case .sum: lines.append("\(y) = \(y) + \(other)")
      case .multiply: lines.append("\(y) = \(y) * \(other)")
      case .average: lines.append("\(y) = (\(y) + \(other)) / 2")
      }
    }
    return lines + (forward.returnsState ? call.naming(stateVariables) : [])
  }

  private static let bidirectional = """
    class KerasBidirectional(nn.Module):
        \"\"\"Two unlike recurrent layers; the second reads from the end.

        Its outputs stand in the order of time, behind those of the first.
        \"\"\"

        def __init__(self, forward_layer, backward_layer):
            super().__init__()
            self.forward_layer = forward_layer
            self.backward_layer = backward_layer

        def forward(self, x, states=None, mask=None):
            count = self.forward_layer.state_count
            one, other = (None, None) if states is None else (states[:count], states[count:])
            y, one = self.forward_layer(x, one, mask)
            mask = None if mask is None else mask.flip(1)
            z, other = self.backward_layer(x.flip(1), other, mask)
            return torch.cat((y, z.flip(1)), -1), one + other
    """
}
