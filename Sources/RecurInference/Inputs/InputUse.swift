import RecurModel
import RecurTensors

/// The use of a model input, which tells what a mistake in the input probably is.
struct InputUse {
  /// The meaning of the numbers.
  enum Kind {
    /// Features of each timestep, or of each sequence.
    case values
    /// Row numbers of an Embedding's table.
    case tokens(layer: String, Embedding)
    /// The initial state of the recurrent layer `layer`, `size` wide.
    case state(layer: String, size: Int)
    /// One length per sequence.
    case lengths
    /// A mask of timesteps.
    case mask
  }

  let kind: Kind
  /// The feature count according to the weights of the first layer; nil when they don't tell.
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

  /// The nodes that read `value`, directly or behind layers that keep the last axis.
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
