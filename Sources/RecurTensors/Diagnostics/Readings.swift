/// Answers to questions about a model that a file of weights leaves open; nil is not said.
public struct Readings: Hashable, Sendable {
  /// What of a sequence is read by the layers behind a recurrent layer.
  public enum Timesteps: Hashable, Sendable, CaseIterable {
    /// Every timestep.
    case all
    /// The last timestep.
    case last
    /// The first timestep.
    case first
    /// The mean of all timesteps.
    case mean
    /// The final hidden state, both directions side by side.
    case hidden
    /// The final cell state, both directions side by side.
    case cell
  }

  /// The function of a plain recurrent cell.
  public enum Nonlinearity: String, Hashable, Sendable, CaseIterable {
    /// The hyperbolic tangent.
    case tanh
    /// The rectified linear unit.
    case relu
  }

  /// What is read of the last recurrent layer by the layers behind it.
  public var timesteps: Timesteps?
  /// The function of plain recurrent cells.
  public var nonlinearity: Nonlinearity?
  /// The layers in the order of calls, by the keys of their weights.
  public var order: [String]?
  /// Whether inputs have the batch as their first axis, or the timesteps.
  package var isBatchFirst: Bool?

  /// Answers what is not nil.
  public init(
    timesteps: Timesteps? = nil, nonlinearity: Nonlinearity? = nil, order: [String]? = nil
  ) {
    self.timesteps = timesteps
    self.nonlinearity = nonlinearity
    self.order = order
  }

  /// Whether nothing is said.
  public var isEmpty: Bool { self == Readings() }

  /// Whether all that `other` says is said here as well.
  package func contains(_ other: Readings) -> Bool {
    (other.timesteps == nil || other.timesteps == timesteps)
      && (other.nonlinearity == nil || other.nonlinearity == nonlinearity)
      && (other.order == nil || other.order == order)
      && (other.isBatchFirst == nil || other.isBatchFirst == isBatchFirst)
  }

  /// The answers of both; those of `other` count where both have one.
  package func adding(_ other: Readings) -> Readings {
    var copy = self
    copy.timesteps = other.timesteps ?? timesteps
    copy.nonlinearity = other.nonlinearity ?? nonlinearity
    copy.order = other.order ?? order
    copy.isBatchFirst = other.isBatchFirst ?? isBatchFirst
    return copy
  }
}

extension Readings {
  /// The value as code of the library: `Readings(timesteps: .last)`.
  package var libraryText: String {
    let parts = [
      timesteps.map { "timesteps: .\($0)" }, nonlinearity.map { "nonlinearity: .\($0)" },
      order.map { "order: \($0)" },
    ]
    return "Readings(\(parts.compactMap { $0 }.joined(separator: ", ")))"
  }
}
