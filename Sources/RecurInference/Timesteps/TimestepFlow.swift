import RecurModel
package import RecurTensors

/// Where the timesteps of a model's sequence are in each of its values, and whether a question about
/// the sequence has the answer that users expect.
///
/// *Padded*: does a batch of padded sequences give what each gives alone? *Streamed*: does a sequence
/// in pieces give what it gives as a whole? Both need every layer to treat timesteps one by one, or to
/// carry on what it knows: everything else is reported by name.
struct TimestepFlow {
  /// What is asked.
  enum Question: Equatable {
    /// Whether padding at one end changes nothing; every padded element holds `value`, nil if they
    /// differ.
    case padded(SequencePadding.Side, value: Double?)
    /// Whether pieces of the sequence one after the other give the whole.
    case streamed
  }

  /// What is known of one value.
  struct Track: Equatable {
    /// The axis that counts the timesteps; nil when none does, and the value is that of the sequence.
    var axis: Int?
    /// The axis that counts the sequences.
    var batchAxis = 0
    /// Whether the timesteps stand in the opposite order.
    var isReversed = false
    /// Streamed: whether it is right only once the last piece was read.
    var isFinal = false
    /// Padded: what every element of every padded timestep holds, if that is known.
    var padded: Double?
    /// Padded: whether timesteps padded at the end repeat the last one that counts.
    var holdsLast = false

    /// No timesteps.
    static let whole = Track(axis: nil)
  }

  let question: Question
  /// What was found of every value.
  private(set) var tracks: [Model.Value: Track] = [:]
  /// The layers that stand in the way, by name.
  var findings: [Diagnostic] = []
  /// The recurrent nodes that read timesteps.
  var readers: Set<Name> = []
  let shapes: ModelShapes
  let nodes: [Name: Model.Node]
  /// The values that some layer reads, or uses as a mask.
  let used: Set<Model.Value>

  /// Follows the timesteps of `sequence`, an input, and of its mask if there is one.
  init(_ model: Model, sequence: String, mask: String? = nil, _ question: Question) {
    self.question = question
    shapes = ModelShapes(model)
    nodes = Dictionary(
      model.nodes.map { (Name($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    used = Set(model.nodes.flatMap(\.operands))
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

  /// What is known of a value.
  func track(_ value: Model.Value) -> Track { tracks[value] ?? .whole }

  /// Reports a layer that stands in the way.
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

  /// Reports a mask that a layer makes of the numbers and that counts padded timesteps.
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

  /// Whether `mask` leaves out the padding of a value whose timesteps stand in their own order.
  func covers(_ mask: Model.Value?) -> Bool {
    guard let mask else { return false }
    let track = track(mask)
    return track.axis == 1 && track.batchAxis == 0 && track.padded == 0 && !track.isReversed
  }
}

extension Model {
  /// The axes of an input: the batch where it says, the timesteps where its extent is free, or else on
  /// the second axis of three, or of two for tokens.
  func track(of input: Input, _ name: String) -> TimestepFlow.Track {
    let free = input.shape.indices.filter { $0 != input.batchAxis && input.shape[$0] == nil }
    var axis: Int? = free.count == 1 ? free[0] : 1 - min(input.batchAxis, 1)
    if free.isEmpty, input.shape.count < 3, !isTokens(Value(name)) { axis = nil }
    return .init(
      axis: axis.flatMap { $0 < input.shape.count ? $0 : nil }, batchAxis: input.batchAxis)
  }

  /// Whether a value is tokens.
  private func isTokens(_ value: Value) -> Bool {
    nodes.contains { node in
      guard node.inputs.first == value else { return false }
      if case .identity = node.layer { return isTokens(Value(node.name)) }
      return node.layer.traits.readsTokens
    }
  }
}

extension Diagnostic.Code {
  package static let sequencePadding = Self(rawValue: "sequence.padding")
  package static let sequenceStream = Self(rawValue: "sequence.stream")
  package static let inputMask = Self(rawValue: "input.mask")
}
