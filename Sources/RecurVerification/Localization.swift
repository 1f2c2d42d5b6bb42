import RecurTensors

/// Where an output begins to differ, and what that says.
public struct Localization: Hashable, Sendable {
  /// The first timestep that differs, of an output `[batch, timesteps, units]`; nil for other outputs.
  public var timestep: Int?
  /// The half of the features that differs, if the other one is right: 0 is the forward direction of a
  /// layer with two, 1 the backward one.
  public var half: Int?
  /// The units that differ, if they lie side by side and others are right.
  public var units: Range<Int>?
  /// The sequences of the batch that differ, if others are right.
  public var sequences: [Int]?
  /// Whether the difference dies out in the course of the sequence.
  public var fades = false
  /// The first layer whose recorded output differs, where the recording has outputs of layers.
  public var layer: String?

  /// What this says, a sentence each.
  public var sentences: [String] {
    var result: [String] = []
    if let layer { result.append("the first layer that differs is '\(layer)'") }
    switch timestep {
    case 0?:
      result.append(
        "wrong from the first timestep on: the kernel, a bias, an activation, the order of gates, the "
          + "direction or the initial state")
    case 1?:
      result.append(
        "right at the first timestep, wrong from the second on: the recurrent kernel, the forget gate or "
          + "what is carried on")
    case let timestep?:
      result.append(
        "right before timestep \(timestep): look at what the sequences hold there, such as padding")
    case nil: break
    }
    if fades { result.append("the difference dies out: the initial state, or the first timestep") }
    if let half {
      result.append(
        "only the \(half == 0 ? "first" : "second") half of the features differs: the "
          + "\(half == 0 ? "forward" : "backward") direction, if the layer has two")
    } else if let units {
      result.append(
        "only units \(units.lowerBound) to \(units.upperBound - 1) differ: a block of weights is "
          + "missing or in another place")
    }
    if let sequences {
      result.append(
        "only \(sequences.count == 1 ? "sequence" : "sequences") "
          + "\(sequences.map(String.init).joined(separator: ", ")) of the batch "
          + "\(sequences.count == 1 ? "differs" : "differ"): look at masks, lengths and padding")
    }
    return result
  }
}

extension Comparison {
  /// Where the output begins to differ; nil when it matches.
  public var localization: Localization? {
    guard !matches else { return nil }
    var place = Localization()
    func differs(_ error: Double) -> Bool { !(error <= tolerance.absolute) }
    if shape.count == 3 {
      place.timestep = timestepErrors.firstIndex(where: differs)
      if let first = timestepErrors.first, let last = timestepErrors.last, timestepErrors.count > 7
      {
        place.fades = differs(first) && last < first / 100
      }
    }
    if shape.count > 1 {
      let wrong = unitErrors.indices.filter { differs(unitErrors[$0]) }
      let half = unitErrors.count / 2
      if unitErrors.count % 2 == 0, half > 1, !wrong.isEmpty,
        wrong.allSatisfy({ $0 < half }) || wrong.allSatisfy({ $0 >= half })
      {
        place.half = wrong[0] < half ? 0 : 1
      }
      if let low = wrong.first, let high = wrong.last, wrong.count == high - low + 1,
        wrong.count < unitErrors.count, wrong.count > 1
      {
        place.units = low..<high + 1
      }
      let rows = sequenceErrors.indices.filter { differs(sequenceErrors[$0]) }
      if rows.count < sequenceErrors.count, !rows.isEmpty { place.sequences = rows }
    }
    return place
  }
}
