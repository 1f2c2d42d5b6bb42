import RecurModel
import RecurTensors

/// The numbers 0, 1, … up to a free extent, as `Range` gives them: all that they may do is be compared
/// with the lengths of sequences.
enum ONNXRange {
  private static let mark = "range"

  /// The numbers below an extent.
  static func value(_ extent: Dimension) -> GraphValue { .list([.text(mark), .size(extent)]) }

  /// The extent; nil for every other value.
  static func extent(_ value: GraphValue) -> Dimension? {
    guard let list = value.list, list.count == 2, list[0].text == mark else { return nil }
    return list[1].dimension
  }

  /// A value whose numbers the model computes, if it is a range or sizes.
  static func array(
    _ value: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let extent = extent(value) { return .computed(try builder.computed(.range(extent))) }
    return value.isSymbolic ? .computed(try builder.computed(value)) : value
  }

  /// The mask of the timesteps before lengths of the shape `[batch, 1]`, `[batch, timesteps]`; nil
  /// for other values.
  static func mask(
    _ range: GraphValue, below lengths: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue? {
    guard let timesteps = extent(range), case .computed = lengths,
      let shape = builder.shape(lengths), shape.count == 2, shape[1] == .fixed(1)
    else { return nil }
    let sequence = builder.nodes.lazy.map { Model.Value($0.name) }.first { value in
      builder.shape(.computed(value)).map { $0.prefix(2) == [shape[0], timesteps] } ?? false
    }
    guard let sequence else { return nil }
    let own = try builder.computed(builder.selected(lengths, axis: 1, 0))
    return .computed(try builder.add(.lengthMask(LengthMask()), [sequence, own])[0])
  }
}
