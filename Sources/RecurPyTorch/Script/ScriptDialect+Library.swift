import RecurModel
import RecurTensors

// Classes and functions of torch's own library whose meaning is known by their names, so that their
// code is not read.
extension ScriptDialect {
  typealias Known =
    @Sendable (ScriptDialect, SourceArguments, inout SourceInterpreter) throws(SourceStop) ->
    SourceValue

  /// The function of this name; nil for one whose code is read.
  static func known(library name: String) -> Known? {
    libraryName(name).flatMap { functions[$0] }
  }

  private static let functions: [String: Known] = [
    // that there is more than one number per channel matters to training alone
    "torch.nn.functional._verify_batch_size": { _, _, _ throws(SourceStop) in .none },
    "torch.nn.functional._verify_spatial_size": { _, _, _ throws(SourceStop) in .none },
    "torch.nn.utils.rnn.pack_padded_sequence": { _, given, interpreter throws(SourceStop) in
      try interpreter.call(library: "torch.nn.utils.rnn.pack_padded_sequence", given)
    },
    "torch.nn.utils.rnn.pad_packed_sequence": { _, given, interpreter throws(SourceStop) in
      guard given.value("total_length", at: 3)?.isNone ?? true else {
        throw interpreter.problem("pad_packed_sequence with 'total_length' is not supported")
      }
      return try interpreter.call(library: "torch.nn.utils.rnn.pad_packed_sequence", given)
    },
  ]

  func call(
    _ function: SourceFunction, _ owner: SourceValue?, _ given: SourceArguments,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard interpreter.phase == .forward else { return nil }
    guard let owner = owner?.object, function.owner != nil, function.name.hasPrefix("forward"),
      let type = owner.type,
      let name = Self.libraryName("\(interpreter.files.names[type.source]).\(type.name)"),
      let kind = SourceModules.kind(name), readsByName(kind, given)
    else { return nil }
    if kind.name == "MultiheadAttention" {
      guard owner["num_heads"] != nil else { return nil }
      owner["bias"] = .flag(owner.tensors["in_proj_bias"] == true)
      owner["add_bias_kv"] = .flag(owner.tensors["bias_k"] == true)
    }
    for parameter in kind.parameters where owner[parameter.name] == nil {
      guard let value = type.member(parameter.name) else {
        // a projection and a bias are named only where a module has one
        if let standard = parameter.value {
          owner[parameter.name] = .plain(standard)
          continue
        }
        throw interpreter.problem("'\(parameter.name)' of nn.\(kind.name) is not known")
      }
      owner[parameter.name] = value
    }
    if kind.name == "RNN", let mode = type.member("mode")?.text {
      owner["nonlinearity"] = .text(mode == "RNN_RELU" ? "relu" : "tanh")
    }
    return try interpreter.deeper { interpreter throws(SourceStop) in
      try interpreter.apply(kind, owner, given)
    }
  }

  /// Whether a module is read by its name and not by its code: its code chooses a fused operator, or
  /// computes with packed sequences or with one timestep of a loop.
  private func readsByName(_ kind: SourceModuleKind, _ given: SourceArguments) -> Bool {
    if kind.name == "MultiheadAttention" { return given.positional.count > 2 }
    switch given.positional.first {
    case .packed?: return ["LSTM", "GRU", "RNN"].contains(kind.name)
    case .step?: return kind.name.hasSuffix("Cell")
    default: return false
    }
  }
}
