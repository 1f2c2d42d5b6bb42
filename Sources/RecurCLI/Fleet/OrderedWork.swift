import RecurTensors

/// Work on the items of a stream, by several threads, whose results come in the order of the items.
///
/// A bounded number of items is under way, so memory does not depend on the length of the stream.
struct OrderedWork<Item: Sendable, Output: Sendable>: Sendable {
  private struct State: Sendable {
    var begun = 0
    var delivered = 0
    var isAtEnd = false
    var isStopped = false
    var failure: CheckpointError?
    var outputs: [Int: Output] = [:]
  }

  /// The number of threads that work.
  let threads: Int

  /// As much as a main thread has: readers of files recurse as deep on every thread.
  private static var stackSize: Int { 8 << 20 }

  /// Works on all items.
  ///
  /// - Parameters:
  ///   - next: takes the next item of the stream, nil at its end; one thread at a time calls it.
  ///   - work: works on one item.
  ///   - deliver: takes each result, in the order of the items, on the calling thread.
  /// - Throws: what `deliver` throws, and the error that ended the stream.
  func run(
    next: @escaping @Sendable () -> Result<Item?, CheckpointError>,
    work: @escaping @Sendable (Item) -> Output,
    deliver: (Output) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    guard threads > 1 else {
      while let item = try next().get() { try deliver(work(item)) }
      return
    }
    let state = Monitor(State())
    let turn = Monitor(())
    let window = 4 * threads
    let workers = (0..<threads).compactMap { _ in
      BackgroundWork(stackSize: Self.stackSize) {
        while let (index, item) = Self.take(next, turn, state, window) {
          let output = work(item)
          state.with { $0.outputs[index] = output }
        }
        return 0
      }
    }
    guard !workers.isEmpty else {
      while let item = try next().get() { try deliver(work(item)) }
      return
    }
    do throws(CheckpointError) {
      while let output = Self.nextOutput(state) { try deliver(output) }
    } catch {
      // A thread may wait for the stream for ever, so nobody waits for the thread.
      state.with { $0.isStopped = true }
      throw error
    }
    workers.forEach { $0.wait() }
    if let failure = state.with({ $0.failure }) { throw failure }
  }

  /// The next item and its number; nil when there is none, or nobody wants more.
  private static func take(
    _ next: () -> Result<Item?, CheckpointError>, _ turn: Monitor<Void>, _ state: Monitor<State>,
    _ window: Int
  ) -> (Int, Item)? {
    turn.with { _ in
      let goesOn = state.wait { state -> Bool? in
        if state.isStopped || state.isAtEnd { return false }
        return state.begun - state.delivered < window ? true : nil
      }
      guard goesOn else { return nil }
      let result = next()
      return state.with { state in
        switch result {
        case .success(let item?):
          state.begun += 1
          return (state.begun - 1, item)
        case .success(nil): break
        case .failure(let error): state.failure = error
        }
        state.isAtEnd = true
        return nil
      }
    }
  }

  /// The next result in order; nil after the last one.
  private static func nextOutput(_ state: Monitor<State>) -> Output? {
    state.wait { state -> Output?? in
      if let output = state.outputs.removeValue(forKey: state.delivered) {
        state.delivered += 1
        return .some(output)
      }
      return state.isAtEnd && state.delivered == state.begun ? .some(nil) : nil
    }
  }
}
