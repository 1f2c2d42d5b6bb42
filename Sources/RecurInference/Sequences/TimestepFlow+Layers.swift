import RecurModel
import RecurTensors

// What each layer does to the timesteps of its input.
extension TimestepFlow {
  /// What is known of a node's outputs; layers that stand in the way are reported.
  mutating func follow(_ node: Model.Node) -> [Track] {
    let tracks = node.inputs.map(track)
    let isFinal = (tracks + node.initialState.map(track)).contains(where: \.isFinal)
    var whole = Track.whole
    whole.batchAxis = batchAxis(node, tracks.first?.batchAxis ?? 0)
    whole.isFinal = isFinal
    let nothing = [Track](repeating: whole, count: node.layer.outputCount)
    guard let position = tracks.firstIndex(where: { $0.axis != nil }) else {
      if isFinal, node.layer.isStateful, question == .streamed {
        refuse(node, "it keeps a state and reads what is known only at the end of the sequence")
      }
      return nothing
    }
    let x = tracks[position]
    if isFinal, question == .streamed {
      refuse(node, "it joins timesteps with what is known only at the end of the sequence")
      return nothing
    }
    switch node.layer {
    case .input, .opaque: return nothing
    case .recurrent(let recurrent): return follow(recurrent, node, x) ?? nothing
    case .bidirectional(let pair): return follow(pair, node, x) ?? nothing
    case .timeDistributed:
      guard x.axis == 1, x.batchAxis == 0 else { return mixed(node, nothing) }
      return [x.changed]
    case .dense, .layerNormalization, .batchNormalization, .standardization, .scaling:
      return isLast(x, node) ? mixed(node, nothing) : [x.changed]
    case .activation(let activation):
      if case .softmax = activation, isLast(x, node) { return mixed(node, nothing) }
      return [x.changed]
    case .parametricReLU(let alpha):
      let extent = x.axis.map { $0 > 0 && $0 <= alpha.rank ? alpha.shape[$0 - 1] : 1 }
      return extent == 1 ? [x.changed] : mixed(node, nothing)
    case .embedding:
      var mask = x
      mask.padded = x.padded.map { $0 == 0 ? 0 : 1 }
      if node.layer.outputCount > 1, isPadded, mask.padded != 0, isUsed(node, 1) {
        refuseMask(node, value: 0, x.padded)
      }
      return node.layer.outputCount > 1 ? [x.changed, mask] : [x.changed]
    case .masking(let value):
      guard !isLast(x, node) else { return mixed(node, nothing) }
      let isMasked = x.padded.map { node.precision.rounded($0) == value } ?? false
      var (masked, mask) = (x, x)
      (masked.padded, mask.padded) = (isMasked ? 0 : x.padded, isMasked ? 0 : 1)
      if isPadded, !isMasked { refuseMask(node, value: value, x.padded) }
      return [masked, mask]
    case .convolution(let convolution):
      guard x.axis == 1, x.batchAxis == 0 else { return mixed(node, nothing) }
      let isPointwise = convolution.kernelSize == 1 && convolution.stride == 1
      let looksBack = convolution.padding == .causal && convolution.stride == 1
      return isPointwise || looksBack && isPadded(at: .end, x) ? [x.changed] : mixed(node, nothing)
    case .pooling(let pooling):
      guard isPadded, pooling.window == nil, pooling.operation == .average, x.axis == 1,
        x.batchAxis == 0, !x.isReversed, covers(node.mask)
      else { return mixed(node, nothing) }
      return [.whole]
    case .reshaping(let reshaping):
      return follow(reshaping, x).map { [$0] } ?? mixed(node, nothing)
    case .selection(let selection):
      return follow(selection, node, x).map { [$0] } ?? mixed(node, nothing)
    case .lengthMask: return mixed(node, nothing)
    case .merge(let merge):
      return follow(merge, node, tracks).map { [$0] } ?? mixed(node, nothing)
    case .attention(let attention): return follow(attention, node, tracks, nothing)
    case .identity: return [x]
    case .notEqual(let value):
      var result = x.changed
      result.padded = x.padded.map { node.precision.rounded($0) == value ? 0 : 1 }
      return [result]
    case .anyTrue(let axis, let keepsAxis):
      let rank = self.rank(node) ?? 0
      let position = axis < 0 ? axis + rank : axis
      guard let own = x.axis, position != own else { return mixed(node, nothing) }
      var result = x
      if !keepsAxis, position < own { result.axis = own - 1 }
      return [result]
    }
  }

