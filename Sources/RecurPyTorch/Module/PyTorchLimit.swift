import RecurModel

/// Something that no module of torch.nn computes.
struct PyTorchLimit {
  /// As a sentence: `LSTM 'lstm' skips masked timesteps`.
  var what: String
  /// What torch.nn has.
  var expected: String?
  /// What the layer has.
  var found: String?
  /// Why no weights make up for it.
  var reason: String?

  /// Timesteps that don't count.
  static func masked(_ what: String, _ found: String) -> PyTorchLimit {
    PyTorchLimit(
      what: what, expected: "every timestep counts", found: found,
      reason:
        "modules of torch.nn have no masks: padded timesteps would change h and every output "
        + "after them")
  }

  /// Gates of a recurrent cell with other functions than those of torch.nn; nil for the same.
  static func activations(_ activation: Activation, _ recurrent: Activation) -> PyTorchLimit? {
    guard activation != .tanh || recurrent != .sigmoid else { return nil }
    let found = "activation \(activation.name) and recurrent activation \(recurrent.name)"
    let isHard = if case .hardSigmoid = recurrent { true } else { false }
    return PyTorchLimit(
      what: "has \(found)",
      expected: "activation tanh and recurrent activation sigmoid", found: found,
      reason: isHard
        ? "hard_sigmoid is 0.2x+0.5 in Keras 1 and 2 and x/6+0.5 in Keras 3, and gates of torch.nn "
          + "have sigmoid alone, which is a third function" : nil)
  }

  /// The same about somebody: `the forward LSTM of 'pair'`.
  func of(_ subject: String) -> PyTorchLimit {
    var limit = self
    limit.what = "\(subject) \(what)"
    return limit
  }
}

extension Activation {
  /// That a layer applies this, which the modules that take its weights do not do by themselves.
  func leftToCode(by layer: String) -> [String] {
    self == .linear ? [] : ["\(layer) applies \(name)"]
  }
}

extension Recurrent {
  /// What no module of torch.nn computes in one direction.
  ///
  /// - Parameter subject: who, in words: `LSTM 'lstm'`.
  /// - Returns: everything, in order.
  func limits(of subject: String) -> [PyTorchLimit] {
    cell.pytorch.form.leaves.flatMap(\.limits).map { $0.of(subject) }
      + (isStateful ? [PyTorchLimit(what: "\(subject) keeps its state between calls")] : [])
  }

  /// What the modules that take the weights of one direction do not do by themselves.
  func leftToCode(of name: String) -> [String] {
    cell.pytorch.form.parts.isEmpty
      ? [] : ["\(name) steps through its stacked cells one timestep at a time"]
  }
}
