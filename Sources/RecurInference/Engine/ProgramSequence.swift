import RecurModel
import RecurTensors

/// The one sequence input of a program, for callers that pass plain numbers without shapes.
struct ProgramSequence: Sendable {
  /// The batch size and timestep count of a run.
  struct Size: Hashable, Sendable {
    let batch: Int
    let timesteps: Int
  }

  /// The index of the input.
  let input: Int
  /// The axis of the timesteps; nil for a model that takes one timestep per call.
  private let axis: Int?
  private let batchAxis: Int
  /// The extents of the input; nil for the batch, the timesteps, and unknown extents.
  private let extents: [Int?]

  /// - Parameters:
  ///   - name: the name of the input.
  ///   - track: the axes of the input's timesteps and batch.
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

  /// The shape of the input for this size.
  ///
  /// - Throws: `input.shape` when the model does not declare the width of a timestep, and for
  ///   several timesteps on a model that takes one per call.
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
