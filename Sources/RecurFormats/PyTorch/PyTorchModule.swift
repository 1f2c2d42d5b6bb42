package import RecurModel
import RecurTensors

/// Python code for a model: `class Model(torch.nn.Module)`, filled by the state dict that
/// ``StateDictMapping`` makes, called with the model's inputs in order.
package struct PyTorchModule {
  private let model: Model
  private let mapping: StateDictMapping
  private let variables: PyTorchNames

  /// Prepares code for `model`.
  package init(_ model: Model) {
    self.model = model
    mapping = StateDictMapping(model)
    variables = PyTorchNames(model.nodes.map(\.name))
  }

  /// The whole file.
  ///
  /// - Parameters:
  ///   - source: the file the model came from, for the heading.
  ///   - weights: the file the state dict was written to, for the heading.
  /// - Returns: Python source text.
  package func code(source: String, weights: String) -> String {
    let activations = usedActivations
    var parts = [
      """
      \"\"\"\(heading(source, weights))\"\"\"

      import math

      import torch
      import torch.nn.functional as F
      from torch import nn
      """
    ]
    parts += activations.compactMap(PyTorchActivations.definition)
    if model.nodes.contains(where: needsKerasLSTM) { parts.append(PyTorchModuleText.kerasLSTM) }
    parts.append(modelClass())
    return parts.joined(separator: "\n\n\n") + "\n"
  }

  private func heading(_ source: String, _ weights: String) -> String {
    func plain(_ text: String) -> String {
      escaped(text).replacing("\\", with: "/").replacing("\"", with: "'")
    }
    return """
      \(plain(model.name)): a PyTorch module with the meaning of \(plain(source)) \
      (\(plain(model.producer))).

          model = Model()
          model.load_state_dict(torch.load("\(plain(weights))", weights_only=True))

      """
  }

  private var usedActivations: [Activation] {
    var used: [Activation] = []
    for node in model.nodes {
      switch node.layer {
      case .lstm(let lstm) where needsKerasLSTM(node):
        used += [lstm.activation, lstm.recurrentActivation]
      case .dense(let dense): used.append(dense.activation)
      case .activation(let activation): used.append(activation)
      case .lstm, .input, .embedding, .masking, .identity, .notEqual, .anyTrue: break
      }
    }
    var seen: Set<Activation> = []
    return used.filter { seen.insert($0).inserted }
  }

  /// nn.LSTM has tanh and sigmoid and no masks; everything else is written out.
  private func needsKerasLSTM(_ node: Model.Node) -> Bool {
    guard case .lstm(let lstm) = node.layer else { return false }
    return lstm.activation != .tanh || lstm.recurrentActivation != .sigmoid || node.mask != nil
      || model.nodes.contains { other in
        // One layer called twice is one module: it needs what any of its calls needs.
        Name(other.layerName) == Name(node.layerName) && other.mask != nil
      }
  }

  // MARK: the class

  private func modelClass() -> String {
    var lines = [
      "class Model(nn.Module):", "    def __init__(self):", "        super().__init__()",
    ]
    for node in model.weightedNodes {
      lines.append("        self.\(mapping.prefix(of: node.layerName)) = \(constructor(node))")
    }
    let stateful = statefulLayers
    for layer in stateful { lines.append("        self._state_of_\(layer) = None") }
    if !stateful.isEmpty {
      lines += ["", "    def reset_states(self):"]
      lines += stateful.map { "        self._state_of_\($0) = None" }
    }
    let parameters = model.inputs.map { variables[$0] }
    lines += ["", "    def forward(self, \(parameters.joined(separator: ", "))):"]
    for node in model.nodes {
      lines += (statements(node) + rounding(node)).map { "        " + $0 }
    }
    let results = model.outputs.map(variable)
    lines.append("        return \(results.joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }

  private var statefulLayers: [String] {
    model.weightedNodes.compactMap { node in
      if case .lstm(let lstm) = node.layer, lstm.isStateful {
        mapping.prefix(of: node.layerName)
      } else {
        nil
      }
    }
  }

  private func constructor(_ node: Model.Node) -> String {
    let type = dtype(node)
    let suffix = type == "torch.float32" ? "" : ", dtype=\(type)"
    switch node.layer {
    case .lstm(let lstm):
      let hasBias = if case .none = lstm.weights.bias { false } else { true }
      let bias = hasBias ? "" : ", bias=False"
      guard needsKerasLSTM(node) else {
        return "nn.LSTM(\(lstm.inputSize), \(lstm.units), batch_first=True\(bias)\(suffix))"
      }
      let options =
        ", activation=\(PyTorchActivations.name(lstm.activation))"
        + ", recurrent_activation=\(PyTorchActivations.name(lstm.recurrentActivation))"
        + (lstm.maskedOutput == .zero ? ", zero_output_for_mask=True" : "")
      return "KerasLSTM(\(lstm.inputSize), \(lstm.units)\(options)\(bias)\(suffix))"
    case .dense(let dense):
      let bias = dense.bias == nil ? ", bias=False" : ""
      return "nn.Linear(\(dense.inputSize), \(dense.outputSize)\(bias)\(suffix))"
    case .embedding(let embedding):
      return "nn.Embedding(\(embedding.vocabularySize), \(embedding.outputSize)\(suffix))"
    case .input, .masking, .activation, .identity, .notEqual, .anyTrue:
      preconditionFailure("only nodes with weights are constructed")
    }
  }

  // MARK: forward

  /// The Python variable that holds an output.
  private func variable(_ value: Model.Value) -> String {
    let name = variables[value.node]
    guard value.output > 0, let node = model.node(value.node) else { return name }
    switch node.layer {
    case .lstm: return name + (value.output == 1 ? "__h" : "__c")
    case .embedding, .masking: return name + "__mask"
    case .input, .dense, .activation, .identity, .notEqual, .anyTrue: return name
    }
  }

  private func statements(_ node: Model.Node) -> [String] {
    let y = variables[node.name]
    let x = node.inputs.first.map { cast($0, to: node) } ?? ""
    switch node.layer {
    case .input(let input):
      return input.elementType.isFloatingPoint
        ? ["\(y) = \(y).to(\(torchType(input.elementType)))"] : []
    case .lstm(let lstm): return statements(lstm, node, y, x)
    case .dense(let dense):
      let call = "self.\(mapping.prefix(of: node.layerName))(\(x))"
      return ["\(y) = \(PyTorchActivations.call(dense.activation, call))"]
    case .embedding(let embedding):
      let tokens = node.inputs.first.map(variable) ?? ""
      let call = "\(y) = self.\(mapping.prefix(of: node.layerName))(\(tokens).long())"
      return embedding.masksZero ? ["\(y)__mask = \(tokens) != 0", call] : [call]
    case .masking(let value):
      return [
        "\(y)__mask = (\(x) != \(number(value))).any(-1)", "\(y) = \(x) * \(y)__mask.unsqueeze(-1)",
      ]
    case .activation(let activation): return ["\(y) = \(PyTorchActivations.call(activation, x))"]
    case .identity: return ["\(y) = \(x)"]
    case .notEqual(let value): return ["\(y) = \(x) != \(number(value))"]
    case .anyTrue(let axis, let keepsAxis):
      let input = node.inputs.first.map(variable) ?? ""
      return ["\(y) = (\(input) != 0).any(\(axis), keepdim=\(keepsAxis ? "True" : "False"))"]
    }
  }

  /// Rounds what a 16-bit layer puts out, as Keras does.
  private func rounding(_ node: Model.Node) -> [String] {
    guard node.precision.isHalfWidthFloat else { return [] }
    return (0..<node.layer.outputCount).compactMap { output in
      let name = variable(Model.Value(node.name, output))
      return name.hasSuffix("__mask")
        ? nil : "\(name) = \(name).to(torch.\(node.precision)).to(torch.float32)"
    }
  }

  private func statements(
    _ lstm: LSTM, _ node: Model.Node, _ y: String, _ x: String
  ) -> [String] {
    let layer = mapping.prefix(of: node.layerName)
    let isWrittenOut = needsKerasLSTM(node)
    let isBackward = lstm.direction == .backward
    var lines: [String] = []
    var arguments = [isBackward ? "\(x).flip(1)" : x]
    let states = node.initialState.map { cast($0, to: node) }
    if states.count == 2 {
      let lead = isWrittenOut ? states : states.map { "\($0).unsqueeze(0)" }
      arguments.append("(\(lead.joined(separator: ", ")))")
      if lstm.isStateful, lstm.keptStateWins {
        // Keras 2 prefers the state it kept, once that is not all zeros.
        lines.append("kept = self._state_of_\(layer)")
        lines.append("is_kept = kept is not None and any(bool((s != 0).any()) for s in kept)")
        let given = arguments.removeLast()
        arguments.append("kept if is_kept else \(given)")
      }
    } else if lstm.isStateful {
      arguments.append("self._state_of_\(layer)")
    }
    if isWrittenOut, let mask = node.mask {
      let mask = "\(variable(mask)) != 0"
      arguments.append(isBackward ? "mask=(\(mask)).flip(1)" : "mask=\(mask)")
    }
    lines.append("\(y), \(y)__state = self.\(layer)(\(arguments.joined(separator: ", ")))")
    if lstm.isStateful {
      lines.append("self._state_of_\(layer) = tuple(s.detach() for s in \(y)__state)")
    }
    if !lstm.returnsSequence { lines.append("\(y) = \(y)[:, -1]") }
    if lstm.returnsState {
      let index = isWrittenOut ? "" : "[0]"
      lines.append("\(y)__h, \(y)__c = \(y)__state[0]\(index), \(y)__state[1]\(index)")
    }
    return lines
  }

  /// The value, cast when it was computed in another precision.
  private func cast(_ value: Model.Value, to node: Model.Node) -> String {
    guard let producer = model.node(value.node) else { return variable(value) }
    // Keras rounds what a 16-bit layer is given; the rest of it is computed in float32 here.
    if node.precision.isHalfWidthFloat {
      return "\(variable(value)).to(torch.\(node.precision)).to(torch.float32)"
    }
    guard dtype(producer) != dtype(node) else { return variable(value) }
    switch node.layer {
    case .lstm, .dense, .masking, .notEqual: return "\(variable(value)).to(\(dtype(node)))"
    case .input, .embedding, .activation, .identity, .anyTrue: return variable(value)
    }
  }

  /// 16-bit layers compute in float32 in the generated code; the report says so.
  private func dtype(_ node: Model.Node) -> String {
    switch node.layer {
    case .activation, .identity:
      return node.inputs.first.flatMap { model.node($0.node) }.map(dtype)
        ?? torchType(node.precision)
    case .input(let input): return torchType(input.elementType)
    default: return torchType(node.precision)
    }
  }

  private func torchType(_ type: ElementType) -> String {
    type == .float64 ? "torch.float64" : "torch.float32"
  }

  private func number(_ value: Double) -> String {
    value.isNaN
      ? "math.nan" : value.isInfinite ? (value < 0 ? "-math.inf" : "math.inf") : "\(value)"
  }
}
