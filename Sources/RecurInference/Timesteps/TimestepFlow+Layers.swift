import RecurModel
import RecurTensors

// The effect of layers on the timesteps of their inputs; each kind answers in its file in
// `Reference/Layers`.
extension TimestepFlow {
  /// A node whose inputs have timesteps.
  struct Call {
    let node: Model.Node
    /// The track of each input.
    let tracks: [Track]
    /// The track of the first input with timesteps.
    let x: Track
  }

  /// The tracks of a node's outputs; a layer that prevents padding or streaming is reported.
  mutating func follow(_ node: Model.Node) -> [Track] {
    let tracks = node.inputs.map(track)
    let isFinal = (tracks + node.initialState.map(track)).contains(where: \.isFinal)
    let layer = node.layer.reference
    var whole = Track.whole
    whole.batchAxis = layer.batchAxis(tracks.first?.batchAxis ?? 0)
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
    let call = Call(node: node, tracks: tracks, x: x)
    return layer.follow(call, in: &self) ?? nothing
  }

  /// The name of the layer between the sequence and a node that does not pass on masks.
  private func maskless(_ node: Model.Node) -> String? {
    var (value, found): (Model.Value?, String?) = (node.inputs.first, nil)
    while let name = value?.node, let before = nodes[Name(name)] {
      if before.layer.reference.endsMask {
        found = "\(before.layer.title) '\(before.layerName)'"
      }
      value = before.inputs.first
    }
    return found
  }

  /// Reports a recurrent layer that receives no mask for the padding.
  mutating func refuseUnmasked(_ node: Model.Node) {
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

  /// Reports a recurrent layer that returns zeros at the padding.
  mutating func refuseZeros(_ node: Model.Node) {
    refuse(
      node, "it puts out its last timestep, and zeros where that is masked (zero_output_for_mask)")
  }

  /// Reports a layer whose result at one timestep depends on other timesteps.
  ///
  /// - Returns: nil, because nothing is known of the layer's outputs.
  mutating func mixed(
    _ node: Model.Node, _ reason: String = "it computes across timesteps"
  ) -> [Track]? {
    refuse(node, reason)
    return nil
  }

  /// What becomes of the timesteps in a layer that computes along axes of its input and keeps their order.
  ///
  /// - Parameters:
  ///   - call: the call of the layer.
  ///   - axes: the axes along which it computes.
  /// - Returns: the timesteps with changed numbers; nil, which is reported, when an axis is that of the
  ///   timesteps or of the batch.
  mutating func followed(_ call: Call, along axes: [Int]) -> [Track]? {
    call.x.isApart(from: axes) ? [call.x.changed] : mixed(call.node)
  }

  // MARK: questions of layers

  /// Whether the question is about padding.
  var isPadded: Bool { question != .streamed }

  /// Whether the padding of a value is at the given end.
  func isPadded(at side: SequencePadding.Side, _ track: Track) -> Bool {
    guard case .padded(let own, _) = question else { return false }
    return (own == side) != track.isReversed
  }

  /// The rank of a node's first input.
  func rank(_ node: Model.Node) -> Int? { node.inputs.first.flatMap { shapes[$0]?.count } }

  /// Whether the timesteps are on the last axis, along which the layer computes.
  func isLast(_ track: Track, _ node: Model.Node) -> Bool {
    track.axis == rank(node).map { $0 - 1 }
  }

  /// Whether some layer reads an output.
  func isUsed(_ node: Model.Node, _ output: Int) -> Bool {
    used.contains(Model.Value(node.name, output))
  }
}

extension TimestepFlow.Track {
  /// The same timesteps with changed numbers.
  var changed: Self {
    var copy = self
    copy.padded = nil
    return copy
  }

  /// Whether there are timesteps, and neither they nor the batch lie on one of the axes.
  func isApart(from axes: [Int]) -> Bool {
    axis != nil && !axes.contains { $0 == axis || $0 == batchAxis }
  }
}
