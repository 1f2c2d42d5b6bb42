import RecurContainers
import RecurStateDicts
import RecurTensors

extension PyTorchModuleRecord {
  /// The class of torch.nn as it is declared, `nn.LSTM`; nil for a class of somebody's own.
  var declaredType: String? {
    // TorchScript mangles names: __torch__.torch.nn.modules.rnn.___torch_mangle_0.LSTM.
    let parts = className.split(separator: ".")
    guard parts.contains("nn"), parts.contains("torch"), let last = parts.last else { return nil }
    return "nn.\(last)"
  }

  /// What the module says of itself in the words of its constructor; defaults are left out.
  var declaredOptions: [(name: String, value: JSONValue)] {
    let words = declaredClass?.words ?? [:]
    var found: [(name: String, value: JSONValue)] = []
    for option in options {
      if option.name == "mode", option.value.string == "RNN_RELU" {
        found.append(("nonlinearity", "relu"))
      } else if let usual = words[option.name], option.value != usual {
        found.append(option)
      }
    }
    return found
  }

  /// The class, if it can be declared.
  private var declaredClass: PyTorchClass? { declaredType.flatMap(PyTorchClass.named) }

  /// Tells a module that was recognized by its shapes what it says of itself.
  ///
  /// - Returns: false when it is of another class, so that the shapes misled.
  func complete(
    _ layer: inout PyTorchDeclaration.DeclaredModule, _ candidate: inout StateDictModules.Candidate
  ) -> Bool {
    guard let type = declaredType else {
      candidate.doubts.append("'\(key)' of class '\(className)' is taken for \(layer.typeName)")
      return true
    }
    if type != layer.typeName {
      guard let known = declaredClass else { return false }
      // A table was taken for a Linear without a bias, or a Linear for a table.
      candidate.isTable.toggle()
      layer.type = type
      layer.options = JSONObject()
      for option in known.recognize(&candidate) ?? [] {
        _ = layer.options.append(option.name, option.value)
      }
    }
    // The shapes of TorchScript's modules are known, their options mostly not.
    if !isScript {
      candidate.doubts = []
      if layer.recurrentKind != nil, !layer.isCell,
        let isFirst = options.first(where: { $0.name == "batch_first" })
      {
        _ = layer.options.append("batch_first", isFirst.value)
      }
    }
    // TorchScript keeps the mode of an RNN, which has this in it.
    if layer.recurrentKind?.nonlinearities.isEmpty == false,
      !isScript || options.contains(where: { $0.name == "mode" })
    {
      _ = layer.options.append(
        "nonlinearity", declaredOptions.first { $0.name == "nonlinearity" }?.value ?? "tanh")
    }
    for option in declaredOptions { _ = layer.options.append(option.name, option.value) }
    return true
  }

  /// The declaration of a module without tensors: an activation, a Dropout.
  var declaration: PyTorchDeclaration.DeclaredModule? {
    guard let type = declaredClass?.name else { return nil }
    var object = JSONObject()
    for option in declaredOptions { _ = object.append(option.name, option.value) }
    return PyTorchDeclaration.DeclaredModule(
      type: type, key: nil, options: object, location: .init())
  }
}

extension StateDict {
  /// Who wrote it, for reports.
  var producer: String { "PyTorch" }
}
