import RecurPyTorch

// Shapes of tensors between layers, as far as a program can ask for them: `x.shape[-1]`.
extension KerasSourceTensor {
  /// The extents, None for free ones; nil where they are not known.
  var shape: [SourceValue]? { shape(0) }

  private func shape(_ depth: Int) -> [SourceValue]? {
    guard depth < 200 else { return nil }
    guard layer.className != "InputLayer" else { return layer.declaredShape }
    let call = layer.calls[call]
    var tensors: [KerasSourceTensor] = []
    for value in call.positional {
      switch value {
      case .foreign(let own as KerasSourceTensor): tensors.append(own)
      case .list(let list): tensors += list.elements.compactMap { $0.foreign as? KerasSourceTensor }
      case .tuple(let own): tensors += own.compactMap { $0.foreign as? KerasSourceTensor }
      default: return nil
      }
    }
    guard output == 0, layer.operationModule == nil, let first = tensors.first?.shape(depth + 1)
    else { return nil }
    return layer.outputShape(first, tensors.dropFirst().map { $0.shape(depth + 1) })
  }
}

extension KerasSourceLayer {
  /// The shape that an input declares.
  fileprivate var declaredShape: [SourceValue]? {
    let whole: [SourceValue]
    switch self["batch_shape"] ?? self["shape"] {
    case .tuple(let own)?: whole = own
    case .list(let list)?: whole = list.elements
    default: return nil
    }
    return self["batch_shape"] == nil ? [.none] + whole : whole
  }

  /// The shape of the output for an input of this shape.
  fileprivate func outputShape(
    _ input: [SourceValue], _ others: [[SourceValue]?]
  ) -> [SourceValue]? {
    guard let last = input.last else { return nil }
    switch className {
    case "Dense": return self["units"].map { input.dropLast() + [$0] }
    case "Embedding": return self["output_dim"].map { input + [$0] }
    case "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU":
      guard input.count == 3, let units = self["units"] else { return nil }
      return self["return_sequences"]?.flag == true
        ? [input[0], input[1], units] : [input[0], units]
    case "Bidirectional":
      guard let inner = self["layer"]?.foreign as? KerasSourceLayer,
        let own = inner.outputShape(input, []), let width = own.last
      else { return nil }
      let mode = self["merge_mode"]
      guard mode == nil || mode?.text == "concat" else { return mode?.text == nil ? nil : own }
      return width.integer.map { own.dropLast() + [.integer(2 * $0)] }
    case "TimeDistributed":
      guard let inner = self["layer"]?.foreign as? KerasSourceLayer, input.count > 2,
        let own = inner.outputShape([input[0]] + input[2...], [])
      else { return nil }
      return [own[0], input[1]] + own[1...]
    case "Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D":
      guard let filters = self["filters"] else { return nil }
      let keeps =
        ["same", "causal"].contains(self["padding"]?.text)
        && (self["strides"] == nil || self["strides"]?.integer == 1)
      return [input[0]] + input.dropFirst().dropLast().map { keeps ? $0 : .none } + [filters]
    case "MaxPooling1D", "AveragePooling1D", "MaxPooling2D", "AveragePooling2D", "ZeroPadding1D",
      "UpSampling1D", "Cropping1D":
      return [input[0]] + input.dropFirst().dropLast().map { _ in .none } + [last]
    case "GlobalMaxPooling1D", "GlobalAveragePooling1D", "GlobalMaxPooling2D",
      "GlobalAveragePooling2D":
      return [input[0], last]
    case "RepeatVector": return self["n"].map { [input[0], $0, last] }
    case "Concatenate":
      let axis = self["axis"] == nil ? -1 : self["axis"]?.integer
      guard axis == -1 || axis == input.count - 1 else { return nil }
      var width = last.integer
      for other in others {
        guard let own = other?.last?.integer, let sum = width else { return nil }
        width = sum + own
      }
      return width.map { input.dropLast() + [.integer($0)] }
    case "BatchNormalization", "LayerNormalization", "Activation", "ReLU", "LeakyReLU", "ELU",
      "PReLU", "Softmax", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout",
      "AlphaDropout", "Masking", "Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum",
      "Identity", "Attention", "MultiHeadAttention":
      return input
    default: return nil
    }
  }
}
