import RecurModel
import RecurTensors

extension Model {
  /// The same model with zeros put around what convolutions read, where they pad their axes by given
  /// numbers of positions: Keras has a layer for the zeros, and no such convolution.
  ///
  /// Where the given numbers are those of Keras' own padding, that is used.
  var withMarginsBeforeConvolutions: Model {
    var copy = self
    copy.nodes = []
    var names = Set(nodes.map(\.name))
    for node in nodes {
      guard case .convolution(var convolution) = node.layer,
        convolution.windows.contains(where: {
          if case .explicit = $0.padding { true } else { false }
        }),
        let margins = convolution.windows.margins, let input = node.inputs.first
      else {
        copy.nodes.append(node)
        continue
      }
      var own = node
      if convolution.windows.isSame {
        convolution.paddings = convolution.paddings.map { _ in .same }
        own.layer = .convolution(convolution)
        copy.nodes.append(own)
        continue
      }
      convolution.paddings = convolution.paddings.map { _ in .valid }
      own.layer = .convolution(convolution)
      if margins.contains(where: { $0.before > 0 || $0.after > 0 }) {
        var (name, number) = ("\(node.name)_margin", 1)
        while !names.insert(name).inserted {
          number += 1
          name = "\(node.name)_margin_\(number)"
        }
        copy.nodes.append(
          Node(
            name: name, layerName: name, layer: .reshaping(.pad(margins)), inputs: [input],
            precision: node.precision, location: node.location))
        own.inputs = [Value(name)]
      }
      copy.nodes.append(own)
    }
    return copy
  }
}

extension [Window] {
  /// The padded positions at both ends of each axis; nil where they depend on the extent.
  fileprivate var margins: [Reshaping.Margin]? {
    var result: [Reshaping.Margin] = []
    for window in self {
      switch window.padding {
      case .valid: result.append(.init(0, 0))
      case .causal: result.append(.init(window.span - 1, 0))
      case .explicit(let before, let after) where before >= 0 && after >= 0:
        result.append(.init(before, after))
      case .explicit, .same: return nil
      }
    }
    return result
  }

  /// Whether the given paddings are those with which every position has a window in its middle.
  fileprivate var isSame: Bool {
    allSatisfy { window in
      let missing = window.span - 1
      guard window.stride == 1 else { return false }
      switch window.padding {
      case .same: return true
      case .valid: return missing == 0
      case .causal: return missing == 0
      case .explicit(let before, let after):
        return before == missing / 2 && before + after == missing
      }
    }
  }
}
