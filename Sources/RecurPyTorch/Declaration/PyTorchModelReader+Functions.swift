import RecurContainers
import RecurModel
import RecurTensors

// Functions of torch in declarations: {"type": "torch.cat", "inputs": ["a", "b"], "dim": -1}.
extension PyTorchModelReader {
  /// Adds the nodes of a declared function.
  ///
  /// - Returns: the value for the next module; nil after an error, which is reported.
  mutating func apply(
    function layer: PyTorchDeclaration.DeclaredModule, named name: String,
    to operands: [PyTorchGiven]
  ) -> PyTorchFlow? {
    var keywords: [(name: String, value: PyTorchArgument)] = []
    for member in layer.options.members {
      let isSubscript = PyTorchFunctions.shortName(layer.type) == "getitem"
      if isSubscript, member.name == "index" {
        guard let key = subscriptKey(member.value) else { return nil }
        keywords.append(("key", key))
      } else {
        guard let value = argument(member.value, of: member.name) else { return nil }
        keywords.append((member.name, value))
      }
    }
    return apply(layer.type, keywords, named: name, key: layer.key, to: operands)
  }

  /// Adds the nodes of a function, for a declared function or a module that is one.
  ///
  /// - Returns: the value for the next module; nil after an error, which is reported.
  mutating func apply(
    _ function: String, _ keywords: [(name: String, value: PyTorchArgument)], named name: String,
    key: String?, to operands: [PyTorchGiven]
  ) -> PyTorchFlow? {
    let axes = commonAxes(function, operands, keywords.map(\.value))
    let values = operands.map { operand -> PyTorchArgument in
      switch operand {
      case .constant(let constant): return constant
      case .flow(let flow):
        let value = axes == nil ? seen(flow) : flow.value
        return .tensor(tensor(value))
      }
    }
    var (positional, named) = (values, keywords)
    if let first = PyTorchFunctions.firstParameter(function), first.isList {
      positional = []
      named.append((first.name, .list(values)))
    }
    do throws(CheckpointError) {
      let (added, result) = try PyTorchFunctions.call(function, positional, named, named: name)
      var renamed: [Model.Value: Model.Value] = [:]
      for node in added {
        let own = node.layer.tensors.first?.tensor.elementType
        let inputs = node.inputs.map { renamed[$0] ?? $0 }
        renamed[Model.Value(node.name)] = add(
          Model.Node(
            name: node.name, layerName: node.name, layer: node.layer, inputs: inputs,
            precision: own ?? inputs.first.flatMap { precision(of: $0) } ?? .float32,
            location: place,
            place: node.layer.parameterCount > 0 ? StateDictPlace(key: key ?? "") : nil))
      }
      return keep(result, renamed, axes ?? .asStored, named: name)
    } catch {
      findings += error.diagnostics.map { $0.located(file: place.file, object: place.object) }
      return nil
    }
  }

  /// Keeps the results of a function under its name: one, or numbered parts.
  private mutating func keep(
    _ result: PyTorchArgument, _ renamed: [Model.Value: Model.Value], _ axes: PyTorchFlow.Axes,
    named name: String
  ) -> PyTorchFlow? {
    var parts: [String: PyTorchFlow] = [:]
    for (index, element) in (result.list ?? [result]).enumerated() {
      guard let tensor = element.tensor else { continue }
      let flow = PyTorchFlow(value: renamed[tensor.value] ?? tensor.value, axes: axes)
      parts["\(index)"] = flow
      if index == 0 { parts["output"] = flow }
    }
    guard let first = parts["output"] else {
      report(
        .pytorchDeclarationInvalid, "'\(name)' gives \(result.text), no value of the model")
      return nil
    }
    results[name] = parts
    return first
  }

  /// The order of axes that all values have, for a function that works element by element.
  private func commonAxes(
    _ function: String, _ operands: [PyTorchGiven], _ others: [PyTorchArgument]
  ) -> PyTorchFlow.Axes? {
    let flows = operands.compactMap(\.flow)
    guard PyTorchFunctions.isElementwise(function), let axes = flows.first?.axes,
      flows.allSatisfy({ $0.axes == axes && rank($0) == rank(flows[0]) }),
      !others.contains(where: \.hasAxes),
      !operands.contains(where: {
        if case .constant(let value) = $0 { value.hasAxes } else { false }
      })
    else { return nil }
    return axes
  }

  /// `":, -1, 1:3"`, or the same as a list: `[":", -1, "1:3"]`.
  private mutating func subscriptKey(_ value: JSONValue) -> PyTorchArgument? {
    let text = value.string.map { $0.filter { !"[] ".contains($0) } }
    let entries =
      text.map { $0.split(separator: ",").map { JSONValue.string(String($0)) } } ?? value.array
      ?? [value]
    var keys: [PyTorchArgument] = []
    for entry in entries {
      guard let key = PyTorchArgument(subscript: entry) else {
        report(
          .pytorchDeclarationInvalid, "'\(entry.text)' is no subscript",
          hint: "write \"index\": \":, -1\", with numbers, slices, None and ...")
        return nil
      }
      keys.append(key)
    }
    return .list(keys)
  }
}

extension PyTorchArgument {
  /// Whether this is an array or a value with axes, whose order matters.
  fileprivate var hasAxes: Bool {
    switch self {
    case .tensor: true
    case .array(let array): array.rank > 0
    default: false
    }
  }

  /// One key of a subscript; nil for text that is none.
  fileprivate init?(subscript entry: JSONValue) {
    switch entry {
    case .null: self = .none
    case .integer(let value): self = .integer(value)
    case .string("None"): self = .none
    case .string("..."): self = .ellipsis
    case .string(let text):
      if let number = Int(text) {
        self = .integer(number)
        return
      }
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard 2...3 ~= parts.count, parts.allSatisfy({ $0.isEmpty || Int($0) != nil }) else {
        return nil
      }
      func bound(_ index: Int) -> PyTorchArgument {
        parts.indices.contains(index) ? Int(parts[index]).map { .integer($0) } ?? .none : .none
      }
      self = .slice(start: bound(0), stop: bound(1), step: bound(2))
    default: return nil
    }
  }
}
