import RecurModel
import RecurTensors

extension Merge: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let rank = call.inputs.map(\.shape.count).max() ?? 0
    switch self {
    case .add: fold(&planner, call, rank) { $0 + $1 }
    case .subtract: fold(&planner, call, rank) { $0 - $1 }
    case .multiply: fold(&planner, call, rank) { $0 * $1 }
    case .average:
      fold(&planner, call, rank) { $0 + $1 }
      let (y, count) = (call.y.buffer, Float(call.inputs.count))
      planner.act { for index in y.indices { y[index] /= count } }
    case .maximum: fold(&planner, call, rank) { RecurInference.maximum($0, $1) }
    case .minimum: fold(&planner, call, rank) { RecurInference.minimum($0, $1) }
    case .concatenate(let axis): join(&planner, call, axis: axis < 0 ? axis + rank : axis)
    case .stack(let axis):
      var own = call
      own.inputs = call.inputs.map {
        $0.reshaped($0.shape[..<axis] + [1] + $0.shape[axis...])
      }
      join(&planner, own, axis: axis)
    case .dot(let axes, let isNormalized):
      planner.planDot(call, axes: axes, isNormalized: isNormalized)
    }
  }

  private func fold(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call, _ rank: Int,
    _ operation: @escaping @Sendable (Float, Float) -> Float
  ) {
    let y = call.y
    let inputs = call.inputs.map { $0.reshaped(Merge.aligned($0.shape, rank: rank, with: 1)) }
    planner.act {
      y.combine(inputs[0].buffer, of: inputs[0].shape) { $1 }
      for input in inputs.dropFirst() { y.combine(input.buffer, of: input.shape, operation) }
    }
  }

  private func join(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call, axis: Int
  ) {
    let (y, inputs) = (call.y.buffer, call.inputs)
    let outer = inputs[0].shape[..<axis].reduce(1, *)
    planner.act {
      var position = 0
      for index in 0..<outer {
        for input in inputs {
          let size = input.buffer.count / max(outer, 1)
          y.part(position, size).copy(input.buffer.part(index * size, size))
          position += size
        }
      }
    }
  }
}
