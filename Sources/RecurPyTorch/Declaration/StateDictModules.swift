import RecurContainers
import RecurModel
import RecurStateDicts
import RecurTensors

/// The modules of torch.nn that the keys and shapes of a state dict tell.
///
/// Keys that begin alike belong to one module; the names and shapes behind them say of which class.
struct StateDictModules {
  /// One module, or tensors that make none that is known.
  struct Module {
    /// The prefix of its keys without the last dot.
    var key: String
    /// The rest of every key, in file order.
    var parameters: [String]
    /// How it would be declared; nil when its class is unknown.
    var layer: PyTorchDeclaration.Layer?
    /// What follows from names or shapes alone and might be otherwise.
    var doubts: [String] = []
  }

  /// The modules in the order of their first tensors.
  private(set) var modules: [Module] = []

  init(_ stateDict: StateDict) {
    var positions: [Name: Int] = [:]
    for name in stateDict.tensors.names {
      let end = name.lastIndex(of: ".")
      let key = end.map { String(name[..<$0]) } ?? ""
      let parameter = end.map { String(name[name.index(after: $0)...]) } ?? name
      if let position = positions[Name(key)] {
        modules[position].parameters.append(parameter)
      } else {
        positions[Name(key)] = modules.count
        modules.append(Module(key: key, parameters: [parameter]))
      }
    }
    let records = Dictionary(
      stateDict.modules.map { (Name($0.key), $0) }, uniquingKeysWith: { one, _ in one })
    for index in modules.indices {
      recognize(&modules[index], stateDict.tensors, records[Name(modules[index].key)])
    }
  }

  private func recognize(
    _ module: inout Module, _ tensors: TensorTable, _ record: PyTorchModuleRecord?
  ) {
    let names = Set(module.parameters)
    func tensor(_ parameter: String) -> Tensor? {
      names.contains(parameter)
        ? tensors[StateDictKeys.joined(module.key, parameter)] : nil
    }
    let recognized: (type: String, options: [(String, JSONValue)])?
    if let found = recurrent(names, tensor) {
      recognized = found
    } else if let found = feedForward(names, tensor, module.key, &module.doubts) {
      recognized = found
    } else {
      recognized = nil
    }
    guard let recognized else { return }
    var options = JSONObject()
    for (name, value) in recognized.options { _ = options.append(name, value) }
    var layer = PyTorchDeclaration.Layer(
      type: recognized.type, key: module.key, options: options,
      location: module.parameters.first.flatMap { tensor($0)?.location } ?? .init())
    if let record, !record.complete(&layer, &module.doubts) { return }
    module.layer = layer
  }

  private func recurrent(
    _ names: Set<String>, _ tensor: (String) -> Tensor?
  ) -> (String, [(String, JSONValue)])? {
    let isCell = names.contains("weight_ih")
    let first = isCell ? "" : "_l0"
    guard let kernel = tensor("weight_ih\(first)"), let own = tensor("weight_hh\(first)"),
      kernel.rank == 2, own.rank == 2, own.shape[1] > 0
    else { return nil }
    let projection = tensor("weight_hr\(first)")
    let gates = projection == nil ? own.shape[0] / own.shape[1] : 4
    let units = own.shape[0] / gates.nonZero
    guard let kind = PyTorchRecurrentKind.allCases.first(where: { $0.gateCount == gates }),
      own.shape[0] == gates * units, kernel.shape[0] == own.shape[0]
    else { return nil }
    var options: [(String, JSONValue)] = [
      ("input_size", .integer(kernel.shape[1])), ("hidden_size", .integer(units)),
    ]
    if !names.contains("bias_ih\(first)"), !names.contains("bias_hh\(first)") {
      options.append(("bias", false))
    }
    guard !isCell else { return ("nn.\(kind.rawValue)Cell", options) }
    var depth = 1
    while names.contains("weight_ih_l\(depth)") { depth += 1 }
    if depth > 1 { options.append(("num_layers", .integer(depth))) }
    if names.contains("weight_ih_l0_reverse") { options.append(("bidirectional", true)) }
    if projection != nil { options.append(("proj_size", .integer(own.shape[1]))) }
    return ("nn.\(kind.rawValue)", options)
  }

  private func feedForward(
    _ names: Set<String>, _ tensor: (String) -> Tensor?, _ key: String, _ doubts: inout [String]
  ) -> (String, [(String, JSONValue)])? {
    if let mean = tensor("running_mean"), tensor("running_var") != nil, mean.rank == 1 {
      let options: [(String, JSONValue)] = [("num_features", .integer(mean.shape[0]))]
      return ("nn.BatchNorm1d", options + (names.contains("weight") ? [] : [("affine", false)]))
    }
    guard let weight = tensor("weight"), names.isSubset(of: ["weight", "bias"]),
      weight.elementType.isFloatingPoint, weight.rank > 0,
      tensor("bias").map({ $0.shape == [weight.shape[0]] }) ?? true
    else { return nil }
    let withoutBias: [(String, JSONValue)] = names.contains("bias") ? [] : [("bias", false)]
    switch weight.rank {
    case 1:
      // A scale by itself may be of PReLU and of several normalizations.
      guard names.contains("bias") else { return nil }
      doubts.append("'\(key)' is taken for nn.LayerNorm")
      return (
        "nn.LayerNorm", [("normalized_shape", .integer(weight.shape[0]))]
      )
    case 2 where !names.contains("bias") && isEmbedding(key):
      return (
        "nn.Embedding",
        [
          ("num_embeddings", .integer(weight.shape[0])),
          ("embedding_dim", .integer(weight.shape[1])),
        ]
      )
    case 2:
      return (
        "nn.Linear",
        [("in_features", .integer(weight.shape[1])), ("out_features", .integer(weight.shape[0]))]
          + withoutBias
      )
    case 3:
      doubts.append("'\(key)' is taken for nn.Conv1d with stride 1, no padding and one group")
      return (
        "nn.Conv1d",
        [
          ("in_channels", .integer(weight.shape[1])), ("out_channels", .integer(weight.shape[0])),
          ("kernel_size", .integer(weight.shape[2])),
        ] + withoutBias
      )
    default: return nil
    }
  }

  /// A table without a bias is told from a Linear without one by its name only.
  private func isEmbedding(_ key: String) -> Bool {
    let last = key.split(separator: ".").last.map { $0.lowercased() } ?? ""
    return ["emb", "wte", "tok", "lookup"].contains { last.contains($0) }
  }
}

extension Int {
  /// 1 in place of 0, to divide by.
  fileprivate var nonZero: Int { self == 0 ? 1 : self }
}
