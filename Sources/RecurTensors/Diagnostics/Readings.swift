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

  /// A function without weights between two layers.
  public enum Between: String, Hashable, Sendable, CaseIterable {
    /// The rectified linear unit.
    case relu
    /// Nothing that changes a number: nothing at all, or a dropout.
    case none
    /// The hyperbolic tangent.
    case tanh
    /// The logistic function.
    case sigmoid
    /// The Gaussian error linear unit.
    case gelu
    /// The exponential linear unit.
    case elu
    /// The rectified linear unit that leaks 0.01 of what is negative.
    case leakyReLU = "leaky_relu"
    /// The sigmoid linear unit.
    case silu
  }

  /// What is read of the last recurrent layer by the layers behind it.
  public var timesteps: Timesteps?
  /// The function of plain recurrent cells.
  public var nonlinearity: Nonlinearity?
  /// The layers in the order of calls, by the keys of their weights.
  public var order: [String]?
  /// What is applied where weights leave room for a layer without any: one function for every such
  /// place, or one for each.
  public var between: [Between]?
  /// Whether inputs have the batch as their first axis, or the timesteps.
  package var isBatchFirst: Bool?

  /// Answers what is not nil.
  public init(
    timesteps: Timesteps? = nil, nonlinearity: Nonlinearity? = nil, order: [String]? = nil,
    between: [Between]? = nil
  ) {
    self.timesteps = timesteps
    self.nonlinearity = nonlinearity
    self.order = order
    self.between = between
  }

  /// Whether nothing is said.
  public var isEmpty: Bool { self == Readings() }

  /// Whether all that `other` says is said here as well.
  package func contains(_ other: Readings) -> Bool {
    (other.timesteps == nil || other.timesteps == timesteps)
      && (other.nonlinearity == nil || other.nonlinearity == nonlinearity)
      && (other.order == nil || other.order == order)
      && (other.between == nil || other.between == between)
      && (other.isBatchFirst == nil || other.isBatchFirst == isBatchFirst)
  }

  /// The answers of both; those of `other` count where both have one.
  package func adding(_ other: Readings) -> Readings {
    var copy = self
    copy.timesteps = other.timesteps ?? timesteps
    copy.nonlinearity = other.nonlinearity ?? nonlinearity
    copy.order = other.order ?? order
    copy.between = other.between ?? between
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
      between.map { "between: [\($0.map { ".\($0)" }.joined(separator: ", "))]" },
    ]
    return "Readings(\(parts.compactMap { $0 }.joined(separator: ", ")))"
  }
}