  /// Where a layer puts the batch of a value without timesteps.
  private func batchAxis(_ node: Model.Node, _ axis: Int) -> Int {
    switch node.layer {
    case .merge(.stack(let added)) where added <= axis: axis + 1
    case .reshaping(.exchangeBatchAndTime) where axis < 2: 1 - axis
    case .selection(let selection) where selection.axis < axis: axis - 1
    default: axis
    }
  }

  // MARK: recurrent layers

  private mutating func follow(_ layer: Recurrent, _ node: Model.Node, _ x: Track) -> [Track]? {
    readers.insert(Name(node.name))
    guard x.axis == 1, x.batchAxis == 0 else {
      refuse(node, "its input does not have the timesteps on axis 1")
      return nil
    }
    var output = Track(axis: layer.returnsSequence ? 1 : nil)
    switch question {
    case .streamed:
      guard layer.direction == .forward, !x.isReversed else {
        refuse(node, "it reads the sequence from its end")
        return nil
      }
      output.isFinal = !layer.returnsSequence
    case .padded(let side, _):
      guard covers(node.mask) else {
        // What comes before the padding does not know of it.
        guard layer.direction == .forward, layer.returnsSequence, !layer.returnsState,
          isPadded(at: .end, x), node.mask == nil
        else {
          refuseUnmasked(node)
          return nil
        }
        return [output]
      }
      guard !x.isReversed else {
        refuse(node, "its input stands in reverse, and its mask does not")
        return nil
      }
      guard !layer.endsInZeros(paddedAt: side) else {
        refuse(node, endsInZeros)
        return nil
      }
      if layer.returnsSequence {
        output.isReversed = layer.direction == .backward
        if layer.maskedOutput == .zero { output.padded = 0 }
        output.holdsLast =
          side == .end && layer.direction == .forward && layer.maskedOutput != .zero
      }
    }
    var state = Track.whole
    state.isFinal = question == .streamed
    return [output]
      + (layer.returnsState ? layer.cell.stateSizes.map { _ in state } : [])
  }

  private mutating func follow(_ pair: Bidirectional, _ node: Model.Node, _ x: Track) -> [Track]? {
    readers.insert(Name(node.name))
    guard isPadded else {
      refuse(node, "one of its directions begins at the end of the sequence")
      return nil
    }
    guard x.axis == 1, x.batchAxis == 0, covers(node.mask), !x.isReversed else {
      refuseUnmasked(node)
      return nil
    }
    if case .padded(let side, _) = question,
      pair.forward.endsInZeros(paddedAt: side) || pair.backward.endsInZeros(paddedAt: side)
    {
      refuse(node, endsInZeros)
      return nil
    }
    var output = Track(axis: pair.forward.returnsSequence ? 1 : nil)
    if pair.forward.returnsSequence {
      // What `forward` puts out stands as it was read, what `backward` puts out is turned round.
      output.isReversed = pair.forward.direction == .backward
      guard output.isReversed == (pair.backward.direction == .forward) else {
        refuse(node, "its two directions put out the timesteps in opposite orders")
        return nil
      }
    }
    if pair.forward.maskedOutput == .zero, pair.backward.maskedOutput == .zero,
      output.axis != nil
    {
      output.padded = 0
    }
    return [Track](repeating: output, count: pair.outputCount)
      + (pair.forward.returnsState ? pair.stateSizes.map { _ in .whole } : [])
  }

