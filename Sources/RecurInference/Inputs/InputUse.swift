import RecurModel
import RecurTensors

/// What a model does with one of its inputs, which decides what a mistake in it probably is.
struct InputUse {
  /// What the numbers are.
  enum Kind {
    /// Features of every timestep, or of every sequence.
    case values
    /// Rows of an Embedding's table.
    case tokens(layer: String, Embedding)
    /// The state a recurrent layer begins with; of which layer, and how wide.
    case state(layer: String, size: Int)
    /// One length per sequence.
    case lengths
    /// Which timesteps count.
    case mask
  }

  let kind: Kind
  /// How wide the weights of the first layer say that the features are.
  let width: Int?

  init(of name: String, in model: Model) {
    let value = Model.Value(name)
    var kind = Kind.values
    var width: Int?
    for reader in Self.readers(of: value, in: model) {
      if width == nil { width = reader.node.layer.inputWidth }
      switch reader.role {
      case .state(let index):
        let sizes = reader.node.layer.stateSizes
        guard sizes.indices.contains(index) else { continue }
        kind = .state(layer: reader.node.layerName, size: sizes[index])
      case .mask: kind = .mask
      case .input(let position):
        switch reader.node.layer {
        case .embedding(let embedding):
          kind = .tokens(layer: reader.node.layerName, embedding)
        case .lengthMask where position == 1: kind = .lengths
        default: break
        }
      }
    }
    self.kind = kind
    self.width = if case .values = kind { width } else { nil }
  }

  private enum Role {
    case input(Int)
    case mask
    case state(Int)
  }

  /// The nodes that read `value`, also through layers that leave the last axis as it is.
  private static func readers(
    of value: Model.Value, in model: Model
  ) -> [(node: Model.Node, role: Role)] {
    var found: [(node: Model.Node, role: Role)] = []
    var pending = [value]
    var seen: Set<Model.Value> = [value]
    while let value = pending.popLast() {
      for node in model.nodes {
        if node.mask == value { found.append((node, .mask)) }
        for (index, state) in node.initialState.enumerated() where state == value {
          found.append((node, .state(index)))
        }
        for (position, input) in node.inputs.enumerated() where input == value {
          guard node.layer.traits.handsOnFeatures else {
            found.append((node, .input(position)))
            continue
          }
          let next = Model.Value(node.name)
          if seen.insert(next).inserted { pending.append(next) }
        }
      }
    }
    return found
  }
}
