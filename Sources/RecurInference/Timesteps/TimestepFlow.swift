import RecurModel
public import RecurTensors

/// Follows the timesteps of a model's sequence through all values, and answers one of two
/// questions.
///
/// *Padded*: does a batch of padded sequences give the same outputs as each sequence alone?
/// *Streamed*: does a sequence in pieces give the same outputs as the whole sequence? Both require
/// that every layer treats timesteps separately or keeps its state; every other layer is reported
/// by name.
struct TimestepFlow {
  /// The question to answer.
  enum Question: Equatable {
    /// Whether padding at one end changes nothing. All elements of the padding have `value`; nil if
    /// they differ.
    case padded(SequencePadding.Side, value: Double?)
    /// Whether consecutive pieces of the sequence give the same outputs as the whole sequence.
    case streamed
  }

  /// The known facts about the timesteps of one value.
  struct Track: Equatable {
    /// The axis of the timesteps; nil for a value of the whole sequence, without timesteps.
    var axis: Int?
    /// The axis of the batch.
    var batchAxis = 0
    /// Whether the timesteps are in reverse order.
    var isReversed = false
    /// Streamed: whether the value is final only after the last piece.
    var isFinal = false
    /// Padded: the value of all elements of padded timesteps, if that is known.
    var padded: Double?
    /// Padded: whether timesteps padded at the end repeat the last unpadded timestep.
    var holdsLast = false

    /// A value without timesteps.
    static let whole = Track(axis: nil)
  }

  let question: Question
  /// The tracks of all values so far.
  private(set) var tracks: [Model.Value: Track] = [:]
  /// One finding for each layer that prevents padding or streaming.
  var findings: [Diagnostic] = []
  /// The recurrent nodes that read timesteps.
  var readers: Set<Name> = []
  let shapes: ModelShapes
  let nodes: [Name: Model.Node]
  /// The values that some layer reads as an input or a mask.
  let used: Set<Model.Value>
  /// The nodes that only compute what recurrent layers begin with.
  let beginnings: Set<Name>

  /// Follows the timesteps of the input `sequence`, and of its mask if there is one.
  init(_ model: Model, sequence: String, mask: String? = nil, _ question: Question) {
    self.question = question
    shapes = ModelShapes(model)
    nodes = Dictionary(
      model.nodes.map { (Name($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    used = Set(model.nodes.flatMap(\.operands))
    beginnings = model.beginnings
    for node in model.nodes {
      var results: [Track]
      if case .input(let input) = node.layer {
        let isMask = mask.map { Name($0) == Name(node.name) } ?? false
        let isSequence = Name(sequence) == Name(node.name)
        results = [
          isMask
            ? Track(axis: 1, padded: 0)
            : isSequence
              ? model.track(of: input, node.name) : Track(axis: nil, batchAxis: input.batchAxis)
        ]
        if isSequence, case .padded(_, let value) = question { results[0].padded = value }
      } else {
        results = follow(node)
      }
      for (index, track) in results.enumerated() {
        tracks[Model.Value(node.name, index)] = track
      }
    }
  }

  /// The track of a value.
  func track(_ value: Model.Value) -> Track { tracks[value] ?? .whole }

  /// Reports a layer that prevents padding or streaming.
  mutating func refuse(_ node: Model.Node, _ reason: String, facts: [Diagnostic.Fact] = []) {
    let title = "\(node.layer.title) '\(node.layerName)'"
    switch question {
    case .padded:
      findings.append(
        Diagnostic(
          .sequencePadding, .error,
          "\(title) would see the padding: results would differ from those of each sequence alone",
          at: node.location, reason: reason,
          remedies: [.runEachSequence, .countPadding], facts: facts))
    case .streamed:
      findings.append(
        Diagnostic(
          .sequenceStream, .error,
          "\(title) needs the whole sequence: pieces one after the other give other numbers",
          at: node.location, reason: reason,
          remedies: [.runWholeSequence], facts: facts))
    }
  }

  /// Reports a mask that a layer makes from the numbers and in which padding counts.
  mutating func refuseMask(_ node: Model.Node, value: Double, _ padded: Double?) {
    findings.append(
      Diagnostic(
        .inputMask, .error,
        "\(node.layer.title) '\(node.layerName)' makes its own mask, and it does not leave out the "
          + "padding", at: node.location,
        expected: "\(value) in every padded timestep",
        found: padded.map { "\($0)" } ?? "other numbers",
        reason: "a mask that is given ends at this layer: the numbers alone decide from here on",
        remedies: [.pad(with: value)]))
  }

  /// Whether `mask` masks the padding of a value whose timesteps are not reversed.
  func covers(_ mask: Model.Value?) -> Bool {
    guard let mask else { return false }
    let track = track(mask)
    return track.axis == 1 && track.batchAxis == 0 && track.padded == 0 && !track.isReversed
  }
}

extension Model {
  /// The axes of an input.
  ///
  /// The batch axis is declared. The timesteps are on the only free axis, or else on axis 1 of three
  /// axes (of two for tokens).
  func track(of input: Input, _ name: String) -> TimestepFlow.Track {
    .init(axis: timestepAxis(of: input, name), batchAxis: input.batchAxis)
  }

  /// The axis of an input's timesteps: the free one besides the batch, or else the one next to it.
  func timestepAxis(of input: Input, _ name: String) -> Int? {
    let free = input.shape.indices.filter { $0 != input.batchAxis && input.shape[$0] == nil }
    if free.isEmpty, input.shape.count < 3, !isTokens(Value(name)) { return nil }
    let axis = free.count == 1 ? free[0] : 1 - min(input.batchAxis, 1)
    return axis < input.shape.count ? axis : nil
  }

  /// Whether a value holds tokens.
  private func isTokens(_ value: Value) -> Bool {
    nodes.contains { node in
      guard node.inputs.first == value else { return false }
      if case .identity = node.layer { return isTokens(Value(node.name)) }
      return node.layer.traits.readsTokens
    }
  }
}

extension Diagnostic.Code {
  /// A padded batch would give other numbers than each sequence alone.
  public static let sequencePadding = Self(rawValue: "sequence.padding")
  /// Pieces of a sequence would give other numbers than the whole.
  public static let sequenceStream = Self(rawValue: "sequence.stream")
  /// A layer makes a mask of the numbers, and it counts padded timesteps.
  public static let inputMask = Self(rawValue: "input.mask")
}