  /// The layer between the sequence and a node at which masks end.
  private func maskless(_ node: Model.Node) -> String? {
    var (value, found): (Model.Value?, String?) = (node.inputs.first, nil)
    while let name = value?.node, let before = nodes[Name(name)] {
      switch before.layer {
      case .embedding, .convolution, .pooling, .reshaping, .selection, .standardization, .scaling:
        found = "\(before.layer.title) '\(before.layerName)'"
      default: break
      }
      value = before.inputs.first
    }
    return found
  }

  private mutating func refuseUnmasked(_ node: Model.Node) {
    if node.mask != nil {
      refuse(node, "its mask does not leave out the padding")
    } else if node.initialState.isEmpty {
      refuse(
        node,
        "no mask reaches it: \(maskless(node) ?? "a layer before it") does not hand on masks")
    } else {
      refuse(node, "no mask reaches it", facts: [.maskDroppedForState])
    }
  }

  // MARK: axes

  private func follow(_ reshaping: Reshaping, _ x: Track) -> Track? {
    guard let axis = x.axis else { return x }
    var result = x
    switch reshaping {
    case .flatten, .reshape, .repeatVector, .pad, .crop, .upsample: return nil
    case .permute(let axes):
      guard x.batchAxis == 0, let position = axes.firstIndex(of: axis) else { return nil }
      result.axis = position + 1
    case .insertAxis(let position):
      if position <= axis { result.axis = axis + 1 }
      if position <= x.batchAxis { result.batchAxis += 1 }
    case .exchangeBatchAndTime:
      func exchanged(_ axis: Int) -> Int { axis < 2 ? 1 - axis : axis }
      (result.axis, result.batchAxis) = (exchanged(axis), exchanged(x.batchAxis))
    }
    return result
  }

  private func follow(_ selection: Selection, _ node: Model.Node, _ x: Track) -> Track? {
    guard let axis = x.axis else { return x }
    guard selection.axis == axis else {
      guard selection.axis != x.batchAxis else { return nil }
      var result = x
      if selection.axis < axis { result.axis = axis - 1 }
      if selection.axis < x.batchAxis { result.batchAxis -= 1 }
      return result
    }
    guard x.batchAxis == 0, selection.axis == 1 else { return nil }
    switch question {
    case .streamed:
      guard selection.index == -1, node.mask == nil else { return nil }
      return Track(axis: nil, isFinal: true)
    case .padded:
      let isMasked = covers(node.mask) && !x.isReversed
      let isRight =
        switch selection.index {
        case -1:
          isMasked || node.mask == nil && (isPadded(at: .start, x) || x.holdsLast && !x.isReversed)
        case 0: isMasked || node.mask == nil && isPadded(at: .end, x)
        default: false
        }
      return isRight ? .whole : nil
    }
  }

  // MARK: several inputs

  private func follow(_ merge: Merge, _ node: Model.Node, _ tracks: [Track]) -> Track? {
    let ranks = node.inputs.map { shapes[$0]?.count ?? 0 }
    let rank = ranks.max() ?? 0
    guard let index = tracks.firstIndex(where: { $0.axis != nil }), let axis = tracks[index].axis
    else { return nil }
    var result = tracks[index]
    for (position, track) in tracks.enumerated() {
      if let own = track.axis {
        // Inputs of fewer axes are filled up behind the batch.
        let shift = own > 0 ? rank - ranks[position] : 0
        let expected = axis > 0 ? axis + rank - ranks[index] : axis
        guard own + shift == expected, track.batchAxis == result.batchAxis,
          track.isReversed == result.isReversed
        else { return nil }
      } else if let shape = shapes[node.inputs[position]], ranks[position] == rank,
        shape.indices.contains(axis), shape[axis] != .fixed(1)
      {
        // A number for each timestep stands beside other timesteps in a padded row.
        return nil
      }
    }
    result.axis = axis > 0 ? axis + rank - ranks[index] : axis
    result.holdsLast = tracks.allSatisfy { $0.axis != nil && $0.holdsLast }
    let padded = tracks.compactMap(\.padded)
    let isKnown = padded.count == tracks.count
    result.padded = nil
    switch merge {
    case .maximum: if isKnown { result.padded = padded.max() }
    case .minimum: if isKnown { result.padded = padded.min() }
    case .multiply: if tracks.contains(where: { $0.padded == 0 }) { result.padded = 0 }
    case .add, .subtract, .average: break
    case .concatenate(let joined):
      guard (joined < 0 ? joined + rank : joined) != result.axis else { return nil }
      if isKnown, Set(padded).count == 1 { result.padded = padded[0] }
    case .stack(let added):
      if let own = result.axis, added <= own { result.axis = own + 1 }
      if added <= result.batchAxis { result.batchAxis += 1 }
    case .dot: return nil
    }
    return result
  }

