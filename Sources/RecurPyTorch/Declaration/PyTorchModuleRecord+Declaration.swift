import RecurContainers
import RecurStateDicts
import RecurTensors

extension PyTorchModuleRecord {
  /// The class of torch.nn in its short form, `nn.LSTM`; nil for a class outside torch.nn.
  var declaredType: String? {
    // TorchScript mangles names: __torch__.torch.nn.modules.rnn.___torch_mangle_0.LSTM.
    let parts = className.split(separator: ".")
    guard parts.contains("nn"), parts.contains("torch"), let last = parts.last else { return nil }
    return "nn.\(last)"
  }

  /// The options of the module in the words of its constructor, without those at their defaults.
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

  /// The class, if a declaration can name it.
  private var declaredClass: PyTorchClass? { declaredType.flatMap(PyTorchClass.named) }

  /// Adds the recorded options to a module that was recognised by its shapes.
  ///
  /// - Returns: false for a module of another class than its shapes suggest.
  func complete(
    _ layer: inout PyTorchDeclaration.DeclaredModule, _ candidate: inout StateDictModules.Candidate
  ) -> Bool {
    guard let type = declaredType else {
      candidate.doubts.append("'\(key)' of class '\(className)' is taken for \(layer.typeName)")
      return true
    }
    if type != layer.typeName {
      guard let known = declaredClass else { return false }
      // An Embedding and a Linear without a bias have the same shapes, so one was taken for the
      // other.
      candidate.isTable.toggle()
      layer.type = type
      layer.options = JSONObject()
      for option in known.recognize(&candidate) ?? [] {
        _ = layer.options.append(option.name, option.value)
      }
    }
    // A TorchScript module has its shapes in the file, but few of its options.
    if !isScript {
      candidate.doubts = []
      // What the record does not name is as torch has it by default.
      layer.options = JSONObject(layer.options.members.filter { !$0.value.isNull })
      if layer.recurrentKind != nil, !layer.isCell,
        let isFirst = options.first(where: { $0.name == "batch_first" })
      {
        _ = layer.options.append("batch_first", isFirst.value)
      }
    }
    // In TorchScript, the nonlinearity of an RNN is known only from its attribute `mode`.
    if layer.recurrentKind?.nonlinearities.isEmpty == false,
      !isScript || options.contains(where: { $0.name == "mode" })
    {
      _ = layer.options.append(
        "nonlinearity", declaredOptions.first { $0.name == "nonlinearity" }?.value ?? "tanh")
    }
    for option in declaredOptions { _ = layer.options.append(option.name, option.value) }
    return true
  }

  /// The declaration of a module without tensors, such as an activation or a Dropout.
  var declaration: PyTorchDeclaration.DeclaredModule? {
    guard let type = declaredClass?.name else { return nil }
    var object = JSONObject()
    for option in declaredOptions { _ = object.append(option.name, option.value) }
    return PyTorchDeclaration.DeclaredModule(
      type: type, key: nil, options: object, location: .init())
  }
}

extension StateDict {
  /// The program that wrote the file, for reports.
  var producer: String { framework ?? "PyTorch" }
}
