import RecurContainers
import RecurModel
import RecurTensors

// Recurrent layers as nn.LSTM, nn.GRU and nn.RNN.
extension Recurrent {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    guard direction == .forward || call.mask == nil else {
      throw PyTorchFunctionProblem("it reads a masked sequence backwards")
    }
    let name = call.node.name
    var x = call.x
    if direction == .backward {
      x = writer.add("torch.flip", x, named: "\(name).turned", [("dims", [1])])
    }
    let select = returnsSequence || returnsState ? nil : "last"
    return try declare([self], x, call, select: select, &writer) { writer, module in
      returnsSequence || select != nil
        ? module : writer.part(module, "h_n", index: -1, named: name)
    }
  }

  /// The module of one or two directions; `result` makes the first output of the module's name.
  fileprivate func declare(
    _ directions: [Recurrent], _ x: String, _ call: PyTorchDeclaredCall, select: String?,
    _ writer: inout PyTorchDeclarationWriter,
    _ result: (inout PyTorchDeclarationWriter, String) -> String
  ) throws(PyTorchFunctionProblem) -> [String] {
    let form = cell.pytorch.form
    guard let torchClass = form.torchClass, form.limits.isEmpty else {
      throw PyTorchFunctionProblem(
        form.limits.first.map { "it \($0.what)" } ?? "no class of torch.nn computes its cell")
    }
    guard form.torchOptions.allSatisfy({ !$0.hasPrefix("proj_size") }) else {
      throw PyTorchFunctionProblem("its projection is not written")
    }
    guard !isStateful else { throw PyTorchFunctionProblem("it keeps its state between calls") }
    let name = call.node.name
    var options: PyTorchDeclarationWriter.Options = [
      ("input_size", .integer(form.inputSize)), ("hidden_size", .integer(form.hiddenSize)),
      ("batch_first", true),
    ]
    if case .simpleRNN(let rnn) = cell, rnn.activation == .relu {
      options.append(("nonlinearity", "relu"))
    }
    if directions.count > 1 { options.append(("bidirectional", true)) }
    if !form.hasBias { options.append(("bias", false)) }
    if let mask = call.mask {
      options.append(("mask", .string(mask)))
      if maskedOutput != .previous {
        options.append(("masked_output", .string(maskedOutput.rawValue)))
      }
    }
    if let select { options.append(("select", .string(select))) }
    let kinds = cell.states.count
    var inputs = [x]
    if !call.states.isEmpty {
      // The states of a kind, those of all directions one above the other.
      for kind in 0..<kinds {
        let own = stride(from: kind, to: call.states.count, by: kinds).map { call.states[$0] }
        inputs.append(
          writer.add("torch.stack", own.map { .string($0) }, named: "\(name).state", [("dim", 0)]))
      }
    }
    // Of several layers, each is a module by itself, which names its tensors.
    let first = RecurrentParameter.suffix(layer: 0)
    let isNamed = call.suffix != first
    if isNamed {
      let parameters: [RecurrentParameter] =
        [.kernel, .recurrentKernel] + (form.hasBias ? [.bias, .recurrentBias] : [])
      for ending in ["", RecurrentParameter.reverse].prefix(directions.count) {
        for parameter in parameters {
          let source = StateDictKeys.joined(call.key, parameter.name(call.suffix + ending))
          options.append((parameter.name(first + ending), .string(source)))
        }
      }
    }
    let module = writer.module(
      torchClass, key: isNamed ? "\(call.key)\(call.suffix)_part" : call.key, inputs, named: name,
      options)
    var results = [result(&writer, module)]
    guard returnsState else { return results }
    for direction in directions.indices {
      for part in ["h_n", "c_n"].prefix(kinds) {
        results.append(writer.part(module, part, index: direction, named: name))
      }
    }
    return results
  }
}

extension Bidirectional {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    guard isOneModule else {
      throw PyTorchFunctionProblem("its two directions are no module of torch.nn")
    }
    guard let mergeMode else { throw PyTorchFunctionProblem("its outputs are not merged") }
    guard call.mask == nil || forward.returnsSequence else {
      throw PyTorchFunctionProblem("it puts out the last timestep of a masked sequence")
    }
    let name = call.node.name
    let isJoined = !forward.returnsSequence && !forward.returnsState && mergeMode == .concatenate
    return try forward.declare(
      [forward, backward], call.x, call, select: isJoined ? "h_n" : nil, &writer
    ) { writer, output in
      guard !isJoined else { return output }
      var parts: [String] = []
      if forward.returnsSequence {
        guard mergeMode != .concatenate else { return output }
        let both = writer.add(
          "torch.chunk", output, named: "\(name).both", [("chunks", 2), ("dim", -1)])
        parts = ["\(both).0", "\(both).1"]
      } else {
        parts = (0..<2).map { writer.part(output, "h_n", index: $0, named: name) }
      }
      let values = parts.map { JSONValue.string($0) }
      switch mergeMode {
      case .concatenate: return writer.add("torch.cat", values, named: name, [("dim", -1)])
      case .sum: return writer.add("torch.add", values, named: name)
      case .multiply: return writer.add("torch.mul", values, named: name)
      case .average:
        let sum = writer.add("torch.add", values, named: "\(name).sum")
        return writer.add("torch.div", sum, named: name, [("other", 2)])
      }
    }
  }
}

extension PyTorchDeclarationWriter {
  /// One of the final states of a module, `[batch, units]`.
  fileprivate mutating func part(
    _ module: String, _ part: String, index: Int, named name: String
  ) -> String {
    add(
      "getitem", "\(module).\(part)", named: "\(name)_\(part)", [("index", .string("\(index)"))])
  }
}
