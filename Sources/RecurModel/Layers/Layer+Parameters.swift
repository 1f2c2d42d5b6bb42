package import RecurTensors

extension Layer {
  /// Every weight with what its layer says of it.
  package var parameters: [(parameter: Parameter, tensor: Tensor)] {
    var (list, copy) = (ParameterList(), definition)
    copy.visitParameters(&list)
    return list.entries
  }

  /// Every weight with its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    parameters.map { ($0.parameter.role, $0.tensor) }
  }

  /// The number of learned numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// The same layer with every weight replaced by what `change` makes of it, in the order of
  /// ``tensors``.
  ///
  /// - Throws: what `change` throws.
  package func mappingTensors(_ change: TensorChange) throws(CheckpointError) -> Layer {
    // A visitor can't hold a closure that does not escape, so the new weights are made first.
    var changed: [Tensor] = []
    for (_, tensor) in tensors { changed.append(try change(tensor)) }
    var (replacing, copy) = (ParameterReplacement(tensors: changed[...]), definition)
    copy.visitParameters(&replacing)
    return copy.asLayer
  }
}
