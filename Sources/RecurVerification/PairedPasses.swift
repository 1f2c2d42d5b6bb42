package import RecurInference
package import RecurModel
package import RecurTensors
import Synchronization

extension Model {
  /// The outputs of one call in Double and in Float, computed at the same time on two threads.
  ///
  /// Each pass runs on one thread from its first layer to its last, so the numbers are those of two
  /// passes after each other.
  ///
  /// - Parameters:
  ///   - inputs: as for ``Model/run(_:state:)``.
  ///   - state: the state of the pass in Double.
  ///   - floatState: the state of the pass in Float.
  /// - Returns: the outputs of both passes.
  /// - Throws: what ``Model/run(_:state:)`` throws; the error of the pass in Double comes first.
  package func runInDoubleAndFloat(
    _ inputs: [Tensor], state: inout RecurrentState, floatState: inout RecurrentState
  ) throws(CheckpointError) -> (double: [Tensor], float: [Tensor]) {
    let other = FloatPass(state: floatState)
    let model = self
    let work = BackgroundWork {
      other.run(model, inputs)
      return 0
    }
    let own = Result { () throws(CheckpointError) in try run(inputs, state: &state) }
    if let work { work.wait() } else { other.run(model, inputs) }
    let outputs = try own.get()
    let (rounded, after) = try other.results()
    floatState = after
    return (outputs, rounded)
  }
}

/// The pass in Float, which another thread may run.
private final class FloatPass: Sendable {
  private typealias Outcome = Result<([Tensor], RecurrentState), CheckpointError>

  private let state: RecurrentState
  private let outcome = Mutex<Outcome?>(nil)

  init(state: RecurrentState) { self.state = state }

  func run(_ model: Model, _ inputs: [Tensor]) {
    var state = state
    let result = Outcome { () throws(CheckpointError) in
      (try model.runInFloat(inputs, state: &state), state)
    }
    outcome.withLock { $0 = result }
  }

  /// - Precondition: the pass has run.
  func results() throws(CheckpointError) -> ([Tensor], RecurrentState) {
    guard let result = outcome.withLock({ $0 }) else { preconditionFailure("no pass has run") }
    return try result.get()
  }
}
