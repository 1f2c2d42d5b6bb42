import RecurFormats
package import RecurStateDicts
package import RecurTensors

/// Prefixes that wrappers put before the keys of a model.
private enum Prefix {
  /// The wrappers of a whole model, by their prefix.
  static let leading = [
    "module": "DataParallel", "_orig_mod": "torch.compile", "model": "Lightning or a wrapper",
    "net": "Lightning or a wrapper", "network": "Lightning or a wrapper",
    "_forward_module": "Lightning Fabric", "_fsdp_wrapped_module": "FSDP",
    "_checkpoint_wrapped_module": "activation checkpointing",
  ]

  /// The counter beside the keys of an averaged model.
  static let averageCount = "n_averaged"

  /// The wrappers of single modules, by the part that they add anywhere in a key.
  static let anywhere = [
    "_orig_mod": "torch.compile", "_fsdp_wrapped_module": "FSDP",
    "_checkpoint_wrapped_module": "activation checkpointing",
  ]
}

extension StateDict {
  /// The same tensors without the prefixes of DataParallel, torch.compile, Lightning and FSDP, and
  /// a note about them.
  ///
  /// A prefix is removed if all keys have it, unless `keys`, the keys of a declared architecture,
  /// need it.
  ///
  /// - Throws: `pytorch.prefix.collision` when two keys become one.
  package func strippingPrefixes(keeping keys: [String] = []) throws(CheckpointError) -> StateDict {
    if let own = try withoutAverageCount(), !keys.contains(Prefix.averageCount) {
      return try own.strippingPrefixes(keeping: keys)
    }
    var result = self
    var names = tensors.names.map { Self.components($0) }
    var moduleKeys = modules.map { Self.components($0.key) }
    var notes: [(part: String, reason: String)] = []
    let declared = keys.filter { !$0.isEmpty }.map { Self.components($0) }
    for (part, reason) in Prefix.anywhere.sorted(by: { $0.key < $1.key }) {
      let isUsed = names.contains { $0.dropLast().contains(part) }
      let isDeclared = declared.contains { $0.contains(part) }
      guard isUsed, !isDeclared else { continue }
      names = names.map { $0.dropLast().filter { $0 != part } + $0.suffix(1) }
      moduleKeys = moduleKeys.map { $0.filter { $0 != part } }
      notes.append((part, reason))
    }
    while let part = names.first?.first, let reason = Prefix.leading[part],
      names.allSatisfy({ $0.count > 1 && $0[0] == part }),
      !declared.contains(where: { key in
        names.contains { $0.count > key.count && $0.starts(with: key) }
      })
    {
      names = names.map { Array($0.dropFirst()) }
      moduleKeys = moduleKeys.map { $0.first == part ? Array($0.dropFirst()) : $0 }
      notes.append((part, reason))
    }
    guard !notes.isEmpty else { return self }
    result.tensors = try renamed(names)
    result.modules = Self.renamed(modules, moduleKeys)
    result.diagnostics += notes.map { note in
      Diagnostic(
        .pytorchPrefixStripped, .note,
        "'\(note.part).' was taken off the keys: \(note.reason) put it there",
        expected: "keys of the model itself",
        found: "\(tensors.names.count) keys with '\(note.part).'",
        reason: "a wrapped module was saved; torch's load_state_dict() refuses such keys, and with "
          + "strict=False loads nothing of them",
        fixes: [
          .init(
            .pytorch, "sd = {k.replace(\"\(note.part).\", \"\", 1): w for k, w in sd.items()}")
        ])
    }
    return result
  }

  /// The state dict of an averaged model without its counter, which is no weight
  /// (torch/optim/swa_utils.py, `AveragedModel`); nil for any other.
  private func withoutAverageCount() throws(CheckpointError) -> StateDict? {
    guard let count = tensors[Prefix.averageCount], count.count == 1, tensors.names.count > 1,
      !count.elementType.isFloatingPoint,
      tensors.names.allSatisfy({ $0 == Prefix.averageCount || $0.hasPrefix("module.") })
    else { return nil }
    var result = self
    result.tensors = TensorTable()
    for (name, tensor) in tensors.entries where name != Prefix.averageCount {
      try result.tensors.append(name, tensor)
    }
    for other in tensors.unreadable { try result.tensors.append(other) }
    result.diagnostics.append(
      Diagnostic(
        .tensorUnused, .note,
        "'\(Prefix.averageCount)' counts the models of which AveragedModel is the mean, and is no weight",
        at: count.location))
    return result
  }

  private static func components(_ key: String) -> [String] {
    key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  private func renamed(_ names: [[String]]) throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    var originals: [Name: String] = [:]
    for (entry, parts) in zip(tensors.entries, names) {
      let name = parts.joined(separator: ".")
      if let other = originals.updateValue(entry.name, forKey: Name(name)) {
        throw CheckpointError(
          .pytorchPrefixCollision,
          "'\(other)' and '\(entry.name)' both become '\(name)' when prefixes are taken off",
          at: entry.tensor.location,
          fixes: [.init(.pytorch, "torch.save(model._orig_mod.state_dict(), 'model.pt')")])
      }
      try table.append(name, entry.tensor)
    }
    for other in tensors.unreadable { try table.append(other) }
    return table
  }

  /// If several modules get one key, the innermost module is the model's own.
  private static func renamed(
    _ modules: [PyTorchModuleRecord], _ keys: [[String]]
  ) -> [PyTorchModuleRecord] {
    var result: [PyTorchModuleRecord] = []
    var positions: [Name: Int] = [:]
    for (module, parts) in zip(modules, keys) {
      var renamed = module
      renamed.key = parts.joined(separator: ".")
      if let position = positions[Name(renamed.key)] {
        result[position] = renamed
      } else {
        positions[Name(renamed.key)] = result.count
        result.append(renamed)
      }
    }
    return result
  }
}

extension Diagnostic.Code {
  package static let pytorchPrefixStripped = Self(rawValue: "pytorch.prefix.stripped")
  package static let pytorchPrefixCollision = Self(rawValue: "pytorch.prefix.collision")
}
