package import RecurModel
import RecurTensors

/// Python code for a model: `class Model(torch.nn.Module)`, filled by the state dict that
/// ``StateDictMapping`` makes, called with the model's inputs in order.
package struct PyTorchModule {
  let model: Model
  let mapping: StateDictMapping
  let variables: PyTorchNames
  let shapes: ModelShapes
  let types: PyTorchValueTypes
  let stacks: PyTorchStacks
  /// The variables of stacks that already hold the output of a node.
  let aliases: [Name: String]
  /// The recurrent layers that torch.nn can't compute in all of their calls.
  private let writtenOut: Set<Name>

  /// Prepares code for `model`.
  package init(_ model: Model) {
    self.model = model
    mapping = StateDictMapping(model)
    stacks = mapping.stacks
    let stacks = stacks
    variables = PyTorchNames(model.nodes.map { stacks[$0.name]?.stack.name ?? $0.name })
    aliases = Self.aliases(model, stacks, variables)
    shapes = ModelShapes(model)
    types = PyTorchValueTypes(model)
    // All calls of a layer share one module, so the module must serve each of them.
    writtenOut = Set(
      model.nodes.filter {
        stacks[$0.name] == nil && ($0.mask != nil || !$0.layer.pytorch.isTorch)
      }.map { Name($0.layerName) })
  }

  /// The whole file.
  ///
  /// - Parameters:
  ///   - source: the file the model came from, for the heading.
  ///   - weights: the file the state dict was written to, for the heading.
  /// - Returns: Python source text.
  package func code(source: String, weights: String) -> String {
    let body = modelClass()
    let parts =
      [
        """
        \"\"\"\(heading(source, weights))\"\"\"

        import math

        import torch
        import torch.nn.functional as F
        from torch import nn
        """
      ] + usedActivations.compactMap(PyTorchActivations.definition)
      + PyTorchHelpers.definitions(usedBy: body) + [body]
    return parts.joined(separator: "\n\n\n") + "\n"
  }

  private func heading(_ source: String, _ weights: String) -> String {
    """
    \(docstringText(model.name)): a PyTorch module with the meaning of \(docstringText(source)) \
    (\(docstringText(model.producer))).

        model = Model()
        model.load_state_dict(torch.load("\(docstringText(weights))", weights_only=True))

    """
  }

  private var usedActivations: [Activation] {
    var seen: Set<Activation> = []
    return model.nodes.flatMap { node in
      node.layer.pytorch.activations(isWrittenOut: isWrittenOut(node))
    }.filter { seen.insert($0).inserted }
  }

  /// Whether the recurrent layer of a node is a class in generated code and not one of torch.nn.
  func isWrittenOut(_ node: Model.Node) -> Bool { writtenOut.contains(Name(node.layerName)) }

  /// The construction of a node's submodule.
  func construction(_ node: Model.Node) -> PyTorchConstruction {
    PyTorchConstruction(
      isWrittenOut: isWrittenOut(node), type: PyTorchType(floating: node.precision))
  }

  // MARK: the class

  private func modelClass() -> String {
    var lines = [
      "class Model(nn.Module):", "    def __init__(self):", "        super().__init__()",
    ]
    for node in model.layers {
      let name = mapping.prefix(of: node.layerName)
      if let (stack, layer) = stacks[node.name] {
        if layer == 0 { lines.append("        self.\(name) = \(constructor(stack))") }
      } else if let made = node.layer.pytorch.constructor(construction(node)) {
        lines.append("        self.\(name) = \(made)")
      }
    }
    let stateful = model.layers.filter(\.layer.isStateful).map {
      mapping.prefix(of: $0.layerName)
    }
    for layer in stateful { lines.append("        self._state_of_\(layer) = None") }
    var preparations: [String] = []
    for line in model.layers.compactMap(\.layer.pytorch.preparation)
    where !preparations.contains(line) { preparations.append(line) }
    lines += preparations.map { "        \($0)" }
    if !stateful.isEmpty {
      lines += ["", "    def reset_states(self):"]
      lines += stateful.map { "        self._state_of_\($0) = None" }
    }
    let parameters = model.inputs.map { name in
      model.isOptional(name) ? "\(variables[name])=None" : variables[name]
    }
    lines += ["", "    def forward(self, \(parameters.joined(separator: ", "))):"]
    let absorbed = absorbedNodes()
    for node in model.nodes where !absorbed.contains(Name(node.name)) {
      lines += (statements(node) + rounding(node)).map { "        " + $0 }
    }
    lines.append("        return \(model.outputs.map(variable).joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }
}

extension Model {
  /// Whether a call may leave out an input.
  fileprivate func isOptional(_ name: String) -> Bool {
    if case .input(let input) = node(name)?.layer { input.isOptional } else { false }
  }

  /// The first node of every layer.
  fileprivate var layers: [Node] {
    var seen: Set<Name> = []
    return nodes.filter { seen.insert(Name($0.layerName)).inserted }
  }
}