  private mutating func follow(
    _ attention: Attention, _ node: Model.Node, _ tracks: [Track], _ nothing: [Track]
  ) -> [Track] {
    let values = tracks[1...(attention.hasKey ? 2 : 1)]
    guard isPadded, tracks[0].axis == nil || tracks[0].axis == 1 else {
      return mixed(node, nothing)
    }
    var masks = node.inputs.dropFirst(attention.hasKey ? 3 : 2)
    if attention.hasQueryMask { masks = masks.dropFirst() }
    let isCovered = attention.hasValueMask && covers(masks.first)
    guard values.allSatisfy({ $0.axis == nil }) || isCovered,
      values.allSatisfy({ [nil, 1].contains($0.axis) && !$0.isReversed && $0.batchAxis == 0 })
    else { return mixed(node, nothing) }
    var result = Track(axis: tracks[0].axis)
    result.isReversed = tracks[0].isReversed
    return [result]
  }

  // MARK: words

  private mutating func mixed(_ node: Model.Node, _ nothing: [Track]) -> [Track] {
    refuse(node, reason(node.layer))
    return nothing
  }

  /// Why a layer's result of one timestep depends on others.
  private func reason(_ layer: Layer) -> String {
    switch layer {
    case .convolution: "its windows hold several timesteps, and it does not honour masks"
    case .pooling(let pooling):
      isPadded && pooling.window == nil && pooling.operation == .average
        ? "it averages all timesteps, and no mask reaches it" : "it puts several timesteps together"
    case .reshaping: "it gives the timesteps another place or another number"
    case .attention:
      isPadded
        ? "every timestep looks at all others, and no mask leaves out the padding"
        : "every timestep looks at all others"
    case .selection: "it takes the timestep at a place that depends on the length"
    case .merge: "it joins different timesteps"
    default: "it computes across timesteps"
    }
  }

  private var isPadded: Bool { question != .streamed }

  /// Whether padding stands at one end of a value.
  private func isPadded(at side: SequencePadding.Side, _ track: Track) -> Bool {
    guard case .padded(let own, _) = question else { return false }
    return (own == side) != track.isReversed
  }

  private func rank(_ node: Model.Node) -> Int? { node.inputs.first.flatMap { shapes[$0]?.count } }

  /// Whether the timesteps are on the axis along which the layer computes.
  private func isLast(_ track: Track, _ node: Model.Node) -> Bool {
    track.axis == rank(node).map { $0 - 1 }
  }

  private func isUsed(_ node: Model.Node, _ output: Int) -> Bool {
    used.contains(Model.Value(node.name, output))
  }
}

private let endsInZeros =
  "it puts out its last timestep, and zeros where that is masked (zero_output_for_mask)"

extension Recurrent {
  /// Whether the one timestep that is put out is padding, and so zeros.
  fileprivate func endsInZeros(paddedAt side: SequencePadding.Side) -> Bool {
    !returnsSequence && maskedOutput == .zero && (direction == .forward) == (side == .end)
  }
}

extension TimestepFlow.Track {
  /// The same timesteps with other numbers.
  fileprivate var changed: Self {
    var copy = self
    copy.padded = nil
    return copy
  }
}
