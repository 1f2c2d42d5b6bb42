/// Two recurrent layers over the same sequence, one from each end.
///
/// The backward output is reversed into the order of time before both outputs are merged. Outputs,
/// in order: the merged output, or both outputs if they are not merged; then, with `returnsState`,
/// the states of `forward` and the states of `backward`.
public struct Bidirectional: Sendable {
  /// The way in which the outputs of both directions are merged.
  public enum MergeMode: String, Sendable {
    /// Concatenated along the last axis, `[…, 2·units]`.
    case concatenate = "concat"
    /// The sum.
    case sum
    /// The product, element by element.
    case multiply = "mul"
    /// The mean.
    case average = "ave"
  }

  /// The layer that is called first; it usually reads the sequence forwards.
  public var forward: Recurrent
  /// The layer that reads the sequence from the other end.
  public var backward: Recurrent
  /// The way in which outputs are merged; nil means two separate outputs.
  public var mergeMode: MergeMode?

  /// Makes a layer of two recurrent layers.
  public init(forward: Recurrent, backward: Recurrent, mergeMode: MergeMode?) {
    self.forward = forward
    self.backward = backward
    self.mergeMode = mergeMode
  }

  /// The number of outputs before the states: 1, or 2 when the outputs are not merged.
  public var outputCount: Int { mergeMode == nil ? 2 : 1 }
  /// The widths of the states, the states of `forward` first.
  public var stateSizes: [Int] { forward.cell.stateSizes + backward.cell.stateSizes }
}

extension Bidirectional: RecurrentLayerKind {
  package var asLayer: Layer { .bidirectional(self) }
  package var title: String {
    forward.cell.title == backward.cell.title
      ? "Bidirectional(\(forward.cell.title))"
      : "Bidirectional(\(forward.cell.title), \(backward.cell.title))"
  }
  package var ports: LayerPorts {
    func states(_ direction: String, _ cell: RecurrentCell) -> [CellState] {
      cell.states.map { CellState(name: "\(direction).\($0.name)", size: $0.size) }
    }
    let all = states("forward", forward.cell) + states("backward", backward.cell)
    return LayerPorts(
      inputs: 1...1, outputs: outputCount + (forward.returnsState ? all.count : 0), states: all)
  }
  package var traits: LayerTraits {
    .batchFirst(inputWidth: forward.cell.inputSize)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try forward.cell.visitParameters(&visitor, suffix: ", forward,")
    try backward.cell.visitParameters(&visitor, suffix: ", backward,")
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    try demand(x, rank: 3, width: forward.cell.inputSize, "[batch, timesteps, %]")
    let one = forward.sequenceShape(x)
    let widths = forward.cell.units + backward.cell.units
    let merged: [[Dimension]] =
      switch mergeMode {
      case nil: [one, backward.sequenceShape(x)]
      case .concatenate: [one.dropLast() + [.fixed(widths)]]
      case .sum, .multiply, .average: [one]
      }
    return merged + (forward.returnsState ? stateSizes.map { [x[0], .fixed($0)] } : [])
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    let products = forward.cell.productCount + backward.cell.productCount
    return product([2, inputs[0][0], inputs[0][1], products])
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    guard mergeMode == .concatenate, let one = forward.cell.outputRange,
      let other = backward.cell.outputRange
    else { return nil }
    return FeatureRange(repeating: one, count: forward.cell.units)
      + FeatureRange(repeating: other, count: backward.cell.units)
  }

  package var recurrents: [Recurrent] {
    get { [forward, backward] }
    set {
      guard newValue.count == 2 else { return }
      (forward, backward) = (newValue[0], newValue[1])
    }
  }
}
