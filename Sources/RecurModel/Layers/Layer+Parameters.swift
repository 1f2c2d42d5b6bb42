package import RecurTensors

extension Layer {
  /// Every weight and the layer's description of the weight.
  package var parameters: [(parameter: Parameter, tensor: Tensor)] {
    var (list, copy) = (ParameterList(), definition)
    copy.visitParameters(&list)
    return list.entries
  }

  /// Every weight and its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    parameters.map { ($0.parameter.role, $0.tensor) }
  }

  /// The number of learned elements.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// The same layer; each weight is replaced by the result of `change`, called in the order of
  /// ``tensors``.
  ///
  /// - Throws: what `change` throws.
  package func mappingTensors(_ change: TensorChange) throws(CheckpointError) -> Layer {
    // A visitor can't store a closure that does not escape, so the new weights are made first.
    var changed: [Tensor] = []
    for (_, tensor) in tensors { changed.append(try change(tensor)) }
    var (replacing, copy) = (ParameterReplacement(tensors: changed[...]), definition)
    copy.visitParameters(&replacing)
    return copy.asLayer
  }
}
