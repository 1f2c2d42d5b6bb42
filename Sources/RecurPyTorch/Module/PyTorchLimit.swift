import RecurModel

/// Something that no module of torch.nn computes.
struct PyTorchLimit {
  /// A sentence: `LSTM 'lstm' skips masked timesteps`.
  var what: String
  /// What torch.nn has.
  var expected: String?
  /// What the layer has.
  var found: String?
  /// The reason why no weights can replace it.
  var reason: String?

  /// The limit that torch.nn has no masks.
  static func masked(_ what: String, _ found: String) -> PyTorchLimit {
    PyTorchLimit(
      what: what, expected: "every timestep counts", found: found,
      reason:
        "modules of torch.nn have no masks: padded timesteps would change h and every output "
        + "after them")
  }

  /// The limit on the functions of a cell; nil for the functions of torch.nn.
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

  /// The same limit with a subject: `the forward LSTM of 'pair'`.
  func of(_ subject: String) -> PyTorchLimit {
    var limit = self
    limit.what = "\(subject) \(what)"
    return limit
  }
}

extension Activation {
  /// A sentence that a layer applies this function, which the user's code must do.
  func leftToCode(by layer: String) -> [String] {
    self == .linear ? [] : ["\(layer) applies \(name)"]
  }
}

extension Recurrent {
  /// Everything about one direction that no module of torch.nn computes.
  ///
  /// - Parameter subject: the subject of the sentences: `LSTM 'lstm'`.
  /// - Returns: all limits, in order.
  func limits(of subject: String) -> [PyTorchLimit] {
    cellLimits(of: subject)
      + (isStateful ? [PyTorchLimit(what: "\(subject) keeps its state between calls")] : [])
  }

  /// Everything about the cell that no module of torch.nn computes.
  func cellLimits(of subject: String) -> [PyTorchLimit] {
    cell.pytorch.form.leaves.flatMap(\.limits).map { $0.of(subject) }
  }

  /// What the user's code must do, because the torch module with the weights of one direction does
  /// not.
  func leftToCode(of name: String) -> [String] {
    cell.pytorch.form.parts.isEmpty
      ? [] : ["\(name) steps through its stacked cells one timestep at a time"]
  }
}
