import RecurContainers
import RecurModel
import RecurTensors

/// What a declared module or function is given: a value, or a constant in its place.
enum PyTorchGiven {
  case flow(PyTorchFlow)
  case constant(PyTorchArgument)

  /// The value; nil for a constant.
  var flow: PyTorchFlow? { if case .flow(let flow) = self { flow } else { nil } }
}

// Names of results and of arguments, and the values behind them.
extension PyTorchModelReader {
  /// The value of a name: the result of a module, one of its parts, or an argument of the model.
  func flow(named name: String) -> PyTorchFlow? {
    // A module name may contain dots, so the longest module name that fits is taken.
    guard let layer = arguments.layer(of: name), let parts = results[layer] else {
      return arguments.names.contains(name) ? given[name] : nil
    }
    guard name != layer else {
      // The name of a module stands for its output; for a cell this is the hidden state.
      return parts["selected"] ?? parts["output"] ?? parts["h_n"]
    }
    return parts[String(name.dropFirst(layer.count + 1))]
  }

  /// What a module is given; nil after an error, which is reported.
  mutating func operands(
    of layer: PyTorchDeclaration.DeclaredModule, before: PyTorchFlow?
  ) -> [PyTorchGiven]? {
    guard let inputs = layer.inputs else { return before.map { [.flow($0)] } }
    var operands: [PyTorchGiven] = []
    for input in inputs {
      guard let name = input.string else {
        guard let constant = argument(input, of: "inputs") else { return nil }
        operands.append(.constant(constant))
        continue
      }
      guard let flow = flow(named: name) else {
        // The module that it names may have an error of its own.
        let isLater = arguments.layer(of: name) != nil
        if !isLater || !findings.contains(where: { $0.severity == .error }) {
          report(
            .pytorchDeclarationInvalid,
            "the input '\(name)' is no result of a module before this one",
            hint: "there are "
              + (arguments.names + arguments.layerNames).prefix(12).map { "'\($0)'" }
              .joined(separator: ", "))
        }
        return nil
      }
      operands.append(.flow(flow))
    }
    return operands
  }

  /// A value of a declaration as the argument of a function; nil after an error, which is reported.
  ///
  ///     2.5, true, null, [1, 2], "mean", {"key": "scale"}, {"array": [[1.0, 0.0]]}, {"value": "lstm"}
  mutating func argument(_ value: JSONValue, of name: String) -> PyTorchArgument? {
    switch value {
    case .null: return PyTorchArgument.none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .number(let value): return .number(value)
    case .string(let text):
      let word = text.hasPrefix("torch.") ? String(text.dropFirst("torch.".count)) : text
      if name == "dtype" || word != text, let type = ElementType(rawValue: word) {
        return .type(type)
      }
      return .text(text)
    case .array(let values):
      var list: [PyTorchArgument] = []
      for value in values {
        guard let element = argument(value, of: name) else { return nil }
        list.append(element)
      }
      return .list(list)
    case .object(let object):
      if let key = object["key"]?.string, object.names.count == 1 {
        guard let tensor = bookkeeping(key) else {
          _ = required(key)
          return nil
        }
        return .array(tensor)
      }
      if let own = object["value"]?.string, let flow = flow(named: own) {
        let value = seen(flow)
        return .tensor(tensor(value))
      }
      if let array = object["array"], let tensor = array.numbers(type: object["dtype"]?.string) {
        return .array(tensor)
      }
      report(
        .pytorchDeclarationInvalid,
        "'\(name)' is \(value.text), neither {\"key\": …} nor {\"array\": …} nor {\"value\": …}")
      return nil
    }
  }

  /// What is known of a value.
  func tensor(_ value: Model.Value) -> PyTorchTensor {
    PyTorchTensor(value, shape: shapes[value], kind: kinds[value])
  }

  /// The modules on the way from an argument of the model: the first one that is given it, then the
  /// first one that is given the result, and so on.
  func path(from argument: String) -> [Int] {
    let layers = declaration.layers
    guard declaration.isGraph else { return Array(layers.indices) }
    var (path, current) = ([Int](), argument)
    for (index, layer) in layers.enumerated() {
      let source: String
      if let inputs = layer.inputs {
        source = inputs.first?.string ?? ""
      } else {
        source = index == 0 ? arguments.sequence : arguments.layerNames[index - 1]
      }
      guard source == current || arguments.layer(of: source) == current else { continue }
      path.append(index)
      current = arguments.layerNames[index]
    }
    return path
  }
}

extension JSONValue {
  /// Nested lists of numbers as an array; nil for lists of different lengths, or anything else.
  fileprivate func numbers(type: String?) -> Tensor? {
    var shape: [Int] = []
    var (values, isWhole) = ([Double](), true)
    var level = self
    while case .array(let elements) = level, shape.count < 8, let first = elements.first {
      shape.append(elements.count)
      level = first
    }
    func read(_ value: JSONValue, _ depth: Int) -> Bool {
      if case .array(let elements) = value {
        guard depth < shape.count, elements.count == shape[depth] else { return false }
        return elements.allSatisfy { read($0, depth + 1) }
      }
      guard depth == shape.count else { return false }
      if let bool = value.bool {
        values.append(bool ? 1 : 0)
        return true
      }
      guard let number = value.double else { return false }
      isWhole = isWhole && value.integer != nil
      values.append(number)
      return true
    }
    guard read(self, 0) else { return nil }
    let word = type?.split(separator: ".").last.map(String.init)
    guard let own = word.map({ ElementType(rawValue: $0) }) ?? (isWhole ? .int64 : .float32) else {
      return nil
    }
    return try? Tensor.rounded(values, shape: shape, own, at: .init())
  }
}
