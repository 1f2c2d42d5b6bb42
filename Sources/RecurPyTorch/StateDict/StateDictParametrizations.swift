package import RecurStateDicts
package import RecurTensors

/// A weight that is stored as the numbers from which it is computed.
package struct ParametrizedWeight: Sendable {
  package enum Kind: String, Sendable {
    /// w = g·v / ‖v‖.
    case weightNorm = "weight norm"
    /// w / σ, with σ = uᵀ·w·v.
    case spectralNorm = "spectral norm"
    /// A parametrization whose formula the file does not have.
    case unknown = "an unknown parametrization"
  }

  /// The key of the computed weight: `lstm.weight_hh_l0`.
  package let key: String
  package let kind: Kind
  /// The keys of its tensors: g and v; or w, u and v; or the first key of another parametrization.
  package let parts: [String]
}

extension StateDict {
  /// Every parametrized weight, in the order of the keys.
  ///
  /// Both generations are found: `W_g`, `W_v` and `W_orig`, `W_u`, `W_v` of torch.nn.utils, and
  /// `parametrizations.W.original…` of torch.nn.utils.parametrize.
  package var parametrizedWeights: [ParametrizedWeight] {
    var found: [ParametrizedWeight] = []
    var seen: Set<Name> = []
    for name in tensors.names {
      guard let weight = parametrized(name), seen.insert(Name(weight.key)).inserted else {
        continue
      }
      found.append(weight)
    }
    return found
  }

  private func parametrized(_ name: String) -> ParametrizedWeight? {
    if let (module, weight) = Self.parametrization(name) {
      let prefix = "\(module)parametrizations.\(weight)."
      let key = module + weight
      let (g, v) = (prefix + "original0", prefix + "original1")
      if hasPair(g, v) { return .init(key: key, kind: .weightNorm, parts: [g, v]) }
      let parts = [prefix + "original", prefix + "0._u", prefix + "0._v"]
      let isOnly = tensors[prefix + "1._u"] == nil
      if isOnly, parts.allSatisfy({ tensors[$0] != nil }) {
        return .init(key: key, kind: .spectralNorm, parts: parts)
      }
      return .init(key: key, kind: .unknown, parts: [name])
    }
    if name.hasSuffix("_g") {
      let key = String(name.dropLast(2))
      if hasPair(name, key + "_v"), tensors[key] == nil {
        return .init(key: key, kind: .weightNorm, parts: [name, key + "_v"])
      }
    }
    if name.hasSuffix("_orig") {
      let key = String(name.dropLast("_orig".count))
      let parts = [name, key + "_u", key + "_v"]
      if parts.allSatisfy({ tensors[$0] != nil }) {
        return .init(key: key, kind: .spectralNorm, parts: parts)
      }
    }
    return nil
  }

  /// `("lstm.", "weight_hh_l0")` of `lstm.parametrizations.weight_hh_l0.original0`.
  private static func parametrization(_ name: String) -> (module: String, weight: String)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let place = parts.lastIndex(of: "parametrizations"), place + 2 < parts.count else {
      return nil
    }
    let module = parts[..<place].map { $0 + "." }.joined()
    return (module, String(parts[place + 1]))
  }

  /// Whether two tensors can be the length and the direction of one weight: g has one extent of v
  /// and otherwise extents of 1, or is a single number.
  private func hasPair(_ g: String, _ v: String) -> Bool {
    guard let g = tensors[g], let v = tensors[v], v.rank >= 2, g.elementType == v.elementType,
      g.elementType.isFloatingPoint
    else { return false }
    if g.rank == 0 { return true }
    return g.rank == v.rank && zip(g.shape, v.shape).allSatisfy { $0 == 1 || $0 == $1 }
      && g.shape.filter { $0 != 1 }.count <= 1
  }

  /// The same state dict with every parametrized weight computed as in evaluation mode.
  ///
  /// Each number is computed in Double and rounded once to the type of its tensor; a warning names
  /// what was folded.
  ///
  /// - Throws: `pytorch.parametrization.unsupported` for parametrizations whose formula is not in
  ///   the file, and for shapes that do not fit it.
  package func foldingWeightNorm() throws(CheckpointError) -> StateDict {
    let weights = parametrizedWeights
    guard !weights.isEmpty else { return self }
    var folded: [Name: Tensor] = [:]
    var dropped: Set<Name> = []
    var result = self
    for weight in weights {
      let parts = weight.parts.compactMap { tensors[$0] }
      let tensor: Tensor =
        switch weight.kind {
        case .weightNorm: try NormFolding.weightNorm(g: parts[0], v: parts[1], weight.key)
        case .spectralNorm:
          try NormFolding.spectralNorm(w: parts[0], u: parts[1], v: parts[2], weight.key)
        case .unknown: throw NormFolding.unsupported(weight)
        }
      // The computed weight takes the place of its first tensor.
      folded[Name(weight.parts[0])] = tensor
      dropped.formUnion(weight.parts.dropFirst().map { Name($0) })
      result.diagnostics.append(
        Diagnostic(
          .pytorchFolded, .warning,
          "'\(weight.key)' was computed from its \(weight.kind.rawValue) and rounded once to "
            + "\(tensor.elementType)", at: tensor.location))
    }
    let keys = Dictionary(uniqueKeysWithValues: weights.map { (Name($0.parts[0]), $0.key) })
    result.tensors = TensorTable()
    for (name, tensor) in tensors.entries where !dropped.contains(Name(name)) {
      if let weight = folded[Name(name)], let key = keys[Name(name)] {
        try result.tensors.append(key, weight)
      } else {
        try result.tensors.append(name, tensor)
      }
    }
    for other in tensors.unreadable { try result.tensors.append(other) }
    return result
  }
}

extension Diagnostic.Code {
  package static let pytorchParametrizationUnfolded = Self(
    rawValue: "pytorch.parametrization.unfolded")
  package static let pytorchFolded = Self(rawValue: "pytorch.parametrization.folded")
  package static let pytorchNotFoldable = Self(rawValue: "pytorch.parametrization.unsupported")
}
