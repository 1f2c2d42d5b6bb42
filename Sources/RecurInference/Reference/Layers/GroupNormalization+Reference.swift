import RecurModel
import RecurTensors

extension GroupNormalization: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    // In layers of 16 bits, the weights keep their own type (keras/src/layers/normalization/
    // group_normalization.py, `autocast`).
    let gamma = gamma.map { Values<Scalar>($0).elements }
    let beta = beta.map { Values<Scalar>($0).elements }
    var y = call.x
    let (batch, size) = (y.shape[0], width / groups)
    let positions = y.elements.count / max(batch * width, 1)
    for sequence in 0..<batch {
      for group in 0..<groups {
        let members = (0..<positions).flatMap { position in
          let start = (sequence * positions + position) * width + group * size
          return start..<start + size
        }
        let count = Scalar(members.count)
        let mean = members.reduce(0) { $0 + y.elements[$1] } / count
        let variance =
          members.reduce(0) { sum, index in
            let distance = y.elements[index] - mean
            return sum + distance * distance
          } / count
        let scale = 1 / (variance + Scalar(epsilon)).squareRoot()
        for index in members {
          let factor = scale * (gamma?[index % width] ?? 1)
          y.elements[index] =
            y.elements[index] * factor + ((beta?[index % width] ?? 0) - mean * factor)
        }
      }
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.mixed(call.node, "it takes the moments of all timesteps, and does not honour masks")
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
