import RecurModel
import RecurTensors

/// The one input of a program that is a sequence, for callers who give nothing but numbers.
struct ProgramSequence: Sendable {
  /// How much of it a run is given.
  struct Size: Hashable, Sendable {
    let batch: Int
    let timesteps: Int
  }

  /// Which input it is.
  let input: Int
  /// Where its timesteps are counted; nil for a model that takes one per call.
  private let axis: Int?
  private let batchAxis: Int
  /// The extents; what is nil and neither batch nor timesteps is unknown.
  private let extents: [Int?]

  /// - Parameters:
  ///   - name: the input.
  ///   - track: where its timesteps are.
  ///   - model: the model.
  init?(_ name: String, _ track: TimestepFlow.Track, _ model: Model) {
    guard let position = model.inputs.firstIndex(where: { Name($0) == Name(name) }),
      case .input(let input) = model.node(name)?.layer
    else { return nil }
    self.input = position
    (axis, batchAxis) = (track.axis, track.batchAxis)
    var extents = input.shape
    if let last = extents.indices.last, extents[last] == nil, last != track.axis {
      extents[last] = InputUse(of: name, in: model).width
    }
    self.extents = extents
  }

  /// The shape of so much.
  ///
  /// - Throws: `input.shape` when the model does not say how wide a timestep is, and for several
  ///   timesteps of a model that takes one per call.
  func shape(_ size: Size) throws(CheckpointError) -> [Int] {
    var shape: [Int] = []
    for (position, extent) in extents.enumerated() {
      if position == batchAxis {
        shape.append(size.batch)
      } else if position == axis {
        shape.append(size.timesteps)
      } else if let extent {
        shape.append(extent)
      } else {
        throw CheckpointError(
          .inputShape, "the model does not say how wide axis \(position) of its input is",
          hint: "give the input as a tensor")
      }
    }
    guard axis != nil || size.timesteps == 1 else {
      throw CheckpointError(
        .inputShape, "the model takes one timestep per call", expected: "1",
        found: "\(size.timesteps)")
    }
    return shape
  }
}
